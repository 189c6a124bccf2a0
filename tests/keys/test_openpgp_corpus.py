"""Real and hostile signature and KEYS files: what becomes of each, against its label."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys.openpgp import read_keys
from keys.openpgp_armor import armor
from keys.openpgp_judge import State
from keys.openpgp_signatures import read_signatures
from keys.openpgp_verify import Keyring, Verification, verify
from tests.shared import SHARED, needs_shared, shared
from trusted_releases.lib.errors import BadInput

pytestmark = needs_shared
# The corpus was made on this day; a fixed clock keeps its verdicts what they are.
NOW = datetime(2026, 11, 22, tzinfo=UTC)

# What each hostile signature file comes to: a refusal's code, or the states of its signatures,
# then the codes of the remarks.
SIGNATURES: dict[str, tuple[str, ...]] = {
    "bad_crc24": ("malformed",),
    "bad_plus_good": ("bad", "good"),
    "big_comment": ("too_large",),
    "binary_sig": ("binary",),
    "cleartext": ("cleartext",),
    "critical_notation": ("bad",),
    "digest_ripemd160": ("good", "old_digest"),
    "empty": ("empty",),
    "expired_key": ("good", "expired_since"),
    "html": ("no_signature",),
    "inline_signed": ("not_detached",),
    "leading_text": ("good",),
    "no_end_line": ("good", "no_end_line"),
    "ok_crlf": ("good",),
    "ok_nistp256": ("good",),
    "ok_private_pmc": ("good",),
    "ok_subkey": ("good",),
    "ok_two_blocks": ("good", "good"),
    "ok_two_good": ("good", "good"),
    "one_byte": ("no_signature",),
    "other_file": ("bad",),
    "revoked_key": ("revoked_compromised",),
    "secret_key": ("private_key",),
    "selfsig_sha1": ("good", "weak_binding"),
    "sha512_in_asc": ("no_signature",),
    "sig_expired": ("expired_signature",),
    "sig_ext": ("binary",),
    "sig_of_sha512": ("bad",),
    "text": ("no_signature",),
    "unknown_plus_good": ("unknown_key", "good"),
    "weak_rsa1024": ("weak_key",),
    "wrong_key": ("unknown_key",),
}

# What each KEYS file comes to, and why where that is not what its label says.
KEYS: dict[str, tuple[str, str]] = {
    "ok_utf8": ("accept", ""),
    "latin1": ("accept", "The prose is not read; its encoding concerns nobody who imports keys."),
    "v3_key": ("warn", ""),
    "empty": ("reject", ""),
    "dup": ("warn", ""),
    "many": ("reject", ""),
    "one_block_many": ("accept", ""),
    "html_uid": ("accept", "User ids are shown escaped everywhere; the key itself is sound."),
    "fake_asf_uid": ("accept", "Whose key it is is asked when it is linked to a person (issue 6)."),
    "uid_asf_in_comment": ("accept", "As above: the user id is stored as it is."),
}

REAL = sorted(path.parent.name for path in (SHARED / "data" / "real").glob("*/KEYS"))


def summary(found: Verification) -> tuple[str, ...]:
    remarks = [remark.code for each in found.signatures for remark in each.remarks]
    states = [str(each.state) for each in found.signatures]
    return (*([found.code] if found.code else states), *remarks, *(r.code for r in found.remarks))


def signature_in(folder: Path) -> Path:
    return next(path for path in folder.iterdir() if path.suffix in (".asc", ".sig"))


def release(name: str) -> tuple[Path, Path, bytes]:
    """The artifact, its signature and the KEYS of a real release."""
    folder = shared("data", "real", name)
    signature = signature_in(folder)
    return signature.with_suffix(""), signature, (folder / "KEYS").read_bytes()


@pytest.mark.parametrize("case", sorted(SIGNATURES))
def test_a_hostile_signature_file_is_judged(hostile, labels, case):
    folder = hostile / "sig" / case
    signature = signature_in(folder)
    keys = (folder / "KEYS").read_bytes()
    found = verify(signature.with_suffix(""), signature, keys, now=NOW)
    assert summary(found) == SIGNATURES[case]
    assert found.accepted is (labels["sig", case] != "reject")


def test_every_hostile_signature_file_is_listed_here(labels):
    assert {case for kind, case in labels if kind == "sig"} == set(SIGNATURES)
    assert {case for kind, case in labels if kind == "keys"} == set(KEYS)


@pytest.mark.parametrize("case", sorted(KEYS))
def test_a_hostile_keys_file_is_read(hostile, labels, case):
    verdict, reason = KEYS[case]
    assert (verdict == labels["keys", case]) is not bool(reason)
    try:
        blocks = read_keys((hostile / "keys" / case / "KEYS").read_bytes())
    except BadInput:
        assert verdict == "reject"
        return
    assert any(block.certificates for block in blocks)
    assert any(block.problems for block in blocks) is (verdict == "warn")


def test_html_in_a_user_id_is_kept_as_text_for_the_page_to_escape(hostile):
    (block,) = read_keys((hostile / "keys" / "html_uid" / "KEYS").read_bytes())
    assert "<" in block.certificates[0].user_id


@pytest.mark.parametrize("name", REAL)
def test_a_real_release_verifies(name):
    artifact, signature, keys = release(name)
    found = verify(artifact, signature, keys, now=NOW)
    if name.startswith("znc"):
        # The corpus calls this key "expired since". In the KEYS beside it the key expired in 2016
        # and the signature is of 2020: the owner extended the key, and KEYS does not say so.
        assert summary(found) == ("expired_key",)
    elif name.startswith("subversion"):
        assert summary(found)[:4] == ("good", "good", "good", "unknown_key")
        assert found.accepted
    else:
        assert summary(found)[0] == "good"
        assert found.accepted
        assert not found.spoiled


@pytest.mark.parametrize("name", REAL)
def test_one_changed_bit_in_a_real_signature_or_artifact_is_caught(name, tmp_path):
    artifact, signature, keys = release(name)
    packets, _ = read_signatures(signature)
    other = bytearray(artifact.read_bytes())
    other[len(other) // 2] ^= 1
    flipped = tmp_path / artifact.name
    flipped.write_bytes(other)
    changed = bytearray(packets[0])
    changed[-1] ^= 1
    spoiled = tmp_path / "spoiled.asc"
    spoiled.write_bytes(armor(bytes(changed), "SIGNATURE"))
    with Keyring(keys) as keyring:
        assert not keyring.verify(flipped, signature, now=NOW).good
        assert keyring.verify(artifact, spoiled, now=NOW).signatures[0].state is State.BAD


@pytest.mark.parametrize(
    ("name", "blocks", "keys", "weakly_bound", "weak", "revoked"),
    [  # counted with gpg and written down in the data's own notes
        ("httpd-2.4.68", 65, 41, 32, 29, 0),
        ("subversion-1.14.5", 37, 37, 12, 10, 1),
        ("apache-arrow-25.0.0", 1, 20, 1, 0, 0),
        ("serf-1.3.10", 18, 18, 12, 7, 1),
        ("zookeeper-3.8.0", 16, 16, 8, 1, 1),
        ("avro-c-1.11.1", 8, 9, 6, 2, 0),
    ],
)
def test_a_real_keys_file_is_read_whole(name, blocks, keys, weakly_bound, weak, revoked):
    found = read_keys(release(name)[2])
    certificates = {each.fingerprint: each for block in found for each in block.certificates}
    assert len(found) == blocks
    assert len(certificates) == keys
    assert sum(each.weakly_bound for each in certificates.values()) == weakly_bound
    assert sum(each.primary.is_weak for each in certificates.values()) == weak
    assert sum(each.revoked for each in certificates.values()) == revoked


@pytest.mark.parametrize("name", REAL)
def test_what_is_kept_of_real_keys_still_verifies_and_stays_the_same(name, tmp_path):
    artifact, signature, keys = release(name)
    kept = {c.fingerprint: c.armored for block in read_keys(keys) for c in block.certificates}
    again = {
        c.fingerprint: c.armored
        for block in read_keys(b"".join(kept.values()))
        for c in block.certificates
    }
    assert again == kept
    copy = tmp_path / artifact.name
    shutil.copy(artifact, copy)
    before = verify(artifact, signature, keys, now=NOW)
    assert verify(copy, signature, b"".join(kept.values()), now=NOW) == before
