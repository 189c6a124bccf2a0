"""Whether a genuine signature counts.

gpg says whether a signature is genuine. It exits with 0 for keys that have expired or were
revoked, for SHA-1, for keys of 1024 bits and for dates to come, so whether it counts is said here.
The rule: a signature counts if its key was fit to sign at the time the signature names.

- What spoils it: a date to come, a key not yet made or already expired or retired at that time, a
  key that was ever compromised, a weak digest, a weak key, a key that may not sign.
- What does not: that the key has expired, was retired or superseded since. That is remarked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from keys.openpgp_listing import Certificate, Revocation, Subkey

CLOCK_SKEW = timedelta(minutes=10)  # a signer's clock may be this far ahead of ours
WEAK_DIGESTS = frozenset({"MD5", "SHA1"})  # collisions can be made


class State(StrEnum):
    """What became of one signature. Only `GOOD` counts; `UNKNOWN_KEY` harms nothing."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN_KEY = "unknown_key"
    EXPIRED_KEY = "expired_key"
    REVOKED_COMPROMISED = "revoked_compromised"
    REVOKED = "revoked"
    WEAK_DIGEST = "weak_digest"
    WEAK_KEY = "weak_key"
    NOT_SIGNING_KEY = "not_signing_key"
    FUTURE_DATED = "future_dated"
    BEFORE_KEY = "before_key"
    EXPIRED_SIGNATURE = "expired_signature"
    MALFORMED = "malformed"


class Remark(NamedTuple):
    """Something a person should know about a signature that counts: a code, and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """One signature of a file, judged.

    `fingerprint` is that of the certificate (its primary key), `signing_fingerprint` that of the
    key that signed, both in lower-case hexadecimal; of an unknown key gpg may know the last 16
    digits only. `key_length` is in bits. `reason` is a sentence. What is not known is empty.
    `holds_until` is when the same signature may be judged otherwise because time has passed.
    """

    state: State
    reason: str
    fingerprint: str = ""
    signing_fingerprint: str = ""
    user_id: str = ""
    signed_at: datetime | None = None
    digest: str = ""
    key_algorithm: str = ""
    key_length: int = 0
    remarks: tuple[Remark, ...] = ()
    holds_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """A genuine signature (VALIDSIG), with the key that made it."""

    certificate: Certificate
    key: Subkey
    at: datetime
    expires_at: datetime | None
    version: int
    digest: str
    kind: str

    @property
    def keys(self) -> tuple[Subkey, ...]:
        """The key that signed and the primary key that vouches for it: both must be fit."""
        return tuple(dict.fromkeys((self.key, self.certificate.primary)))

    @property
    def revocations(self) -> tuple[Revocation, ...]:
        return tuple(key.revocation for key in self.keys if key.revocation)

    @property
    def key_expires_at(self) -> datetime | None:
        return min((key.expires_at for key in self.keys if key.expires_at), default=None)

    def next_change(self, now: datetime) -> datetime | None:
        """The next moment at which one of the questions below gets another answer."""
        moments = (self.key_expires_at, self.expires_at, self.at - CLOCK_SKEW)
        return min((each for each in moments if each and each > now), default=None)


def judge(signed: Signed, now: datetime) -> SignatureVerdict:
    """Whether a genuine signature counts, by the rule above."""
    state, reason, remarks = State.GOOD, "", tuple(_remarks(signed, now))
    for spoils, question in _SPOILERS:
        if reason := question(signed, now):
            state, remarks = spoils, ()
            break
    return SignatureVerdict(
        state,
        reason or f"It is good, made by {signed.certificate.user_id} on {_day(signed.at)}.",
        signed.certificate.fingerprint,
        signed.key.fingerprint,
        signed.certificate.user_id,
        signed.at,
        signed.digest,
        signed.key.algorithm,
        signed.key.length,
        remarks,
        signed.next_change(now),
    )


def _wrong_kind(signed: Signed, now: datetime) -> str:
    return "" if signed.kind in ("00", "01") else "It is not a signature over a file."


def _compromised(signed: Signed, now: datetime) -> str:
    hard = next((each for each in signed.revocations if each.hard), None)
    if hard is None:
        return ""
    return f"Its key was revoked ({hard.reason}): no signature of it can be relied on."


def _weak_digest(signed: Signed, now: datetime) -> str:
    if signed.digest not in WEAK_DIGESTS:
        return ""
    return f"It uses {signed.digest}, which can be forged. Sign again with --digest-algo SHA512."


def _weak_key(signed: Signed, now: datetime) -> str:
    weak = next((key for key in signed.keys if key.is_weak), None)
    if weak is None:
        return ""
    return (
        f"Its key is {weak.algorithm} with {weak.length} bits, which is too weak to sign releases. "
        "Sign with RSA of 4096 bits or Ed25519."
    )


def _may_not_sign(signed: Signed, now: datetime) -> str:
    return "" if signed.key.can_sign else "Its key is not meant to sign (its flags exclude it)."


def _in_the_future(signed: Signed, now: datetime) -> str:
    if signed.at <= now + CLOCK_SKEW:
        return ""
    return f"It is dated {_day(signed.at)}, which is still to come."


def _before_its_key(signed: Signed, now: datetime) -> str:
    born = max(key.created_at for key in signed.keys)
    if signed.at >= born:
        return ""
    return f"It is dated {_day(signed.at)}, before its key was made on {_day(born)}."


def _signature_over(signed: Signed, now: datetime) -> str:
    if signed.expires_at is None or signed.expires_at > now:
        return ""
    return f"The signature itself expired on {_day(signed.expires_at)}. Sign again."


def _key_expired_first(signed: Signed, now: datetime) -> str:
    if signed.key_expires_at is None or signed.at < signed.key_expires_at:
        return ""
    return (
        f"Its key had expired on {_day(signed.key_expires_at)}, before the signature was made on "
        f"{_day(signed.at)}. If the key was extended, add its newest form to the keys."
    )


def _retired_first(signed: Signed, now: datetime) -> str:
    before = (each for each in signed.revocations if each.at is None or each.at <= signed.at)
    if (revocation := next(before, None)) is None:
        return ""
    return f"Its key was revoked ({revocation.reason}) before the signature was made."


_SPOILERS: tuple[tuple[State, Callable[[Signed, datetime], str]], ...] = (
    (State.MALFORMED, _wrong_kind),
    (State.REVOKED_COMPROMISED, _compromised),
    (State.WEAK_DIGEST, _weak_digest),
    (State.WEAK_KEY, _weak_key),
    (State.NOT_SIGNING_KEY, _may_not_sign),
    (State.FUTURE_DATED, _in_the_future),
    (State.BEFORE_KEY, _before_its_key),
    (State.EXPIRED_SIGNATURE, _signature_over),
    (State.EXPIRED_KEY, _key_expired_first),
    (State.REVOKED, _retired_first),
)


def _remarks(signed: Signed, now: datetime) -> Iterator[Remark]:
    expires_at = signed.key_expires_at
    if expires_at and expires_at <= now:
        yield Remark(
            "expired_since",
            f"Its key was valid then and expired on {_day(expires_at)}: people who verify it today "
            "are warned. Extend the key and publish it again.",
        )
    for revocation in signed.revocations:
        yield Remark("revoked_since", f"Its key was revoked later ({revocation.reason}).")
    if signed.digest == "RIPEMD160":
        yield Remark("old_digest", "It uses RIPEMD160, which newer programs do not accept.")
    if signed.kind == "01":
        yield Remark(
            "text_mode",
            "It is a text signature, which some programs refuse. Sign without --textmode.",
        )
    if signed.version < 4:
        yield Remark("old_format", "It has the format of version 3, which newer programs refuse.")
    if signed.certificate.weakly_bound:
        yield Remark(
            "weak_binding",
            "Its key is bound to its user ids by SHA-1 only, so Sequoia and rpm refuse it. Renew "
            "the binding: gpg --cert-digest-algo SHA512 --quick-set-expire.",
        )


def _day(moment: datetime) -> str:
    return moment.strftime("%-d %B %Y")
