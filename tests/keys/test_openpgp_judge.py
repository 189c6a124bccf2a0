from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keys.openpgp_judge import CLOCK_SKEW, Signed, State, judge
from keys.openpgp_listing import Certificate, Revocation, Subkey

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MADE = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
PRIMARY = Subkey("a" * 40, "RSA", 4096, "sc", MADE, None)
SIGNER = Subkey("b" * 40, "EdDSA", 255, "s", MADE, None)
CERTIFICATE = Certificate(PRIMARY, ("Alice <alice@apache.org>",), (SIGNER,))
GOOD = Signed(CERTIFICATE, SIGNER, NOW - DAY, None, 4, "SHA512", "00")


def by(signer: Subkey = SIGNER, primary: Subkey = PRIMARY, **changes: object) -> Signed:
    """A good signature but for these changes to the keys or to itself."""
    certificate = replace(CERTIFICATE, primary=primary, subkeys=(signer,))
    return replace(GOOD, certificate=certificate, key=signer, **changes)


def revoked(at: datetime | None, *, hard: bool) -> Revocation:
    return Revocation(at, "compromised" if hard else "superseded", hard)


SPOILED = {
    "not over a file": (by(kind="10"), State.MALFORMED),
    "key compromised since": (
        by(replace(SIGNER, revocation=revoked(NOW, hard=True))),
        State.REVOKED_COMPROMISED,
    ),
    "primary key compromised since": (
        by(primary=replace(PRIMARY, revocation=revoked(None, hard=True))),
        State.REVOKED_COMPROMISED,
    ),
    "retired before": (
        by(replace(SIGNER, revocation=revoked(NOW - 2 * DAY, hard=False))),
        State.REVOKED,
    ),
    "retired at an unknown time": (
        by(replace(SIGNER, revocation=revoked(None, hard=False))),
        State.REVOKED,
    ),
    "SHA-1": (by(digest="SHA1"), State.WEAK_DIGEST),
    "MD5": (by(digest="MD5"), State.WEAK_DIGEST),
    "short RSA": (by(replace(SIGNER, algorithm="RSA", length=1024)), State.WEAK_KEY),
    "DSA": (by(replace(SIGNER, algorithm="DSA", length=2048)), State.WEAK_KEY),
    "weak primary": (by(primary=replace(PRIMARY, length=1024)), State.WEAK_KEY),
    "may not sign": (by(replace(SIGNER, capabilities="e")), State.NOT_SIGNING_KEY),
    "from the future": (by(at=NOW + CLOCK_SKEW + timedelta(seconds=1)), State.FUTURE_DATED),
    "older than its key": (by(at=MADE - timedelta(seconds=1)), State.BEFORE_KEY),
    "expired itself": (by(expires_at=NOW), State.EXPIRED_SIGNATURE),
    "key expired before": (by(replace(SIGNER, expires_at=NOW - DAY)), State.EXPIRED_KEY),
    "primary expired before": (
        by(primary=replace(PRIMARY, expires_at=NOW - 2 * DAY)),
        State.EXPIRED_KEY,
    ),
}


def test_a_signature_by_a_fit_key_is_good_without_remarks():
    verdict = judge(GOOD, NOW)
    assert verdict.state is State.GOOD
    assert verdict.remarks == ()
    assert verdict.reason == "It is good, made by Alice <alice@apache.org> on 31 May 2026."
    assert verdict.fingerprint == PRIMARY.fingerprint
    assert verdict.signing_fingerprint == SIGNER.fingerprint
    assert (verdict.digest, verdict.key_algorithm, verdict.key_length) == ("SHA512", "EdDSA", 255)
    assert verdict.signed_at == NOW - DAY


@pytest.mark.parametrize("case", SPOILED)
def test_a_signature_is_spoiled_by(case):
    signed, state = SPOILED[case]
    verdict = judge(signed, NOW)
    assert verdict.state is state
    assert verdict.reason.endswith(".")
    assert verdict.remarks == ()


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        (by(replace(SIGNER, expires_at=NOW)), "expired_since"),
        (by(primary=replace(PRIMARY, expires_at=NOW)), "expired_since"),
        (by(replace(SIGNER, revocation=revoked(NOW, hard=False))), "revoked_since"),
        (by(digest="RIPEMD160"), "old_digest"),
        (by(kind="01"), "text_mode"),
        (by(version=3), "old_format"),
        (replace(GOOD, certificate=replace(CERTIFICATE, weakly_bound=True)), "weak_binding"),
    ],
)
def test_a_signature_counts_with_a_remark(signed, code):
    verdict = judge(signed, NOW)
    assert verdict.state is State.GOOD
    assert [remark.code for remark in verdict.remarks] == [code]
    assert all(remark.text.endswith(".") for remark in verdict.remarks)


@pytest.mark.parametrize(
    "signed",
    [
        by(at=NOW + CLOCK_SKEW),
        by(at=MADE),
        by(expires_at=NOW + timedelta(seconds=1)),
        by(replace(SIGNER, expires_at=NOW + DAY)),
        by(replace(SIGNER, algorithm="RSA", length=2048)),
    ],
)
def test_what_is_just_in_bounds_is_good(signed):
    verdict = judge(signed, NOW)
    assert (verdict.state, verdict.remarks) == (State.GOOD, ())


def test_a_signature_by_the_primary_key_looks_at_one_key_only():
    assert replace(GOOD, key=PRIMARY).keys == (PRIMARY,)
