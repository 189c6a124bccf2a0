"""Certificates as gpg lists them: its colon format (doc/DETAILS of GnuPG) made into values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

MAX_USER_ID = 256  # characters shown and stored of one user id
MAX_USER_IDS = 100  # of one certificate
ALGORITHMS = {
    1: "RSA",
    2: "RSA",
    3: "RSA",
    16: "ElGamal",
    17: "DSA",
    18: "ECDH",
    19: "ECDSA",
    20: "ElGamal",
    22: "EdDSA",
    25: "X25519",
    26: "X448",
    27: "Ed25519",
    28: "Ed448",
}
# RFC 4880 section 5.2.3.23. Only these two say that nobody else ever had the key.
_HARMLESS = {"01": "superseded", "03": "retired"}
_REASONS = {"00": "no reason given", "02": "compromised", "20": "not valid any more", **_HARMLESS}
# Signature classes of revocations: of a primary key and a subkey; of a user id.
_OF_KEYS, _OF_NAMES = ("20", "28"), ("30",)
_PARTS = (b"pub", b"sub", b"uid", b"uat")
_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a key was declared void, when (UTC) and why.

    `hard` revocations spoil every signature, also older ones: the key was compromised, or the
    owner does not say that it was not. Soft ones (superseded, retired) count from `at`.
    """

    at: datetime | None
    reason: str
    hard: bool


_UNEXPLAINED = Revocation(None, "no reason given", hard=True)


@dataclass(frozen=True, slots=True)
class Subkey:
    """A primary key or subkey: `fingerprint` in lower-case hexadecimal, `length` in bits.

    `capabilities` are gpg's letters: s sign, c certify, e encrypt, a authenticate.
    """

    fingerprint: str
    algorithm: str
    length: int
    capabilities: str
    created_at: datetime
    expires_at: datetime | None
    revocation: Revocation | None = None

    @property
    def can_sign(self) -> bool:
        return "s" in self.capabilities

    @property
    def is_weak(self) -> bool:
        """RSA below 2048 bits and DSA of any size may not sign releases."""
        return self.algorithm == "DSA" or (self.algorithm == "RSA" and self.length < 2048)


@dataclass(frozen=True, slots=True)
class Identity:
    """A user id with what its owner says of it: since when it stands, and whether it was withdrawn.

    `text` is safe to print: control and direction characters are escaped, long ones cut. A
    revocation of a user id says nothing of the key, only that the name is not to be used.
    """

    text: str
    since: datetime | None = None
    revocation: Revocation | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One OpenPGP certificate, as gpg judged it.

    `user_ids` are the texts of the identities that still stand; `identities` are all, also those
    that were withdrawn; `photos` counts pictures, which are kept and shown nowhere. `weakly_bound`
    means that only MD5 or SHA-1 bind the user ids to the key. `armored` is the
    certificate alone, without what other keys certified: equal certificates give equal bytes.
    """

    primary: Subkey
    user_ids: tuple[str, ...]
    subkeys: tuple[Subkey, ...]
    weakly_bound: bool = False
    armored: bytes = b""
    identities: tuple[Identity, ...] = ()
    photos: int = 0

    @property
    def fingerprint(self) -> str:
        return self.primary.fingerprint

    @property
    def key_id(self) -> str:
        """The last 16 digits of the fingerprint: short, and not proof of anything."""
        return self.primary.fingerprint[-16:]

    @property
    def algorithm(self) -> str:
        return self.primary.algorithm

    @property
    def length(self) -> int:
        return self.primary.length

    @property
    def created_at(self) -> datetime:
        return self.primary.created_at

    @property
    def expires_at(self) -> datetime | None:
        return self.primary.expires_at

    @property
    def revocation(self) -> Revocation | None:
        return self.primary.revocation

    @property
    def revoked(self) -> bool:
        return self.primary.revocation is not None

    @property
    def keys(self) -> tuple[Subkey, ...]:
        """The primary key, then the subkeys."""
        return (self.primary, *self.subkeys)

    @property
    def user_id(self) -> str:
        """The first user id, which is the one gpg shows."""
        return self.user_ids[0] if self.user_ids else ""

    def key(self, fingerprint: str) -> Subkey | None:
        """The primary key or subkey of that fingerprint."""
        return next((each for each in self.keys if each.fingerprint == fingerprint), None)


def parse(listing: bytes) -> tuple[Certificate, ...]:
    """The certificates of `gpg --with-colons --check-sigs`, in its order."""
    groups: list[list[list[bytes]]] = []
    for line in listing.split(b"\n"):
        fields = line.split(b":")
        if fields[0] == b"pub":
            groups.append([])
        if groups and len(fields) > 9:
            groups[-1].append(fields)
    return tuple(_certificate(group) for group in groups)


def printable(text: str) -> str:
    """`text` without anything that could act on a terminal, a page or a reader's eye."""
    kept = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )
    return kept if len(kept) <= MAX_USER_ID else kept[: MAX_USER_ID - 1] + "…"


def _certificate(rows: list[list[bytes]]) -> Certificate:
    keys = list(_keys(rows))
    identities = tuple(_identities(rows))[:MAX_USER_IDS]
    return Certificate(
        keys[0],
        tuple(each.text for each in identities if each.revocation is None),
        tuple(keys[1:]),
        identities=identities,
        photos=sum(row[0] == b"uat" for row in rows),
    )


def _identities(rows: list[list[bytes]]) -> Iterator[Identity]:
    """Each user id with the revocations that follow it, up to the next user id or key."""
    starts = [at for at, row in enumerate(rows) if row[0] in _PARTS]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        first = rows[start]
        if first[0] == b"uid":
            withdrawn = None
            if first[1] == b"r":
                # gpg says so of each name of a key that is revoked as a whole: that is no word
                # about the names.
                withdrawn = _revocation(rows[start:end], _OF_NAMES)
                if rows[0][1] == b"r" and withdrawn == _UNEXPLAINED:
                    withdrawn = None
            yield Identity(_user_id(first[9]), _time(first[5]), withdrawn)


def _keys(rows: list[list[bytes]]) -> Iterator[Subkey]:
    """The primary key first. Rows that follow a key's row (fpr, rev) are about that key."""
    starts = [at for at, row in enumerate(rows) if row[0] in (b"pub", b"sub")]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        about = rows[start:end]
        key = _key(about[0], next(row[9] for row in about if row[0] == b"fpr"))
        if about[0][1] == b"r":
            key = replace(key, revocation=_revocation(about))
        yield key


def _key(row: list[bytes], fingerprint: bytes) -> Subkey:
    number = int(row[3] or 0)
    return Subkey(
        fingerprint=fingerprint.decode("ascii").lower(),
        algorithm=ALGORITHMS.get(number, f"algorithm {number}"),
        length=int(row[2] or 0),
        capabilities="".join(char for char in row[11].decode("ascii") if char in "scea"),
        created_at=_time(row[5]) or datetime.fromtimestamp(0, UTC),
        expires_at=_time(row[6]),
    )


def _revocation(rows: list[list[bytes]], kinds: tuple[str, ...] = _OF_KEYS) -> Revocation | None:
    """The hardest, then the earliest, of the revocations that gpg found genuine.

    gpg says in the key's own row that it is revoked. A subkey without a revocation of its own
    shares that of its primary key; for a primary key without one that explains it, the worst is
    assumed.
    """
    found = []
    for row in rows:
        kind, _, code = row[10].decode("ascii", "replace").partition(",")
        if row[0] == b"rev" and row[1] == b"!" and kind[:2] in kinds:
            reason = _REASONS.get(code or "00", f"reason {code}")
            found.append(Revocation(_time(row[5]), reason, code not in _HARMLESS))
    if not found and rows[0][0] == b"sub":
        return None
    if not found:
        return _UNEXPLAINED
    return min(found, key=lambda each: (not each.hard, each.at or datetime.min.replace(tzinfo=UTC)))


def _user_id(field: bytes) -> str:
    raw = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), field)
    try:
        return printable(raw.decode("utf-8"))
    except UnicodeDecodeError:  # what PGP wrote before UTF-8 was the rule
        return printable(raw.decode("latin-1"))


def _time(field: bytes) -> datetime | None:
    """gpg writes seconds since 1970, and nothing or 0 for never."""
    seconds = int(field or 0)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
