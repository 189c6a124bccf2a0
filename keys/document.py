"""The KEYS file as people download it: readable, stable, and safe to feed to gpg."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

_HEAD = """\
These are the OpenPGP keys that sign releases of {name}.

To verify a downloaded file with its signature beside it:

    gpg --import KEYS
    gpg --verify FILE.asc FILE

Keys are sorted by fingerprint. This file is generated: the same keys give the same bytes.
"""
_WHOSE, _NOBODY = "      of    ", "nobody known here"
_RETIRED = "      kept for older releases; signs no more since "
_FINGERPRINT = re.compile(r"      ([0-9A-F]{40,64})\Z")
_TIMES = ("created_at", "expires_at")
_NO_KEYS = "\nThere are no keys yet.\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate as the document shows it. `user_ids` are safe to print, one a line."""

    fingerprint: str
    algorithm: str
    length: int
    created_at: datetime
    expires_at: datetime | None
    revocation_reason: str
    user_ids: tuple[str, ...]
    armored: str
    person: str = ""
    retired_at: datetime | None = None

    @classmethod
    def of(cls, row: Any) -> Self:
        """The entry of a stored certificate."""
        return cls(
            row.fingerprint,
            row.algorithm,
            row.length,
            row.created_at,
            row.expires_at,
            (row.revocation_reason or "no reason given") if row.revoked else "",
            tuple(row.user_ids),
            row.armored,
        )

    def told(self, person: str, retired_at: datetime | None) -> Self:
        """The same, of a key of this person ("" for nobody known), which signs no more since then.

        What checks ask of a key beside the key itself stands in the file: so they say the same
        wherever they run.
        """
        return replace(self, person=person, retired_at=retired_at)

    def as_json(self) -> dict[str, Any]:
        """What stands above the block, as JSON; the block itself is kept beside it."""
        found = asdict(self)
        del found["armored"], found["person"], found["retired_at"]
        return found | {name: _iso(found[name]) for name in _TIMES}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        times = {name: _moment(value[name]) for name in _TIMES}
        return cls(**{**value, **times, "user_ids": tuple(value["user_ids"])})

    @property
    def text(self) -> str:
        """As gpg lists it, then the block. No line of it begins as an armor line does."""
        expiry = f" [expires: {self.expires_at:%Y-%m-%d}]" if self.expires_at else ""
        revoked = f" [revoked: {self.revocation_reason}]" if self.revocation_reason else ""
        kind = f"{self.algorithm} {self.length}"
        lines = [
            f"pub   {kind} {self.created_at:%Y-%m-%d}{expiry}{revoked}",
            f"      {self.fingerprint.upper()}",
            *(f"uid   {user_id}" for user_id in self.user_ids),
            _WHOSE + (self.person or _NOBODY),
            *([_RETIRED + f"{self.retired_at:%Y-%m-%dT%H:%M:%SZ}"] if self.retired_at else []),
        ]
        return "\n" + "\n".join(lines) + f"\n\n{self.armored}"


def compose(name: str, entries: Iterable[Entry]) -> bytes:
    """The KEYS file of a committee: what stands in it depends on nothing but its keys and name."""
    ordered = sorted(entries, key=lambda entry: entry.fingerprint)
    body = "".join(entry.text for entry in ordered) or _NO_KEYS
    return (_HEAD.format(name=name) + body).encode()


class Told(NamedTuple):
    """What a KEYS file of ours says of a key: whose it is ("" for nobody known), and since when it
    signs no more."""

    person: str
    retired_at: datetime | None = None


def told_of(document: bytes) -> dict[str, Told]:
    """What a KEYS file of this platform says of its keys, by fingerprint in lower case.

    Empty for a file from elsewhere, which says nothing of the kind. No user id can say it: theirs
    are lines that begin otherwise.
    """
    found: dict[str, Told] = {}
    name = ""
    for line in document.decode("utf-8", "replace").split("\n"):
        if match := _FINGERPRINT.match(line):
            name = match[1].lower()
        elif name and line.startswith(_WHOSE):
            person = line.removeprefix(_WHOSE)
            found[name] = Told("" if person == _NOBODY else person)
        elif name in found and line.startswith(_RETIRED):
            found[name] = found[name]._replace(retired_at=_when(line.removeprefix(_RETIRED)))
        elif line.startswith("-----BEGIN"):
            name = ""
    return found


def _when(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
