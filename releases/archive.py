"""Reads a thread from the archive of a mailing list, by the interface of Pony Mail.

The archive tells which mails belong to the thread; each is then fetched as it was sent. What the
archive says is not believed: identifiers have a grammar, and everything has a limit.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from releases.thread import MOST_MAILS, Mail, TooMany
from trusted_releases.lib.outbound import Service, Unusable

POOL = 4  # mails under way at a time
MOST_TREE = 32 << 20  # bytes of what the archive says of a thread
MOST_MAIL = 8 << 20  # bytes of one mail; of larger ones the rest is never looked at, but it comes
TOTAL = 256 << 20  # bytes of all answers
AT_ONCE = 100  # mails that are held while they arrive

_ID = re.compile(r"[A-Za-z0-9]{8,64}\Z")


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail as the archive lists it: under which name, and when it came."""

    ident: str
    at: datetime | None


class NoThread(Exception):
    """The archive knows no such thread, or not yet."""


def thread_of(service: Service, message_id: str) -> list[Listed]:
    """The mails of the thread that this Message-ID, or name in the archive, belongs to.

    Raises NoThread, TooMany, and the Unreachable and Unusable of `lib.outbound`.
    """
    found = service.ask(f"/api/thread.lua?id={quote(message_id, safe='')}", most=MOST_TREE)
    if not isinstance(found, dict) or not isinstance(found.get("thread"), dict):
        raise NoThread
    listed: dict[str, Listed] = {}
    for each in _documents(found):
        one = _listed(each)
        if one is not None:
            listed.setdefault(one.ident, one)
        if len(listed) > MOST_MAILS:
            raise TooMany(f"The thread has more than {MOST_MAILS:,} mails.")
    if not listed:
        raise NoThread
    return list(listed.values())


def mails_of(service: Service, listed: list[Listed], link: str) -> Iterator[Mail]:
    """The mails themselves, as they were sent. `link` is what their names are put behind.

    A mail that the archive lists and does not give out ends it: a count with holes is no count.
    """

    def fetched(one: Listed) -> Mail:
        raw = service.fetch(f"/api/source.lua?id={one.ident}", most=MOST_MAIL)
        if raw is None:
            raise Unusable(f"it lists the mail {one.ident} and does not have it")
        return Mail(raw, f"{link}{one.ident}", one.at)

    with ThreadPoolExecutor(POOL) as pool:
        for begin in range(0, len(listed), AT_ONCE):
            yield from pool.map(fetched, listed[begin : begin + AT_ONCE])


def _documents(found: dict[str, Any]) -> Iterator[Any]:
    """Everything that the answer says of mails: a flat list, a tree, or both."""
    emails = found.get("emails")
    yield from emails if isinstance(emails, list) else []
    waiting: list[Any] = [found["thread"]]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            children = one.get("children")
            waiting += children if isinstance(children, list) else []


def _listed(one: Any) -> Listed | None:
    if not isinstance(one, dict):
        return None
    names = (one.get(name) for name in ("id", "mid", "tid"))
    ident = next((each for each in names if isinstance(each, str) and _ID.match(each)), "")
    return Listed(ident, _time(one.get("epoch"))) if ident else None


def _time(epoch: Any) -> datetime | None:
    if isinstance(epoch, bool) or not isinstance(epoch, int | float):
        return None
    try:
        return datetime.fromtimestamp(epoch, UTC)
    except (ValueError, OverflowError, OSError):
        return None
