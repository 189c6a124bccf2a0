"""What a key lacks: each lack is found, told with its level, and mended by the command it shows."""

import shlex
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from keys.care import ORDER, care_for, signs_until
from keys.models import Certificate
from keys.openpgp import read_keys
from tests import make, pgp

pytestmark = pytest.mark.django_db

AT = pgp.NOW
FAR = AT + timedelta(days=900)


@pytest.fixture(autouse=True)
def _domain(settings) -> None:
    settings.MAIL_DOMAIN = "apache.org"


def key(**fields: object) -> Certificate:
    """A key of Alice's that lacks nothing, but for what is said."""
    owner = make.user("alice", full_name="Alice Archer")
    good = {
        "fingerprint": "ab" * 20,
        "algorithm": "EdDSA",
        "length": 256,
        "created_at": AT - timedelta(days=100),
        "expires_at": FAR,
        "user_ids": ["Alice Archer <alice@apache.org>"],
        "subkeys": [subkey()],
        "owner": owner,
    }
    return Certificate(**good | fields)


def subkey(**facts: object) -> dict[str, object]:
    return {
        "fingerprint": "cd" * 20,
        "algorithm": "EdDSA",
        "length": 256,
        "capabilities": "s",
        "created_at": (AT - timedelta(days=100)).isoformat(),
        "expires_at": None,
        "revoked": None,
    } | facts


def codes(row: Certificate) -> list[str]:
    return [each.code for each in care_for(row, AT)]


def test_a_good_key_needs_nothing() -> None:
    assert care_for(key(), AT) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"revoked": True}, ["revoked"]),
        ({"revoked": True, "expires_at": AT, "weakly_bound": True}, ["revoked"]),
        ({"algorithm": "DSA", "length": 1024}, ["weak"]),
        ({"algorithm": "RSA", "length": 1024}, ["weak"]),
        ({"algorithm": "RSA", "length": 2048}, ["short"]),
        ({"algorithm": "RSA", "length": 4096}, []),
        ({"expires_at": AT - timedelta(days=1)}, ["expired"]),
        ({"expires_at": AT + timedelta(days=89)}, ["expiring"]),
        ({"expires_at": AT + timedelta(days=91)}, []),
        ({"expires_at": None}, []),
        ({"weakly_bound": True}, ["weakly_bound"]),
        ({"owner": None}, ["unclaimed"]),
        ({"owner": None, "user_ids": ["Alice <alice@home.example>"]}, ["nobodys"]),
        (
            {
                "owner": None,
                "user_ids": ["Apache Tool (Automated Release Signing) <private@tool.apache.org>"],
            },
            [],
        ),
        ({"user_ids": ["Alice <alice@home.example>"]}, ["not_listed"]),
        ({"subkeys": []}, ["no_signing_subkey"]),
        ({"subkeys": [subkey(capabilities="e")]}, ["no_signing_subkey"]),
        ({"subkeys": [subkey(revoked="retired")]}, ["no_signing_subkey"]),
        ({"subkeys": [subkey(expires_at="2026-07-01T00:00:00+00:00")]}, ["expiring"]),
        ({"subkeys": [subkey(expires_at="2026-07-01T00:00:00+00:00"), subkey()]}, []),
    ],
)
def test_what_is_found(fields: dict[str, object], expected: list[str]) -> None:
    assert codes(key(**fields)) == expected


def test_the_worst_stands_first() -> None:
    row = key(owner=None, subkeys=[], expires_at=AT - timedelta(days=1))
    levels = [each.level for each in care_for(row, AT)]
    assert levels == sorted(levels, key=ORDER.index)
    assert levels[0] == "blocker"


def test_the_subkey_that_lasts_longest_counts_and_never_beyond_the_primary() -> None:
    first, second = "2026-07-01T00:00:00+00:00", "2026-09-01T00:00:00+00:00"
    row = key(subkeys=[subkey(expires_at=first), subkey(expires_at=second)])
    assert signs_until(row) == datetime.fromisoformat(second)
    row.expires_at = datetime(2026, 8, 1, tzinfo=UTC)
    assert signs_until(row) == row.expires_at
    assert signs_until(key_without_end()) is None


def key_without_end() -> Certificate:
    return Certificate(expires_at=None, subkeys=[])


def test_a_name_is_one_word_of_the_shell_whatever_is_in_it() -> None:
    row = key(user_ids=[])
    row.owner.full_name = "O'Neil; rm -rf /\n$(reboot)"
    (advice,) = care_for(row, AT)
    words = shlex.split(advice.command)
    assert words[:2] == ["gpg", "--quick-add-uid"]
    assert words[3:] == ["O'Neil; rm -rf / $(reboot) <alice@apache.org>"]


def run(signer: pgp.Signer, command: str) -> None:
    """What the page says to do, done by gpg."""
    for line in command.splitlines():
        program, *arguments = shlex.split(line)
        assert program == "gpg"
        signer.home._gpg.run(*arguments)


@pytest.mark.parametrize("lack", ["expiring", "expired", "no_signing_subkey", "not_listed"])
def test_the_command_mends_what_was_found(lack: str) -> None:
    """A real key with this lack, the command run by gpg, the key added again: the lack is gone."""
    at = datetime.now(UTC)
    mail = "alice@home.example" if lack == "not_listed" else "alice@apache.org"
    ends = {"expiring": "40d", "expired": "20d"}.get(lack, "never")
    signer = pgp.Signer(f"Alice <{mail}>", expires=ends, at=at - timedelta(days=30))
    owner = make.user("alice", email=mail)
    row = Certificate.objects.add_own(signer.public, by=owner)
    advice = {each.code: each for each in care_for(row, at)}
    run(signer, advice[lack].command)
    Certificate.objects.add_own(signer.public, by=owner)
    after = [each.code for each in care_for(Certificate.objects.get(), datetime.now(UTC))]
    assert lack not in after


def test_the_command_for_sha_1_binds_anew() -> None:
    with time_machine.travel(datetime.now(UTC)):
        signer = pgp.Signer("Alice <alice@apache.org>", at=datetime.now(UTC) - timedelta(days=9))
        gpg = signer.home._gpg
        old = ("--cert-digest-algo", "SHA1", "--allow-weak-key-signatures")
        gpg.run(*old, "--quick-set-expire", signer.fingerprint, "1y")
        row = key(fingerprint=signer.fingerprint, weakly_bound=True)
        (advice,) = care_for(row, datetime.now(UTC))
        run(signer, advice.command)
        (certificate,) = read_keys(signer.public)[0].certificates
        assert not certificate.weakly_bound
