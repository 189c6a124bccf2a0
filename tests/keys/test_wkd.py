"""The Web Key Directory: names as the draft and gpg have them, keys with one address only."""

import subprocess

import pytest

from keys import wkd
from keys.openpgp import read_keys
from tests import pgp


def test_the_name_is_that_of_the_example_in_the_draft() -> None:
    assert wkd.name_of("Joe.Doe") == "iy9q119eutrkn8s1mk4r39qejnbu3n5q"


@pytest.mark.parametrize("name", ["Alice", "alice"])
def test_the_name_does_not_depend_on_case(name: str) -> None:
    assert wkd.name_of(name) == wkd.name_of("alice")
    assert len(wkd.name_of(name)) == wkd.LENGTH


def test_gpg_itself_gives_the_same_name() -> None:
    signer = pgp.signer()
    home = str(signer.home._home.path)
    listed = subprocess.run(
        ["gpg", "--homedir", home, "--with-wkd-hash", "--list-keys", signer.fingerprint],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert f"{wkd.name_of('alice')}@apache.org" in listed


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\x00", "yy"),
        (b"\xff", "9h"),
        (b"\xf0\xbf\xc7", "6n9hq"),
        (b"\xd4\x7a\x04", "4t7ye"),
    ],
)
def test_bits_are_written_as_z_base_32_has_them(data: bytes, text: str) -> None:
    assert wkd.zbase32(data) == text


def test_a_key_keeps_the_user_id_that_was_asked_for_and_no_other() -> None:
    signer = pgp.Signer("Alice Archer <alice@apache.org>")
    signer.home._gpg.run(
        "--quick-add-uid", signer.fingerprint, "Alice at home <alice@home.example>"
    )
    whole = signer.public
    assert len(read_keys(whole)[0].certificates[0].user_ids) == 2
    kept = wkd.only_for(whole.decode(), lambda text: text.endswith("<alice@apache.org>"))
    (certificate,) = read_keys(kept)[0].certificates
    assert certificate.user_ids == ("Alice Archer <alice@apache.org>",)
    assert certificate.fingerprint == signer.fingerprint
