from datetime import UTC, datetime, timedelta

import psutil
import pytest

from keys import openpgp_verify
from keys.openpgp_armor import armor
from keys.openpgp_gpg import GpgFailed
from keys.openpgp_judge import State
from keys.openpgp_signatures import read_signatures
from keys.openpgp_verify import Keyring, verify
from tests import pgp
from tests.pgp import NOW

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def alice():
    return pgp.signer()


@pytest.fixture(scope="module")
def bob():
    return pgp.signer("Bob Brown <bob@apache.org>")


@pytest.fixture
def file(tmp_path):
    return pgp.artifact(tmp_path)


def states(file, keys, now=NOW):
    found = verify(file, file.with_name(file.name + ".asc"), keys, now=now)
    return [each.state for each in found.signatures]


def test_a_good_signature_says_who_signed_when_and_how(file, alice):
    found = verify(file, alice.sign(file), alice.public, now=NOW)
    (verdict,) = found.good
    assert found.accepted
    assert verdict.fingerprint == verdict.signing_fingerprint == alice.fingerprint
    assert verdict.user_id == alice.user_id
    assert verdict.signed_at == NOW
    assert verdict.key_algorithm == "EdDSA"
    assert verdict.digest in ("SHA256", "SHA512")


def test_a_keyring_made_once_verifies_many(file, alice, bob):
    with Keyring(alice.public + bob.public) as keyring:
        assert set(keyring.certificates) == {alice.fingerprint, bob.fingerprint}
        for signer in (alice, bob):
            found = verify(file, signer.sign(file), keyring, now=NOW)
            assert found.good[0].fingerprint == signer.fingerprint


def test_every_signature_is_judged_whatever_their_order(file, tmp_path, alice, bob):
    mine = alice.sign(file).read_bytes()
    his = bob.sign(file).read_bytes()
    other = tmp_path / "other"
    other.write_bytes(b"other")
    bad = alice.sign(other).read_bytes()
    signature = file.with_name(file.name + ".asc")
    for content, keys, expected, accepted in (
        (mine + his, alice.public + bob.public, ["good", "good"], True),
        (mine + his, alice.public, ["good", "unknown_key"], True),
        (his + mine, alice.public, ["unknown_key", "good"], True),
        (bad + mine, alice.public, ["bad", "good"], False),
        (mine + bad + his + bad, alice.public, ["good", "bad", "unknown_key", "bad"], False),
        (his, alice.public, ["unknown_key"], False),
    ):
        signature.write_bytes(content)
        found = verify(file, signature, keys, now=NOW)
        assert [str(each.state) for each in found.signatures] == expected
        assert found.accepted is accepted
        assert len(found.unknown) == expected.count("unknown_key")


def test_one_changed_bit_in_the_artifact_is_caught(file, alice):
    signature = alice.sign(file)
    raw = bytearray(file.read_bytes())
    raw[7] ^= 1
    file.write_bytes(raw)
    assert not verify(file, signature, alice.public, now=NOW).accepted
    assert states(file, alice.public) == [State.BAD]


def test_one_changed_bit_in_the_signature_is_caught(file, alice):
    """Whichever bit: only what stands outside what is signed may change."""
    signature = alice.sign(file)
    (packet,), _ = read_signatures(signature)
    unsigned = range(len(packet) - 80, len(packet) - 68)  # unhashed issuer: a hint, not a claim
    for position in range(0, len(packet), 3):
        raw = bytearray(packet)
        raw[position] ^= 2
        signature.write_bytes(armor(bytes(raw), "SIGNATURE"))
        found = verify(file, signature, alice.public, now=NOW)
        assert not found.accepted or position in unsigned, f"byte {position} may change unseen"


def test_a_key_that_expired_since_still_counts_and_is_remarked(file):
    made = NOW - 400 * DAY
    old = pgp.Signer("Old <old@apache.org>", expires="365d", at=made)
    found = verify(file, old.sign(file, at=made + DAY), old.public, now=NOW)
    assert found.accepted
    assert [remark.code for remark in found.good[0].remarks] == ["expired_since"]


def test_a_key_that_had_expired_before_does_not_count(file):
    """The key was extended for its owner, who has not published the new form."""
    made = NOW - 400 * DAY
    old = pgp.Signer("Late <late@apache.org>", expires="365d", at=made)
    published = old.public
    old.home.converse(
        "--quick-set-expire", old.fingerprint, "20300101T000000", said="", at=NOW - 2 * DAY
    )
    old.sign(file, at=NOW - DAY)
    assert states(file, published) == [State.EXPIRED_KEY]
    assert states(file, old.public) == [State.GOOD]


@pytest.mark.parametrize(
    ("reason", "signed", "state"),
    [
        (1, NOW - 2 * DAY, State.REVOKED_COMPROMISED),
        (0, NOW - 2 * DAY, State.REVOKED_COMPROMISED),
        (2, NOW - 2 * DAY, State.GOOD),
        (3, NOW - 2 * DAY, State.GOOD),
        (3, NOW, State.REVOKED),
    ],
)
def test_what_a_revocation_spoils_depends_on_its_reason_and_time(file, reason, signed, state):
    eve = pgp.Signer("Eve <eve@apache.org>")
    eve.sign(file, at=signed)
    eve.home.revoke(eve.fingerprint, reason=reason, at=NOW - DAY)
    found = verify(file, file.with_name(file.name + ".asc"), eve.public, now=NOW)
    assert [each.state for each in found.signatures] == [state]
    if state is State.GOOD:
        assert [remark.code for remark in found.good[0].remarks] == ["revoked_since"]


def test_a_signature_from_the_future_does_not_count(file, alice):
    alice.sign(file, at=datetime(2099, 1, 1, tzinfo=UTC))
    assert states(file, alice.public) == [State.FUTURE_DATED]


def test_a_signature_older_than_its_key_does_not_count(file):
    first = pgp.Signer("Early <early@apache.org>", at=NOW - 9 * DAY)
    first.sign(file, at=NOW - 10 * DAY, options=["--ignore-valid-from"])
    assert states(file, first.public) == [State.BEFORE_KEY]


def test_a_signature_by_a_subkey_names_both_keys(file):
    carol = pgp.Signer("Carol <carol@apache.org>", usage="cert")
    sub = carol.home.add_subkey(carol.fingerprint, at=NOW - DAY)
    found = verify(file, carol.sign(file, key=f"{sub}!"), carol.public, now=NOW)
    (verdict,) = found.good
    assert (verdict.fingerprint, verdict.signing_fingerprint) == (carol.fingerprint, sub)


@pytest.mark.parametrize("digest", ["SHA1", "RIPEMD160"])
def test_weak_and_old_digests_are_told_apart(file, digest):
    rsa = _rsa()
    found = verify(file, rsa.sign(file, options=["--digest-algo", digest]), rsa.public, now=NOW)
    if digest == "SHA1":
        assert found.spoiled[0].state is State.WEAK_DIGEST
    else:
        assert [remark.code for remark in found.good[0].remarks] == ["old_digest"]


def test_a_short_rsa_key_does_not_count(file):
    short = pgp.Signer("Short <short@apache.org>", algorithm="rsa1024")
    short.sign(file)
    assert states(file, short.public) == [State.WEAK_KEY]


def test_a_text_signature_counts_with_a_remark(file, alice):
    found = verify(file, alice.sign(file, options=["--textmode"]), alice.public, now=NOW)
    assert found.accepted
    assert [remark.code for remark in found.good[0].remarks] == ["text_mode"]


def test_an_expired_signature_does_not_count(file, alice):
    alice.sign(file, at=NOW - 3 * DAY, options=["--default-sig-expire", "1d"])
    assert states(file, alice.public) == [State.EXPIRED_SIGNATURE]


def _rsa() -> pgp.Signer:
    return pgp.Signer("Rsa <rsa@apache.org>", algorithm="rsa2048")


@pytest.mark.parametrize("keys", [b"", b"no keys here", b"\xff\xfe"])
def test_without_keys_every_signature_is_unknown(file, alice, keys):
    alice.sign(file)
    assert states(file, keys) == [State.UNKNOWN_KEY]


def test_a_refused_file_says_why_and_judges_nothing(file, alice):
    signature = file.with_name(file.name + ".asc")
    signature.write_bytes(b"<html>")
    found = verify(file, signature, alice.public, now=NOW)
    assert (found.code, found.signatures, found.accepted) == ("no_signature", (), False)
    assert found.reason


def test_a_signature_packet_that_gpg_cannot_use_is_malformed(file, alice):
    (packet,), _ = read_signatures(alice.sign(file))
    raw = bytearray(packet)
    raw[4] = 99  # its public key algorithm
    file.with_name(file.name + ".asc").write_bytes(armor(bytes(raw), "SIGNATURE"))
    assert states(file, alice.public)[0] in (State.MALFORMED, State.BAD)


def test_silence_of_gpg_is_not_a_good_signature(file, alice, monkeypatch):
    alice.sign(file)
    monkeypatch.setattr(openpgp_verify, "verdicts", lambda *_: iter(()))
    assert states(file, alice.public) == [State.MALFORMED]


def test_a_name_that_looks_like_an_option_is_a_file(tmp_path, alice, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = tmp_path / "--output=x"
    odd.write_bytes(b"bytes")
    signature = tmp_path / "signature.asc"
    alice.sign(odd.rename(tmp_path / "plain")).rename(signature)
    (tmp_path / "plain").rename(odd)
    assert verify(odd.relative_to(tmp_path), signature, alice.public, now=NOW).accepted


def test_a_verification_that_takes_too_long_is_no_verdict(file, alice):
    signature = alice.sign(file)
    with Keyring(alice.public) as keyring:
        keyring._gpg.gpgbinary = str(_sleeper(file.parent))
        with pytest.raises(GpgFailed):
            keyring.verify(file, signature, now=NOW, timeout=0.2)


def _sleeper(folder):
    path = folder / "gpg"
    path.write_text("#!/bin/sh\nexec sleep 30\n")
    path.chmod(0o755)
    return path


def test_a_keyring_is_used_inside_its_with_statement(file, alice):
    signature = alice.sign(file)
    with pytest.raises(RuntimeError, match="with statement"):
        Keyring(alice.public).verify(file, signature, now=NOW)


def test_a_keyring_leaves_no_home_and_no_process(file, alice):
    with Keyring(alice.public) as keyring:
        home = keyring._home.path
        keyring.verify(file, alice.sign(file), now=NOW)
        keyring.close()
    assert not home.exists()
    running = [str(each.info["cmdline"]) for each in psutil.process_iter(["cmdline"])]
    assert not [line for line in running if str(home) in line]


def test_a_keyring_that_fails_to_open_leaves_no_home(alice, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail(*_):
        raise GpgFailed("no")

    monkeypatch.setattr(openpgp_verify, "load", fail)
    with pytest.raises(GpgFailed), Keyring(alice.public):
        pass
    assert list(tmp_path.iterdir()) == []


def test_equal_keys_have_equal_digests(alice, bob):
    assert Keyring(alice.public).digest == Keyring(alice.public).digest
    assert Keyring(alice.public).digest != Keyring(bob.public).digest
