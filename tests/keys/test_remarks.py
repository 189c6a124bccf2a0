from datetime import UTC, datetime, timedelta

import pytest

from keys.openpgp import read_keys
from keys.remarks import of_certificate
from tests import pgp
from tests.keys.made import AT, CERTIFY, Made

NAME = b"Alice <alice@example.org>"
NOW = pgp.NOW


def codes(text: bytes, at: datetime = NOW) -> list[str]:
    ((found,),) = [block.certificates for block in read_keys(text)]
    return [each.code for each in of_certificate(found, at)]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Made().user_id(NAME), []),
        (Made().user_id(NAME).revoked(2), ["revoked"]),
        (Made(flags=CERTIFY).user_id(NAME), ["no_signing_key"]),
        (Made().user_id(NAME, digest=2), ["weak_binding"]),
        (Made().user_id(NAME).withdrawn(NAME), ["no_user_id"]),
        (Made().user_id(NAME).photo(b"jpeg"), ["photos"]),
    ],
)
def test_what_there_is_to_say_of_a_key(made: Made, expected: list[str]) -> None:
    assert codes(made.text) == expected


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [("rsa1024", ["weak_key"]), ("dsa2048", ["weak_key"]), ("rsa2048", ["short_key"])],
)
def test_short_keys_are_told_by_what_they_are_good_for(algorithm, expected) -> None:
    assert codes(pgp.Signer("Kay <kay@example.org>", algorithm=algorithm).public) == expected


def test_the_end_is_told_before_it_comes_and_after() -> None:
    text = pgp.Signer("Old <old@example.org>", at=AT, expires="200d").public
    moments = [(1, []), (120, ["expires_soon"]), (201, ["expired"])]
    for days, expected in moments:
        assert codes(text, AT + timedelta(days=days)) == expected


def test_a_subkey_that_has_expired_signs_no_more() -> None:
    erin = pgp.Signer("Erin <erin@example.org>", usage="cert", at=AT)
    erin.home.add_subkey(erin.fingerprint, expires="10d", at=AT)
    assert codes(erin.public, AT + timedelta(days=5)) == ["expires_soon"]
    assert codes(erin.public, datetime(2027, 1, 1, tzinfo=UTC)) == ["no_signing_key"]
