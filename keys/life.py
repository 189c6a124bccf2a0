"""The life of a key in words: made, added, revoked, expired; and the same of its parts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from keys.models import Certificate, FormerLink, KeyLink, PublicKey


@dataclass(frozen=True)
class Step:
    """One thing that happened to a key, or is going to."""

    at: datetime
    text: str
    bad: bool = False


def life_of(
    key: Certificate,
    at: datetime,
    *,
    parts: Iterable[PublicKey] = (),
    links: Iterable[KeyLink] = (),
    former: Iterable[FormerLink] = (),
) -> list[Step]:
    """What happened to the key and what will, in order of time; `at` is now.

    `parts` are its keys, `links` and `former` the KEYS files it stands and stood in.
    """
    found = [
        *_steps(key, at),
        *_of_parts(parts, at),
        *_of_identities(key),
        *_of_links(links, former),
    ]
    return sorted(found, key=lambda step: step.at)


def _steps(key: Certificate, at: datetime) -> Iterator[Step]:
    yield Step(key.created_at, "Made by its owner")
    if key.added_at:
        yield Step(key.added_at, "Added to this platform")
    if key.revoked and key.revoked_at:
        why = f": {key.revocation_reason}" if key.revocation_reason else ""
        yield Step(key.revoked_at, f"Revoked by its owner{why}", bad=True)
    if key.expires_at and key.expires_at <= at:
        yield Step(key.expires_at, "Expired: what it signs after that does not count", bad=True)
    elif key.expires_at:
        yield Step(key.expires_at, "Expires. Its owner can prolong it; then import it again")


def _of_parts(parts: Iterable[PublicKey], at: datetime) -> Iterator[Step]:
    """Of the subkeys that sign: the others do not matter to a release."""
    for part in parts:
        if part.is_primary or not part.can_sign:
            continue
        name = f"subkey {part.fingerprint[-16:].upper()}, which signs"
        yield Step(part.created_at, f"Got the {name}")
        if part.revoked and part.revoked_at:
            why = f": {part.revocation_reason}" if part.revocation_reason else ""
            yield Step(part.revoked_at, f"Revoked the {name}{why}", bad=True)
        if part.expires_at:
            over = part.expires_at <= at
            yield Step(part.expires_at, f"End of the {name}", bad=over)


def _of_identities(key: Certificate) -> Iterator[Step]:
    for each in key.identities:
        if each["revoked"] is not None and each["revoked_at"]:
            at = datetime.fromisoformat(each["revoked_at"])
            yield Step(at, f"Revoked the user id {each['text']}", bad=True)


def _of_links(links: Iterable[KeyLink], former: Iterable[FormerLink]) -> Iterator[Step]:
    """When it came into a KEYS file, and left one."""
    for link in links:
        yield Step(link.added_at, f"Into the KEYS file of {link.committee}")
        if link.retired_at:
            text = f"Signs no more for {link.committee}; kept in its KEYS file for older releases"
            yield Step(link.retired_at, text, bad=True)
    for past in former:
        yield Step(past.since, f"Into the KEYS file of {past.committee}")
        yield Step(past.until, f"Out of the KEYS file of {past.committee}", bad=True)
