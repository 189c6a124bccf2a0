"""Mail that follows from events: made once, threaded, sent by a worker."""

import hashlib
import hmac
from collections.abc import Sequence
from email.message import Message as Mime
from email.utils import formataddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.timezone import now

from projects.models import User
from releases import texts
from releases.models import Ballot, Message, Release, Vote
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.jobs import RunningJob
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

RESULTS = (Tag.VOTE_PASSED, Tag.VOTE_FAILED, Tag.VOTE_CANCELLED)


def send_for(event: Event, running: RunningJob) -> dict[str, Any]:
    """Send the mail of this event unless it has been sent."""
    message = _message_for(event)
    if message is None:
        return {"gone": "The release was deleted before the mail went out."}
    if message.sent_at is None:
        if not running.still_mine():
            return {"taken_over": message.message_id}
        _deliver(message)
        with running.holding():
            # A draft may have been deleted meanwhile, and its messages with it: the event stays.
            Message.objects.filter(pk=message.pk).update(sent_at=now())
            Event.objects.record(
                Tag.MAIL_SENT,
                by=None,
                subject=message.release,
                release=message.release,
                subject_line=message.subject,
                message_id=message.message_id,
                recipients=len(message.recipients),
            )
    return {"message_id": message.message_id}


def message_id(event_pk: int) -> str:
    """The Message-ID that this event's mail has, always. Nobody outside can guess it."""
    secret = hmac.new(
        settings.SECRET_KEY.encode(), f"message-id:{event_pk}".encode(), hashlib.sha256
    )
    return f"<event-{event_pk}-{secret.hexdigest()[:16]}@{settings.MAIL_DOMAIN}>"


def _message_for(event: Event) -> Message | None:
    """The event's mail as a row: made at the first call, the same at every later one."""
    known = Message.objects.select_related("release").filter(event=event.pk).first()
    if known is not None:
        return known
    release = Release.objects.filter(pk=event.release).first()
    content = _content(event, release) if release else None
    if release is None or content is None:
        return None
    made, _ = Message.objects.get_or_create(
        event=event.pk,
        defaults={"release": release, "message_id": message_id(event.pk), **content},
    )
    return made


def _content(event: Event, release: Release) -> dict[str, Any] | None:
    """What the mail of this event says, to whom, and in reply to what."""
    sender = User.objects.filter(username=event.actor).first()
    common = {
        # A name is one line, whatever the identity provider said.
        "sender_name": clean(" ".join(sender.get_full_name().split()), 150) if sender else "",
        "reply_to": sender.email if sender else "",
    }
    if event.tag == Tag.RELEASE_ANNOUNCED:
        to = release.project.rules.announce_to
        facts = event.facts
        return {**common, **_parts(facts["mail_subject"], facts["mail_body"], to)}
    vote = release.votes.filter(number=event.facts["vote"]).first()
    if vote is None:
        return None
    to = release.project.rules.vote_to
    if event.tag == Tag.VOTE_CALLED:
        return {**common, **_parts(vote.subject, vote.body, to)}
    return {**common, "in_reply_to": _call_of(vote), **_reply(event, vote, to)}


def _reply(event: Event, vote: Vote, to: tuple[str, ...]) -> dict[str, Any]:
    if event.tag in RESULTS:
        return _parts(*texts.result_mail(vote), to)
    ballot = Ballot.objects.select_related("voter", "vote__release").get(pk=event.key)
    receipt = (*to, ballot.voter.email) if ballot.voter.email else to
    return _parts(*texts.ballot_mail(ballot), receipt)


def _parts(subject: str, body: str, to: tuple[str, ...]) -> dict[str, Any]:
    return {"subject": subject, "body": body, "recipients": list(dict.fromkeys(to))}


def _call_of(vote: Vote) -> str:
    """The Message-ID of the mail that called the vote, whether it has gone out yet or not."""
    calls = Event.objects.filter(tag=Tag.VOTE_CALLED, release=str(vote.release_id))
    call = next((each for each in calls if each.facts.get("vote") == vote.number), None)
    if call is None:
        return ""
    # The secret that Message-IDs are made with may have been changed since.
    made = Message.objects.filter(event=call.pk).values_list("message_id", flat=True).first()
    return made or message_id(call.pk)


def _deliver(message: Message) -> None:
    headers = {"Message-ID": message.message_id}
    if message.in_reply_to:
        headers |= {"In-Reply-To": message.in_reply_to, "References": message.in_reply_to}
    name = f"{message.sender_name} via {settings.SITE_NAME}".removeprefix(" via ")
    EmailMessage(
        message.subject,
        message.body,
        from_email=formataddr((name, settings.DEFAULT_FROM_EMAIL)),
        to=message.recipients,
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=headers,
    ).send()


class Mailbox(BaseEmailBackend):
    """Mail for a demo: kept as files that the mailbox page shows; nothing leaves the machine."""

    @staticmethod
    def directory() -> Path:
        return Path(settings.DATA_DIR) / "mailbox"

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        directory = self.directory()
        directory.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            mime: Mime = message.message()
            stamp = now().strftime("%Y%m%dT%H%M%S.%f")
            name = hashlib.sha256(str(mime["Message-ID"]).encode()).hexdigest()[:12]
            arriving = directory / f".{stamp}-{name}"
            arriving.write_bytes(mime.as_bytes())
            arriving.rename(directory / f"{stamp}-{name}.eml")
        return len(email_messages)
