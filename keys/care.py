"""What a key lacks, and what its owner can do about it: sentences, each with its command."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from keys import directory
from keys.models import Certificate
from keys.persons import address_in, is_automated, uid_of
from trusted_releases.lib.text import one_line

SOON = timedelta(days=90)
LEAST_RSA = 2048  # what is shorter does not sign; see checks
GOOD_RSA = 4096  # what a new key should have
BLOCKER, CONCERN, SUGGESTION = "blocker", "concern", "suggestion"
ORDER = (BLOCKER, CONCERN, SUGGESTION)


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do for a key: how bad it is, what was found, and the command that mends it."""

    code: str
    level: str
    text: str
    command: str = ""


def care_for(key: Certificate, at: datetime) -> list[Advice]:
    """What there is to do for this key, the worst first. `at` is now.

    A key that is over for good needs a successor and nothing else.
    """
    if gone := list(_is_over(key)):
        return gone
    found = [advice for rule in _RULES for advice in rule(key, at)]
    return sorted(found, key=lambda advice: ORDER.index(advice.level))


def signs_until(key: Certificate) -> datetime | None:
    """When the key signs no more unless its owner does something; None for never.

    A key with subkeys that sign does so with the one that lasts longest.
    """
    ends = [each["expires_at"] for each in _signing(key)]
    last = max(map(datetime.fromisoformat, filter(None, ends))) if ends and all(ends) else None
    return min((each for each in (key.expires_at, last) if each), default=None)


def _signing(key: Certificate) -> list[dict[str, str]]:
    return [each for each in key.subkeys if "s" in each["capabilities"] and each["revoked"] is None]


def _is_over(key: Certificate) -> Iterator[Advice]:
    if key.revoked:
        yield Advice(
            "revoked",
            BLOCKER,
            "It is revoked: what it signs does not count. Sign with another key, and import that.",
            _new_key(key),
        )
    elif key.algorithm == "DSA" or (key.algorithm == "RSA" and key.length < LEAST_RSA):
        yield Advice(
            "weak",
            BLOCKER,
            f"{key.algorithm} with {key.length} bits is too weak: what it signs does not count. "
            "Make a new key, and import that.",
            _new_key(key),
        )


def _expiry(key: Certificate, at: datetime) -> Iterator[Advice]:
    until = signs_until(key)
    subkeys = " '*'" if key.subkeys else ""
    longer = f"gpg --quick-set-expire {key} 2y"
    if subkeys:
        longer += f"\n{longer}{subkeys}"
    if until is not None and until <= at:
        text = (
            f"It expired on {until:%Y-%m-%d}. What it signed before counts; what it signs now does "
            "not. Set a later date."
        )
        yield Advice("expired", BLOCKER, text, longer)
    elif until is not None and until <= at + SOON:
        text = f"It signs until {until:%Y-%m-%d} only. Set a later date before that."
        yield Advice("expiring", CONCERN, text, longer)


def _binding(key: Certificate, at: datetime) -> Iterator[Advice]:
    if key.weakly_bound:
        text = (
            "Only SHA-1 or MD5 binds its user ids to it: current programs refuse such keys. Have "
            "gpg sign them anew, which setting a date does."
        )
        command = f"gpg --cert-digest-algo SHA512 --quick-set-expire {key} 2y"
        yield Advice("weakly_bound", CONCERN, text, command)


def _person(key: Certificate, at: datetime) -> Iterator[Advice]:
    if key.owner is None and not _is_a_machines(key):
        yield _nobodys(key)
    elif key.owner is None:
        return
    elif not directory.is_listed(key):
        address = directory.address_of(key.owner.username)
        text = f"Programs do not find it by {address}: it has no user id with that address."
        name = key.owner.get_full_name() or key.owner.username
        yield Advice(
            "not_listed", SUGGESTION, text, f"gpg --quick-add-uid {key} {_quoted(name, address)}"
        )


def _nobodys(key: Certificate) -> Advice:
    adds = "adds it to their credentials: then they are reminded before it expires, and programs "
    if name := uid_of(key.user_ids):
        text = f"It names the account {name}, whose owner {adds}find it by their address."
        return Advice("unclaimed", SUGGESTION, text)
    text = f"Nobody is known to own it, so what it signs may not count. Whose it is {adds}find it."
    return Advice("nobodys", CONCERN, text)


def _is_a_machines(key: Certificate) -> bool:
    """Whether some committee's machines sign with it: then it is nobody's, and stays so."""
    names = (address_in(each).removeprefix("private@").partition(".")[0] for each in key.user_ids)
    return any(is_automated(key.user_ids, name) for name in names if name)


def _strength(key: Certificate, at: datetime) -> Iterator[Advice]:
    if key.algorithm == "RSA" and key.length < GOOD_RSA:
        text = f"RSA with {key.length} bits still counts. A new key has {GOOD_RSA}, or is Ed25519."
        yield Advice("short", SUGGESTION, text, _new_key(key))


def _subkey(key: Certificate, at: datetime) -> Iterator[Advice]:
    if not _signing(key):
        text = (
            "It signs with its primary key. With a subkey for signing the primary key can stay "
            "off the machine that signs, and be kept when that machine is lost."
        )
        yield Advice(
            "no_signing_subkey", SUGGESTION, text, f"gpg --quick-add-key {key} ed25519 sign 2y"
        )


def _new_key(key: Certificate) -> str:
    owner = key.owner
    name = (owner.get_full_name() or owner.username) if owner else "Your Name"
    address = directory.address_of(owner.username) if owner else f"you@{settings.MAIL_DOMAIN}"
    return f"gpg --quick-generate-key {_quoted(name, address)} ed25519 sign 2y"


def _quoted(name: str, address: str) -> str:
    """A user id as one word of a shell, whatever is in the name."""
    return shlex.quote(one_line(f"{name} <{address}>"))


_RULES: tuple[Callable[[Certificate, datetime], Iterator[Advice]], ...] = (
    _expiry,
    _binding,
    _person,
    _strength,
    _subkey,
)
