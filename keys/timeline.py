"""From when until when each part of a key is good, as bars over one stretch of time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keys.care import LEAST_RSA
from keys.models import Certificate, PublicKey

WIDTH = 1000  # units of the picture
USES = {"s": "signing", "c": "certifying", "e": "encryption", "a": "logging in"}
_A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a key: what it is, when it is good, and where that is in the picture."""

    name: str
    kind: str
    uses: str
    since: datetime | None
    until: datetime | None
    state: str
    good: bool
    x: int
    width: int
    now: int


def parts_of(key: Certificate) -> list[PublicKey]:
    """Its primary key and subkeys. A key that was stored before its parts were tells less."""
    known = list(key.keys.all())
    if known:
        return known
    primary = PublicKey(
        fingerprint=key.fingerprint,
        is_primary=True,
        algorithm=key.algorithm,
        length=key.length,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked=key.revoked,
        revoked_at=key.revoked_at,
        revocation_reason=key.revocation_reason,
        revoked_hard=key.revoked_hard,
    )
    return [primary]


def of_keys(parts: Sequence[PublicKey], at: datetime) -> list[Bar]:
    """The keys, the primary first."""
    if not parts:
        return []
    stretch = _stretch([(part.created_at, part.valid_until) for part in parts], at)
    return [
        Bar(
            part.fingerprint.upper(),
            f"{part.algorithm}, {part.length} bits",
            ", ".join(word for letter, word in USES.items() if letter in part.capabilities),
            part.created_at,
            part.valid_until,
            _state(part, at),
            part.is_valid(at) and not _is_weak(part),
            *_place(part.created_at, part.valid_until, stretch, at),
        )
        for part in parts
    ]


def of_identities(key: Certificate, at: datetime) -> list[Bar]:
    """All its user ids, also those that its owner has revoked."""
    rows = [
        (each["text"], _moment(each["since"]), each["revoked"], _moment(each["revoked_at"]))
        for each in key.identities
    ] or [(text, None, None, None) for text in key.user_ids]
    stretch = _stretch([(since or key.created_at, until) for _, since, _, until in rows], at)
    return [
        Bar(
            text,
            "",
            "",
            since,
            until,
            f"revoked ({revoked})" if revoked is not None else "good",
            revoked is None,
            *_place(since or key.created_at, until, stretch, at),
        )
        for text, since, revoked, until in rows
    ]


def _state(part: PublicKey, at: datetime) -> str:
    if part.revoked:
        return f"revoked ({part.revocation_reason or 'no reason given'})"
    if part.expires_at and part.expires_at <= at:
        return "expired"
    return "too weak to sign" if _is_weak(part) else "good"


def _is_weak(part: PublicKey) -> bool:
    """As for checks: what such a key signs does not count, whenever it did."""
    short = part.algorithm == "RSA" and part.length < LEAST_RSA
    return part.can_sign and (short or part.algorithm == "DSA")


def _stretch(
    spans: Iterable[tuple[datetime, datetime | None]], at: datetime
) -> tuple[datetime, timedelta]:
    """Where the picture begins, and how long it is: a year beyond all that has an end, at most
    three beyond today, so that a key of ten years does not make all else a dot."""
    spans = list(spans)
    begins = min([since for since, _ in spans] or [at])
    ends = max([until for _, until in spans if until] + [at])
    ends = min(max(ends, at) + _A_YEAR / 4, at + 3 * _A_YEAR)
    return min(begins, at), max(ends - min(begins, at), timedelta(days=1))


def _place(
    since: datetime, until: datetime | None, stretch: tuple[datetime, timedelta], at: datetime
) -> tuple[int, int, int]:
    begins, length = stretch

    def x(moment: datetime) -> int:
        return min(WIDTH, max(0, round(WIDTH * ((moment - begins) / length))))

    left = x(since)
    right = x(until) if until else WIDTH
    return left, max(4, right - left), x(at)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
