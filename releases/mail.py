"""Mail that follows from events: made once, threaded, sent by a worker."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from email.header import Header
from email.message import Message as Mime
from email.utils import formataddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.timezone import now

from projects.models import Recipients, User
from projects.models.recipients import check_address
from releases import bounces, sending, texts
from releases.models import Ballot, Message, Release, Vote
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.jobs import RunningJob
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.mail import message_id
from trusted_releases.lib.smtp import FlowedMail

LONGEST_WORD = 75  # characters of an encoded word (RFC 2047)
RESULTS = (Tag.VOTE_PASSED, Tag.VOTE_FAILED, Tag.VOTE_CANCELLED, Tag.ROUNDS_PASSED)


def send_for(event: Event, running: RunningJob) -> dict[str, Any]:
    """Send the mail of this event to everybody who has not got it."""
    message = _message_for(event)
    if message is None:
        return {"gone": "There is no mail to send: the release is gone, or people write its mails."}
    mine = sending.send(message, as_email(message), running)
    return {"message_id" if mine else "taken_over": message.message_id}


def _message_for(event: Event) -> Message | None:
    """The event's mail as a row: made at the first call, the same at every later one."""
    known = Message.objects.select_related("release").filter(event=event.pk).first()
    if known is not None:
        if known.sent_at is None:  # made before there was a row for each recipient
            known.expect()
        return known
    release = Release.objects.filter(pk=event.release).first()
    content = _content(event, release) if release else None
    if release is None or content is None:
        return None
    with transaction.atomic():
        made, _ = Message.objects.get_or_create(
            event=event.pk,
            defaults={"release": release, "message_id": message_id(event.pk), **content},
        )
        made.expect()
    return made


def _content(event: Event, release: Release) -> dict[str, Any] | None:
    """What the mail of this event says, to whom, and in reply to what."""
    sender = User.objects.filter(username=event.actor).first()
    if event.tag == Tag.RELEASE_ANNOUNCED:
        facts = event.facts
        parts = _parts(facts["mail_subject"], facts["mail_body"], release.rules.announce_mail)
        return {**_from(sender), **parts}
    vote = release.votes.filter(number=event.facts["vote"]).first()
    if vote is None or vote.is_counted_elsewhere:  # then people write its mails themselves
        return None
    # The thread of a podling's first round is told how the second has ended.
    thread = vote.first_round or vote if event.tag == Tag.ROUNDS_PASSED else vote
    common = _from(sender, thread.mail_to)
    if event.tag == Tag.VOTE_CALLED:
        return {**common, **_parts(vote.subject, vote.body, vote.mail_to)}
    return {**common, "in_reply_to": call_of(thread), **_reply(event, vote, thread.mail_to)}


def _reply(event: Event, vote: Vote, to: Recipients) -> dict[str, Any]:
    if event.tag in RESULTS:
        return _parts(*texts.result_mail(vote), to)
    ballot = Ballot.objects.select_related("voter", "vote__release").get(pk=event.key)
    if mine := usable(ballot.voter.email):
        to = replace(to, to=(*to.to, mine)).once()
    return _parts(*texts.ballot_mail(ballot), to)


def _from(sender: User | None, thread: Recipients | None = None) -> dict[str, str]:
    """In whose name, and to whom answers go: in the thread of a vote to its list, where they
    count; else to the person."""
    told = thread.to[0] if thread and thread.to else sender.email if sender else ""
    return {
        "sender": sender.username if sender else "",
        # A name is one line, whatever the identity provider said.
        "sender_name": clean(" ".join(sender.get_full_name().split()), 150) if sender else "",
        "reply_to": usable(told),
    }


def usable(address: str) -> str:
    """The address, or nothing where it is none: accounts come from elsewhere."""
    try:
        check_address(address)
    except ValidationError:
        return ""
    return address


def preview(by: User, subject: str, body: str, to: Recipients, *, thread: bool) -> FlowedMail:
    """The mail that an act of this person would send: the very one, but for its Message-ID.

    Who acts in the name of somebody is the sender, here as there. `thread`: it is part of a vote.
    """
    sender = by.acted_by or by
    return as_email(Message(**_from(sender, to if thread else None), **_parts(subject, body, to)))


def _parts(subject: str, body: str, to: Recipients) -> dict[str, Any]:
    return {
        "subject": subject,
        "body": body,
        "recipients": list(to.to),
        "cc": list(to.cc),
        "bcc": list(to.bcc),
    }


def call_of(vote: Vote) -> str:
    """The Message-ID of the mail that called the vote, whether it has gone out yet or not."""
    calls = Event.objects.filter(tag=Tag.VOTE_CALLED, release=str(vote.release_id))
    call = next((each for each in calls if each.facts.get("vote") == vote.number), None)
    if call is None:
        return ""
    # The secret that Message-IDs are made with may have been changed since.
    made = Message.objects.filter(event=call.pk).values_list("message_id", flat=True).first()
    return made or message_id(call.pk)


def as_email(message: Message) -> FlowedMail:
    """The row as a mail, ready to be sent. Blind copies are for the envelope, and not in it."""
    headers = {"Message-ID": message.message_id}
    if message.in_reply_to:
        headers |= {"In-Reply-To": message.in_reply_to, "References": message.in_reply_to}
    name = f"{message.sender_name} via {settings.SITE_NAME}".removeprefix(" via ")
    mail = FlowedMail(
        message.subject,
        message.body,
        from_email=_named(name, settings.DEFAULT_FROM_EMAIL),
        to=message.recipients,
        cc=message.cc,
        bcc=message.bcc,
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=headers,
    )
    mail.bounce_to = bounces.address_of(message)
    return mail


def _named(name: str, address: str) -> str:
    """Who writes, in ASCII. Of a name in other letters `formataddr` makes one encoded word, however
    long; what folds the line breaks it between words only."""
    if name.isascii():
        return formataddr((name, address))
    return f"{Header(name, 'utf-8', LONGEST_WORD).encode(linesep='')} <{address}>"


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
