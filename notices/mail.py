"""Notices by mail: one at once, or a day's in one; each can be stopped with one click."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import now

from notices.kinds import How, Kind
from notices.models import Notice
from projects.models import User
from releases.mail import usable
from releases.texts import absolute
from trusted_releases.ledger.jobs import RunningJob
from trusted_releases.lib.mail import id_of
from trusted_releases.lib.smtp import FlowedMail

SALT = "notices.unsubscribe"
DIGEST = "digest"


def link_to_stop(person: User, what: str) -> str:
    """An address that stops mails of this kind, or the digest, without a log-in."""
    token = signing.dumps([person.pk, what], salt=SALT)
    return absolute(reverse("notices:stop", args=[token]))


def read_link(token: str) -> tuple[User, str] | None:
    """Whose mails the address stops, and which; None for an address that nobody has made."""
    try:
        key, what = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = User.objects.filter(pk=key).first()
    return (person, what) if person and what in {*Kind.values, DIGEST} else None


def send_one(pk: int, running: RunningJob) -> dict[str, Any]:
    """Mail a notice at once, unless that was done, or its person may not see it any more."""
    notice = Notice.objects.select_related("person").filter(pk=pk).first()
    if notice is None or notice.mailed_at is not None or not notice.is_visible():
        return {"nobody": "It is gone, was mailed, or is not theirs to see any more."}
    if notice.how != How.MAIL:
        return {"nobody": "Its person has stopped such mails since."}
    if not usable(notice.person.email):
        return {"nobody": "The account has no mail address."}
    stop = link_to_stop(notice.person, notice.kind)
    facts = {"text": notice.text, "url": absolute(notice.url), "stop": stop}
    body = render_to_string("mail/notice.txt", {**facts, **_common(notice)})
    _send(running, [notice], notice.text, body, stop, f"notice-{notice.pk}")
    return {"sent": 1}


def send_digest(person: User, running: RunningJob) -> dict[str, Any]:
    """Mail what has come together for a person: only what they may still see."""
    waiting = Notice.objects.filter(person=person).to_mail(How.DIGEST).select_related("person")
    notices = list(waiting.order_by("pk")[:200])
    shown = Notice.objects.shown_to(person).filter(pk__in=[each.pk for each in notices])
    seen = set(shown.values_list("pk", flat=True))
    told = [each for each in notices if each.pk in seen]
    if not told or not person.is_active or not usable(person.email):
        Notice.objects.filter(pk__in=[each.pk for each in notices]).update(mailed_at=now())
        return {"sent": 0}
    stop = link_to_stop(person, DIGEST)
    rows = [{"text": each.text, "url": absolute(each.url), "at": each.created_at} for each in told]
    body = render_to_string("mail/digest.txt", {"rows": rows, "stop": stop, **_common(told[0])})
    subject = f"{len(told)} notice{'s' if len(told) > 1 else ''} of {settings.SITE_NAME}"
    _send(running, notices, subject, body, stop, f"digest-{person.pk}-{notices[-1].pk}")
    return {"sent": len(told)}


def _common(notice: Notice) -> dict[str, str]:
    return {
        "name": notice.person.get_full_name(),
        "preferences": absolute(reverse("notices:preferences")),
        "site": settings.SITE_NAME,
    }


def _send(
    running: RunningJob, notices: list[Notice], subject: str, body: str, stop: str, name: str
) -> None:
    """Send it to the person of these notices, and write down that they have it."""
    if not running.still_mine():
        return
    FlowedMail(
        f"[{settings.SITE_NAME}] {subject}"[:250],
        body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[notices[0].person.email],
        headers={
            "Message-ID": id_of(name),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    ).send()
    with running.holding():
        Notice.objects.filter(pk__in=[each.pk for each in notices]).update(mailed_at=now())
