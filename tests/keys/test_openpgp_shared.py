"""A key that others bind to theirs: anybody can write anybody's public key into a certificate."""

from itertools import permutations
from pathlib import Path

import pytest

from keys import openpgp_verify
from keys.openpgp_judge import State
from keys.openpgp_verify import verify
from tests import pgp
from tests.keys.made import Made
from tests.pgp import NOW


@pytest.fixture
def file(tmp_path):
    return pgp.artifact(tmp_path)


def states(file, keys):
    found = verify(file, Path(f"{file}.asc"), keys, now=NOW)
    return [each.state for each in found.signatures]


@pytest.fixture
def subkey():
    return Made(b"subkey")


@pytest.fixture
def victim(subkey):
    return Made(b"victim").user_id(b"Vera <vera@apache.org>").subkey(subkey)


@pytest.fixture
def signed(file, subkey):
    content = subkey.detached(file.read_bytes())
    file.with_name(file.name + ".asc").write_bytes(content)
    return file


def thief(subkey, seed=b"thief"):
    return Made(seed).user_id(b"Theo <theo@apache.org>").subkey(subkey, willing=False)


def test_it_is_not_theirs(signed, subkey):
    assert State.GOOD not in states(signed, thief(subkey).text)


def test_it_stays_good_for_whose_it_is(signed, subkey, victim):
    for keys in permutations((victim.text, thief(subkey).text)):
        found = verify(signed, Path(f"{signed}.asc"), b"".join(keys), now=NOW)
        assert found.accepted
        assert found.good[0].fingerprint == victim.fingerprint


def test_a_revoked_thief_spoils_nothing_either(signed, subkey, victim):
    keys = thief(subkey).revoked(2).text + victim.text
    assert verify(signed, Path(f"{signed}.asc"), keys, now=NOW).accepted


def test_a_bad_signature_stays_bad(signed, subkey, victim):
    signed.write_bytes(b"other")
    assert states(signed, thief(subkey).text + victim.text) == [State.BAD]


def test_a_crowd_of_thieves_takes_no_time(signed, subkey, victim, monkeypatch):
    monkeypatch.setattr(openpgp_verify, "MOST_HOLDERS", 2)
    asked = []
    made = openpgp_verify.Gpg.verify_file
    monkeypatch.setattr(
        openpgp_verify.Gpg, "verify_file", lambda *a, **k: asked.append(1) or made(*a, **k)
    )
    thieves = b"".join(thief(subkey, b"thief%d" % n).text for n in range(4))
    assert not verify(signed, Path(f"{signed}.asc"), thieves, now=NOW).accepted
    assert len(asked) == 3
