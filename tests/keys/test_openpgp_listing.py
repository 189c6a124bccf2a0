from datetime import UTC, datetime

import pytest

from keys.openpgp import read_keys
from keys.openpgp_listing import MAX_USER_ID, Revocation, Subkey, parse, printable
from tests import pgp

FPR = "A" * 40
SUB = "B" * 40
MADE = 1_700_000_000


def row(kind: str, **fields: object) -> str:
    """One row of gpg's colon format; fields are named by their number as in doc/DETAILS."""
    cells = [""] * 20
    cells[0] = kind
    for name, value in fields.items():
        cells[int(name[1:]) - 1] = str(value)
    return ":".join(cells) + "\n"


PUB = row("pub", _2="-", _3=4096, _4=1, _5=FPR[-16:], _6=MADE, _12="scSC")
FP = row("fpr", _10=FPR)


def one(text: str):
    (found,) = parse(text.encode())
    return found


def test_a_key_is_described_in_its_own_words():
    found = one("tru::1:\n" + PUB + FP + row("uid", _2="-", _10="Alice <a@x.org>"))
    assert found.fingerprint == FPR.lower()
    assert found.key_id == FPR.lower()[-16:]
    assert (found.algorithm, found.length) == ("RSA", 4096)
    assert found.created_at == datetime.fromtimestamp(MADE, UTC)
    assert found.expires_at is None
    assert found.user_ids == ("Alice <a@x.org>",)
    assert found.user_id == "Alice <a@x.org>"
    assert not found.revoked
    assert found.primary.can_sign


def test_a_key_without_user_ids_has_an_empty_name():
    assert one(PUB + FP).user_id == ""


def test_subkeys_are_listed_with_what_they_may_do():
    sub = row("sub", _2="-", _3=255, _4=22, _6=MADE, _7=MADE + 60, _12="e") + row("fpr", _10=SUB)
    found = one(PUB + FP + sub)
    (subkey,) = found.subkeys
    assert subkey == Subkey(
        SUB.lower(),
        "EdDSA",
        255,
        "e",
        datetime.fromtimestamp(MADE, UTC),
        datetime.fromtimestamp(MADE + 60, UTC),
    )
    assert not subkey.can_sign
    assert found.key(SUB.lower()) is subkey
    assert found.key("nothing") is None


def test_an_unknown_algorithm_is_named_by_its_number():
    assert one(PUB.replace(":1:", ":99:", 1) + FP).algorithm == "algorithm 99"


@pytest.mark.parametrize(
    ("codes", "reason", "hard"),
    [
        (["20x,02"], "compromised", True),
        (["20x,01"], "superseded", False),
        (["20x,03"], "retired", False),
        (["20x,00"], "no reason given", True),
        (["20x"], "no reason given", True),
        (["20x,77"], "reason 77", True),
        (["20x,01", "20x,02"], "compromised", True),
    ],
)
def test_the_hardest_revocation_counts(codes, reason, hard):
    revoked = PUB.replace("pub:-", "pub:r")
    rows = "".join(row("rev", _2="!", _6=MADE + 5, _11=code) for code in codes)
    found = one(revoked + FP + rows)
    assert found.revocation == Revocation(datetime.fromtimestamp(MADE + 5, UTC), reason, hard)


def test_a_revocation_that_gpg_did_not_verify_explains_nothing():
    rows = row("rev", _2="-", _6=MADE, _11="20x,01") + row("rev", _2="!", _6=MADE, _11="30x,01")
    found = one(PUB.replace("pub:-", "pub:r") + FP + rows)
    assert found.revocation == Revocation(None, "no reason given", hard=True)


def test_a_revoked_subkey_leaves_its_primary_key_alone():
    sub = row("sub", _2="r", _6=MADE, _12="s") + row("fpr", _10=SUB)
    found = one(PUB + FP + sub + row("rev", _2="!", _6=MADE, _11="28x,03"))
    assert not found.revoked
    assert found.subkeys[0].revocation == Revocation(
        datetime.fromtimestamp(MADE, UTC), "retired", hard=False
    )


def test_a_subkey_of_a_revoked_key_has_no_revocation_of_its_own():
    sub = row("sub", _2="r", _6=MADE, _12="s") + row("fpr", _10=SUB)
    assert one(PUB + FP + sub).subkeys[0].revocation is None


@pytest.mark.parametrize(
    ("algorithm", "length", "weak"),
    [("RSA", 2047, True), ("RSA", 2048, False), ("DSA", 3072, True), ("EdDSA", 255, False)],
)
def test_short_rsa_and_any_dsa_are_weak(algorithm, length, weak):
    key = Subkey("aa", algorithm, length, "sc", datetime.fromtimestamp(MADE, UTC), None)
    assert key.is_weak is weak


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Å 字", "plain Å 字"),
        ("a\nb\x1b[31m", "a\\nb\\x1b[31m"),
        ("\u202egpj", "\\u202egpj"),
        ("a\u2028b\x85c\u200b", "a\\u2028b\\x85c\\u200b"),
        ("no\xa0break", "no\\xa0break"),
    ],
)
def test_what_could_act_on_a_terminal_or_an_eye_is_escaped(text, shown):
    assert printable(text) == shown


def test_a_long_user_id_is_cut():
    assert printable("x" * MAX_USER_ID) == "x" * MAX_USER_ID
    assert printable("x" * 10_000) == "x" * (MAX_USER_ID - 1) + "…"


def test_user_ids_in_latin_1_are_read():
    assert one(PUB + FP + row("uid", _10="Andr\\xe9")).user_ids == ("André",)
    assert one(PUB + FP + row("uid", _10="a\\x3ab\\x5cx")).user_ids == ("a:b\\x",)


def test_a_hostile_user_id_writes_no_rows_of_its_own():
    name = "Eve\x85pub:-:4096:1:\u2028fpr:::::::::CCCC: <eve@apache.org>"
    eve = pgp.signer(name)
    (block,) = read_keys(eve.public)
    (found,) = block.certificates
    assert found.fingerprint == eve.fingerprint
    assert found.user_ids == ("Eve\\x85pub:-:4096:1:\\u2028fpr:::::::::CCCC: <eve@apache.org>",)
