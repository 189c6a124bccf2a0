"""Mail about what lets somebody in: an owner who did not do it hears of it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import now

from keys.care import care_for
from keys.models import AccessToken, Certificate, KeysFile
from keys.reminders import wants_mail
from projects.models import Committee, User
from projects.roles import roles_granting
from trusted_releases.ledger.jobs import RunningJob
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.mail import message_id
from trusted_releases.lib.smtp import FlowedMail

SUBJECTS = {
    Tag.TOKEN_MADE: "A new access token for your account",
    Tag.TOKEN_REVOKED: "An access token of your account has been revoked",
    Tag.KEYS_SYNC_FAILED: "A KEYS file could not be imported",
    Tag.SSH_KEY_ADDED: "A new SSH key for your account",
    Tag.KEY_EXPIRES: "A key that signs releases is about to expire",
}


def send_for(event: Event, running: RunningJob) -> dict[str, Any]:
    """Tell the owner what became of a token, once; of a machine's, whoever made it."""
    if event.facts.get("together"):  # with all else that let them in, by a security officer
        return {"together": "Whoever revoked all of it talks to the owner."}
    token = AccessToken.objects.select_related("owner", "made_by").get(pk=event.key)
    person = token.made_by if token.is_system else token.owner
    if person is None or not person.email:
        return {"nobody": f"{token.owner} has no mail address."}
    return _send_once(event, running, token, lambda: _of_token(event, token, person.email))


def send_ssh_key_added(event: Event, running: RunningJob) -> dict[str, Any]:
    """Tell the owner of an SSH key that there is one more, once."""
    person = User.objects.get(username=event.facts["person"])
    if not person.email:
        return {"nobody": f"{person} has no mail address."}
    facts = {"person": person, "key": event.facts}
    return _send_once(
        event,
        running,
        person,
        lambda: _mail(event, "mail/ssh_key.txt", person.email, "keys:credentials", facts),
    )


def send_expiry(event: Event, running: RunningJob) -> dict[str, Any]:
    """Tell somebody that a key signs for some days only, once; unless it has been prolonged."""
    key = Certificate.objects.select_related("owner").get(pk=event.key)
    person = User.objects.get(username=event.facts["person"])
    if not person.email or not wants_mail(person):
        return {"nobody": f"{person} has no mail address, or wants no such mail."}
    advice = {each.code: each for each in care_for(key, now())}
    due = advice.get("expiring") or advice.get("expired")
    if due is None:
        return {"settled": f"{key} has been prolonged or revoked since."}
    facts = {
        "person": person,
        "key": key,
        "advice": due,
        "committees": list(key.committees.order_by("slug")),
        "days": event.facts["days"],
        "page": settings.SITE_URL + key.get_absolute_url(),
    }
    return _send_once(
        event,
        running,
        key,
        lambda: _mail(event, "mail/key_expires.txt", person.email, "keys:credentials", facts),
    )


def send_sync_failed(event: Event, running: RunningJob) -> dict[str, Any]:
    """Tell those who manage the committee's keys that its KEYS file could not be imported, once."""
    committee = Committee.objects.get(pk=event.key)
    addresses = _managers(committee)
    if not addresses:
        return {"nobody": f"Nobody who manages the keys of {committee} has a mail address."}
    return _send_once(event, running, committee, lambda: _of_sync(event, committee, addresses))


def _managers(committee: Committee) -> list[str]:
    roles = roles_granting("keys.manage_keys")
    rows = committee.memberships.filter(role__in=roles, user__is_active=True)
    found = rows.exclude(user__email="").values_list("user__email", flat=True)
    return sorted(set(found))


def _of_sync(event: Event, committee: Committee, to: list[str]) -> EmailMessage:
    page = reverse("keys:committee", args=[committee.slug])
    facts = {"committee": committee, "file": KeysFile.objects.of(committee)}
    made = _mail(event, "mail/keys_sync.txt", to[0], page, facts)
    made.to, made.bcc = [], to  # they need not learn each other's addresses
    return made


def _send_once(
    event: Event, running: RunningJob, subject: models.Model, make: Callable[[], EmailMessage]
) -> dict[str, Any]:
    sent = Event.objects.about(subject).filter(tag=Tag.MAIL_SENT, facts__event=event.pk)
    if sent.exists():
        return {"already": message_id(event.pk)}
    if not running.still_mine():
        return {"taken_over": message_id(event.pk)}
    mail = make()
    mail.send()
    with running.holding():
        Event.objects.record(
            Tag.MAIL_SENT,
            by=None,
            subject=subject,
            subject_line=mail.subject,
            message_id=message_id(event.pk),
            recipients=1,
            event=event.pk,
        )
    return {"message_id": message_id(event.pk)}


def _of_token(event: Event, token: AccessToken, to: str) -> EmailMessage:
    facts = {"token": token, "made": event.tag == Tag.TOKEN_MADE}
    return _mail(event, "mail/token.txt", to, "keys:credentials", facts)


def _mail(event: Event, template: str, to: str, page: str, facts: dict[str, Any]) -> EmailMessage:
    common = {
        "event": event,
        "site_name": settings.SITE_NAME,
        "url": settings.SITE_URL + (page if page.startswith("/") else reverse(page)),
    }
    return FlowedMail(
        f"[{settings.SITE_NAME}] {SUBJECTS[Tag(event.tag)]}",
        render_to_string(template, common | facts),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        headers={"Message-ID": message_id(event.pk)},
    )
