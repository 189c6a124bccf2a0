from datetime import UTC, datetime

import pytest

from keys.openpgp_judge import State
from keys.openpgp_listing import Certificate, Subkey
from keys.openpgp_status import verdicts

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MADE = datetime(2024, 1, 1, tzinfo=UTC)
KEY = Subkey("ab" * 20, "RSA", 4096, "sc", MADE, None)
CERTIFICATES = {KEY.fingerprint: Certificate(KEY, ("Alice",), ())}
SIGNED = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())
VALID = (
    "VALIDSIG",
    f"{KEY.fingerprint.upper()} 2026-05-01 {SIGNED} 0 4 0 1 10 00 {KEY.fingerprint.upper()}",
)
GOOD = [("NEWSIG", ""), ("GOODSIG", "ABABABABABABABAB Alice"), VALID]


def judged(*status):
    return list(verdicts(status, CERTIFICATES, NOW))


def states(*status):
    return [verdict.state for verdict in judged(*status)]


def test_each_signature_gets_its_own_verdict():
    bad = [("NEWSIG", ""), ("BADSIG", "ABABABABABABABAB Alice")]
    unknown = [("NEWSIG", ""), ("ERRSIG", f"1234567812345678 1 8 00 {SIGNED} 9")]
    assert states(*GOOD, *bad, *unknown, *GOOD) == [
        State.GOOD,
        State.BAD,
        State.UNKNOWN_KEY,
        State.GOOD,
    ]


def test_lines_before_the_first_signature_say_nothing():
    assert states(*GOOD[1:]) == []
    assert judged() == []


@pytest.mark.parametrize("outcome", ["GOODSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"])
def test_whether_a_genuine_signature_counts_is_not_left_to_gpg(outcome):
    assert states(("NEWSIG", ""), (outcome, "AB Alice"), VALID) == [State.GOOD]


def test_a_valid_line_alone_is_not_enough():
    assert states(("NEWSIG", ""), VALID) == [State.MALFORMED]


def test_a_good_line_alone_is_not_enough():
    assert states(("NEWSIG", ""), GOOD[1]) == [State.MALFORMED]


@pytest.mark.parametrize(
    "line",
    [
        "too short",
        f"{'cd' * 20} 2026-05-01 {SIGNED} 0 4 0 1 10 00 {KEY.fingerprint}",
        f"{KEY.fingerprint} 2026-05-01 {SIGNED} 0 4 0 1 10 00 {'cd' * 20}",
        f"{KEY.fingerprint} 2026-05-01 0 0 4 0 1 10 00 {KEY.fingerprint}",
    ],
)
def test_a_key_that_is_not_among_the_keys_makes_nothing_good(line):
    assert states(("NEWSIG", ""), ("GOODSIG", "AB"), ("VALIDSIG", line)) == [State.MALFORMED]


def test_a_bad_signature_names_whose_it_claims_to_be():
    (verdict,) = judged(("NEWSIG", ""), ("BADSIG", "ABABABABABABABAB Alice"))
    assert verdict.fingerprint == KEY.fingerprint
    assert verdict.reason.startswith("The signature by Alice is bad")


@pytest.mark.parametrize("value", ["1234567812345678 Mallory", ""])
def test_a_bad_signature_may_claim_nobody_we_know(value):
    (verdict,) = judged(("NEWSIG", ""), ("BADSIG", value))
    assert (verdict.state, verdict.fingerprint) == (State.BAD, "")


def test_an_unknown_key_is_named_as_fully_as_gpg_can():
    value = f"1234567812345678 22 8 00 {SIGNED} 9 {'CD' * 20}"
    (verdict,) = judged(("NEWSIG", ""), ("ERRSIG", value))
    assert verdict.signing_fingerprint == "cd" * 20
    assert (verdict.key_algorithm, verdict.digest) == ("EdDSA", "SHA256")
    assert verdict.signed_at == datetime(2026, 5, 1, tzinfo=UTC)
    (verdict,) = judged(("NEWSIG", ""), ("ERRSIG", value.replace("CD" * 20, "-")))
    assert verdict.signing_fingerprint == "1234567812345678"


def test_a_digest_that_gpg_does_not_check_is_called_weak():
    assert states(("NEWSIG", ""), ("ERRSIG", f"12 1 1 00 {SIGNED} 5")) == [State.WEAK_DIGEST]


def test_a_key_that_is_not_meant_to_sign_is_told_as_such():
    assert states(("NEWSIG", ""), ("ERRSIG", f"12 1 8 00 {SIGNED} 125")) == [State.NOT_SIGNING_KEY]


@pytest.mark.parametrize("value", ["", "12", "12 1 8 00 20990101T000000 4"])
def test_what_gpg_cannot_check_is_malformed(value):
    assert states(("NEWSIG", ""), ("ERRSIG", value)) == [State.MALFORMED]


def test_times_may_come_in_the_iso_form():
    (verdict,) = judged(("NEWSIG", ""), ("ERRSIG", "12 1 8 00 20990101T000000 9"))
    assert verdict.signed_at == datetime(2099, 1, 1, tzinfo=UTC)


def test_an_unknown_digest_is_named_by_its_number():
    line = VALID[1].replace(" 10 00", " 77 00")
    (verdict,) = judged(*GOOD[:2], ("VALIDSIG", line))
    assert verdict.digest == "digest 77"
