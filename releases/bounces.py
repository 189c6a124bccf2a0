"""Mail that comes back: an address for each mail, and what the servers report to it.

The address carries a secret, so that nobody can tell of a mail that it came back who has only seen
the mail in an archive.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from email.message import Message as Mime
from email.parser import BytesParser
from email.policy import compat32
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from releases.letter import LONGEST_HEADER, MOST_BYTES
from releases.models import Delivery, Message
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

_TOKEN = re.compile(r"\+(\d{1,18})-([0-9a-f]{20})@")
LARGEST = MOST_BYTES  # of a report that are read: what failed stands before the mail itself
MOST_FAILURES = 1_000  # of one report


def address_of(message: Message) -> str:
    """Where the servers of this mail send it back to; empty where nobody listens."""
    if not settings.BOUNCE_ADDRESS or message.pk is None:
        return ""
    local, _, domain = settings.BOUNCE_ADDRESS.partition("@")
    return f"{local}+{message.pk}-{_secret(message.pk)}@{domain}"


def take(content: bytes) -> int:
    """Read a report of the servers (RFC 3464), and write down who did not get which mail.

    Returns how many recipients it speaks of that are ours and were not known to have failed;
    0 for whatever is no report of one of our mails. Taking it twice changes nothing. Anybody can
    send one: whatever the bytes are, nothing is raised for them.
    """
    content = content[:LARGEST]
    message = _message_of(BytesParser(policy=compat32).parsebytes(content, headersonly=True))
    if message is None:
        return 0
    try:
        report = BytesParser(policy=compat32).parsebytes(content)
        failures = list(islice(_failures(report), MOST_FAILURES))
    except (RecursionError, ValueError, LookupError, AssertionError):
        return 0  # nested or broken beyond the parser's means
    return sum(_record(message, to, said) for to, said in failures)


def _message_of(report: Mime) -> Message | None:
    """The mail whose address the report was sent to, if it knows that address's secret."""
    for name in ("Delivered-To", "X-Original-To", "To"):
        for value in _headers(report, name):
            found = _TOKEN.search(value)
            if found and hmac.compare_digest(_secret(int(found[1])), found[2]):
                return Message.objects.select_related("release").filter(pk=int(found[1])).first()
    return None


def _failures(report: Mime) -> Iterator[tuple[str, str]]:
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks: Any = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if _first(block, "Action").lower() == "failed":
                to = _first(block, "Original-Recipient", "Final-Recipient")
                said = _first(block, "Diagnostic-Code", "Status") or "no reason was given"
                yield to.rpartition(";")[2].strip().lower(), clean(said, 500)


def _first(block: Mime, *names: str) -> str:
    """The first of these headers that says something, on one line."""
    found = (" ".join(value.split()) for name in names for value in _headers(block, name))
    return next(filter(None, found), "")


def _headers(part: Mime, name: str) -> Iterator[str]:
    """As they came, cut. Python's readers of addresses take for ever over some, or fail."""
    for key, value in part.raw_items():
        if key.lower() == name.lower():
            yield clean(str(value), LONGEST_HEADER)


def _record(message: Message, address: str, said: str) -> bool:
    with transaction.atomic():
        mine = message.deliveries.filter(address__iexact=address)
        changed = mine.exclude(state=Delivery.State.BOUNCED).update(
            state=Delivery.State.BOUNCED, said=said, since=now()
        )
        if changed:
            Event.objects.record(
                Tag.MAIL_BOUNCED,
                by=None,
                subject=message.release,
                release=message.release,
                subject_line=message.subject,
                message_id=message.message_id,
                address=address,
            )
    return bool(changed)


def _secret(pk: int) -> str:
    made = hmac.new(settings.SECRET_KEY.encode(), f"bounce:{pk}".encode(), hashlib.sha256)
    return made.hexdigest()[:20]
