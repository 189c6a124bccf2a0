import binascii
from dataclasses import replace

import psutil
import pytest

from keys import openpgp, openpgp_drafts
from keys.openpgp import merge, read_keys
from keys.openpgp_armor import armor, armors
from keys.openpgp_gpg import GpgFailed
from tests import pgp
from trusted_releases.lib.errors import BadInput


@pytest.fixture(scope="module")
def alice():
    return pgp.signer()


@pytest.fixture(scope="module")
def bob():
    return pgp.signer("Bob Brown <bob@apache.org>")


def binary(text: bytes) -> bytes:
    return b"".join(block.decode() for block in armors(text))


def test_blocks_between_prose_are_read_with_their_lines(alice, bob):
    blocks = read_keys(b"Schl\xfcssel\n" + alice.public + b"\nmore prose\n" + bob.public)
    assert [block.line for block in blocks] == [2, 4 + len(alice.public.splitlines())]
    found = [each.fingerprint for block in blocks for each in block.certificates]
    assert found == [alice.fingerprint, bob.fingerprint]
    assert [block.refused for block in blocks] == ["", ""]


def test_a_certificate_says_what_there_is_to_know(alice):
    (block,) = read_keys(alice.public)
    (found,) = block.certificates
    assert (found.algorithm, found.length) == ("EdDSA", 255)
    assert found.user_ids == (alice.user_id,)
    assert found.created_at.isoformat() == "2026-05-20T00:00:00+00:00"
    assert not found.weakly_bound
    assert block.text == alice.public


def test_what_is_kept_is_the_same_bytes_however_it_came(alice):
    crlf = b"Comment\r\n" + alice.public.replace(b"\n", b"\r\n")
    kept = {
        read_keys(each)[0].certificates[0].armored
        for each in (alice.public, crlf, binary(alice.public))
    }
    assert len(kept) == 1
    assert read_keys(kept.pop())[0].certificates[0].fingerprint == alice.fingerprint


def test_several_keys_may_share_a_block(alice, bob):
    (block,) = read_keys(armor(binary(alice.public) + binary(bob.public)))
    assert {each.fingerprint for each in block.certificates} == {alice.fingerprint, bob.fingerprint}


def test_a_binary_keyring_is_one_block_without_lines(alice, bob):
    (block,) = read_keys(binary(alice.public) + binary(bob.public))
    assert block.line == 0
    assert len(block.certificates) == 2


def test_a_duplicate_is_said_with_the_line_of_the_first(alice):
    first, second = read_keys(alice.public + alice.public)
    assert first.problems == ()
    assert f"{alice.fingerprint.upper()} stands in line 1 already" in second.problems[0]


@pytest.mark.parametrize("where", ["armored", "disguised", "binary", "cut"])
def test_private_material_is_refused_and_nothing_of_it_is_kept(alice, where):
    secret = {
        "armored": alice.secret,
        "disguised": armor(binary(alice.secret)),
        "binary": binary(alice.secret),
        "cut": alice.secret[:300],
    }[where]
    (block,) = read_keys(secret)
    assert block.private
    assert "private key" in block.refused
    assert (block.text, block.certificates) == (b"", ())


def test_private_material_in_a_block_of_another_kind_is_noticed(alice):
    (block,) = read_keys(armor(binary(alice.secret), "MESSAGE"))
    assert block.private


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda text: text.replace(b"\n=", b"\n=AAAA", 1), "base64"),
        (lambda text: text[: len(text) // 2], "cut"),
        (lambda text: armor(b"nonsense"), "not OpenPGP"),
        (lambda text: armor(binary(text)[:-10]), "they were cut"),
        (lambda text: armor(binary(text), "SIGNATURE"), "no public key"),
        (lambda text: armor(b"\xb4\x00" + binary(text)), "does not begin with a public key"),
    ],
)
def test_a_spoiled_block_is_refused_with_a_reason_and_the_rest_is_read(alice, bob, spoil, why):
    broken, good = read_keys(spoil(alice.public) + b"\n" + bob.public)
    assert why in broken.refused
    assert (broken.certificates, broken.text) == ((), b"")
    assert good.certificates[0].fingerprint == bob.fingerprint


def test_a_missing_end_line_is_remarked_where_the_key_is_whole(alice):
    (block,) = read_keys(alice.public.partition(b"-----END")[0])
    assert block.certificates
    assert block.problems == ("The END line of the block is missing.",)


def test_a_key_whose_own_signature_does_not_hold_is_left_out_alone(alice, bob):
    raw = bytearray(binary(alice.public))
    raw[-3] ^= 1
    broken, good = read_keys(armor(bytes(raw)) + bob.public)
    assert f"{alice.fingerprint.upper()} was left out" in broken.refused
    assert good.certificates


def test_a_packet_that_gpg_chokes_on_does_not_take_the_others_with_it(alice, bob):
    choking = b"\x99\x00\x06\x04\x50\x00\x00\x00\x01"  # an RSA key without numbers
    broken, good = read_keys(armor(choking) + bob.public)
    assert broken.refused
    assert good.certificates[0].fingerprint == bob.fingerprint


@pytest.mark.parametrize(("version", "word"), [(3, "before 1998"), (6, "reads version 4")])
def test_keys_of_other_versions_are_named(alice, version, word):
    raw = bytearray(binary(alice.public))
    raw[2] = version
    (block,) = read_keys(armor(bytes(raw)))
    assert f"version {version}" in block.refused
    assert word in block.refused


def test_a_block_without_any_key_is_named():
    (block,) = read_keys(armor(b"\xb0\x01\x00"))  # a trust packet
    assert block.refused == "There is no key in this block."


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<html>not found</html>", "no public key"),
        (bytes(8) + b"KBXf" + bytes(20), "key box"),
        (b"x" * ((10 << 20) + 1), "up to 10 MiB"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n" * 501, "up to 500 blocks"),
    ],
)
def test_what_is_no_keys_document_is_refused_whole(data, why):
    with pytest.raises(BadInput, match=why):
        read_keys(data)


def test_a_block_of_more_than_a_mebibyte_is_refused(alice):
    large = alice.public.replace(b"-----\n\n", b"-----\nComment: " + b"x" * (1 << 20) + b"\n\n", 1)
    (block,) = read_keys(large)
    assert block.refused == "The block is larger than 1 MiB."


def test_more_keys_in_a_block_than_allowed_are_refused(alice, bob, monkeypatch):
    monkeypatch.setattr(openpgp_drafts, "MAX_BLOCKS", 1)
    with pytest.raises(BadInput, match="up to 1 keys"):
        read_keys(binary(alice.public) + binary(bob.public))


def test_a_gpg_that_fails_is_said_as_a_sentence(alice, monkeypatch):
    def fail(*_, **__):
        raise GpgFailed("gpg did not finish within 60 seconds.")

    monkeypatch.setattr(openpgp, "load", fail)
    with pytest.raises(BadInput, match=r"could not be read\. gpg did not finish"):
        read_keys(alice.public)


def test_many_broken_keys_do_not_take_for_ever(alice, monkeypatch):
    monkeypatch.setattr(openpgp, "TIMEOUT", 0.0)
    monkeypatch.setattr(openpgp.Gpg, "_collect_output", _patient(openpgp.Gpg._collect_output))
    raw = bytearray(binary(alice.public))
    raw[-3] ^= 1
    with pytest.raises(BadInput, match="did not finish"):
        read_keys(armor(bytes(raw)))


def _patient(collect):
    def collected(self, *args, **kwargs):
        self.timeout = 20
        return collect(self, *args, **kwargs)

    return collected


def test_expiry_revocation_and_subkeys_are_read():
    carol = pgp.Signer("Carol <carol@apache.org>", expires="30d")
    sub = carol.home.add_subkey(carol.fingerprint, at=carol_made(carol))
    carol.home.revoke(carol.fingerprint, reason=3, at=pgp.NOW)
    ((found,),) = (block.certificates for block in read_keys(carol.public))
    assert found.expires_at.isoformat() == "2026-06-19T00:00:00+00:00"
    assert found.revocation.reason == "retired"
    assert found.revocation.at == pgp.NOW
    assert [each.fingerprint for each in found.subkeys] == [sub]
    assert found.subkeys[0].can_sign


def carol_made(signer):
    return read_keys(signer.public)[0].certificates[0].created_at


def test_merging_never_loses_a_revocation():
    dave = pgp.Signer("Dave <dave@apache.org>")
    before = dave.public
    dave.home.revoke(dave.fingerprint, reason=1)
    after = dave.public
    assert merge(before, after).revocation.reason == "compromised"
    assert merge(after, before).revocation.reason == "compromised"
    merged = merge(after, before).armored
    assert merge(merged, before).armored == merged


def test_different_keys_do_not_merge(alice, bob):
    with pytest.raises(BadInput, match="not versions of one certificate"):
        merge(alice.public, bob.public)


def test_no_process_remains(alice):
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    read_keys(alice.public)
    after = {process.pid for process in psutil.Process().children(recursive=True)}
    assert after <= before


def test_one_changed_bit_in_a_certificate_is_caught(alice):
    """Whichever bit it is: the certificate is refused, or what is read is not that key."""
    data = binary(alice.public)
    (original,) = read_keys(alice.public)[0].certificates
    for position in range(5, len(data), 17):
        raw = bytearray(data)
        raw[position] ^= 4
        found = [each for block in read_keys(armor(bytes(raw))) for each in block.certificates]
        assert replace(original, armored=b"") not in [
            replace(each, armored=b"") for each in found
        ] or binary(found[0].armored) != bytes(raw), f"byte {position} may change unseen"


def test_the_checksum_of_a_block_is_compared(alice):
    lines = alice.public.splitlines()
    wrong = b"=" + binascii.b2a_base64(b"abc", newline=False)
    (block,) = read_keys(b"\n".join([*lines[:-2], wrong, lines[-1]]))
    assert "checksum of the block is wrong" in block.refused
