"""The KEYS file as people download it: readable, stable, and safe to feed to gpg."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

_HEAD = """\
These are the OpenPGP keys that sign releases of {name}.

To verify a downloaded file with its signature beside it:

    gpg --import KEYS
    gpg --verify FILE.asc FILE

Keys are sorted by fingerprint. This file is generated: the same keys give the same bytes.
"""
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
        ]
        return "\n" + "\n".join(lines) + f"\n\n{self.armored}"


def compose(name: str, entries: Iterable[Entry]) -> bytes:
    """The KEYS file of a committee: what stands in it depends on nothing but its keys and name."""
    ordered = sorted(entries, key=lambda entry: entry.fingerprint)
    body = "".join(entry.text for entry in ordered) or _NO_KEYS
    return (_HEAD.format(name=name) + body).encode()
