"""One changed bit, anywhere: in the artifact, in the signature, in the certificate."""

import random
from collections.abc import Collection
from pathlib import Path

import pytest

from keys.openpgp import read_keys
from keys.openpgp_armor import armor, armors
from keys.openpgp_packets import SIGNATURE, packets
from keys.openpgp_signatures import read_signatures
from keys.openpgp_verify import Keyring, verify
from tests import pgp
from tests.keys.test_openpgp_corpus import NOW, REAL, release
from tests.shared import needs_shared
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.once


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def hints(data: bytes) -> set[int]:
    """Where in the data the two bytes of each signature lie that repeat the beginning of its
    digest: no signature covers them, gpg does not read them, and they say nothing."""
    found, at = set(), 0
    for each in packets(data):
        if each.tag == SIGNATURE and each.body[0] == 4:
            hashed_end = 6 + int.from_bytes(each.body[4:6])
            unhashed = int.from_bytes(each.body[hashed_end : hashed_end + 2])
            first = at + len(each.raw) - len(each.body) + hashed_end + 2 + unhashed
            found |= {first, first + 1}
        at += len(each.raw)
    return found


def some_bits(data: bytes, many: int, but: Collection[int] = ()) -> list[int]:
    """One bit of each byte, or of so many bytes from the beginning to the end."""
    chosen = random.Random(len(data))
    step = max(1, len(data) // many)
    bits = [8 * at + chosen.randrange(8) for at in range(0, len(data), step)]
    return [bit for bit in bits if bit // 8 not in but]


@pytest.fixture(params=["ed25519", "rsa2048", "nistp256"])
def signer(request) -> pgp.Signer:
    return pgp.Signer("Alice <alice@example.org>", algorithm=request.param)


@pytest.fixture
def artifact(tmp_path) -> Path:
    return pgp.artifact(tmp_path, random.Random(1).randbytes(5000))


def test_a_bit_of_the_artifact(signer, artifact) -> None:
    signature, content = signer.sign(artifact), artifact.read_bytes()
    with Keyring(signer.public) as keyring:
        assert keyring.verify(artifact, signature, now=pgp.NOW).accepted
        for bit in some_bits(content, 25):
            artifact.write_bytes(flipped(content, bit))
            assert not keyring.verify(artifact, signature, now=pgp.NOW).good, bit
        artifact.write_bytes(content + b"\0")
        assert not keyring.verify(artifact, signature, now=pgp.NOW).good
        artifact.write_bytes(content[:-1])
        assert not keyring.verify(artifact, signature, now=pgp.NOW).good


def test_a_bit_of_the_signature(signer, artifact) -> None:
    """Without the armor, whose checksum would notice."""
    path = signer.sign(artifact)
    ((packet,), _) = read_signatures(path)
    with Keyring(signer.public) as keyring:
        for bit in some_bits(packet, 100, hints(packet)):
            path.write_bytes(armor(flipped(packet, bit), "SIGNATURE"))
            assert not keyring.verify(artifact, path, now=pgp.NOW).accepted, bit


def test_a_bit_of_the_armor(signer, artifact) -> None:
    path = signer.sign(artifact)
    text = path.read_bytes()
    body = range(text.index(b"\n\n") + 2, text.index(b"\n=", 40))
    with Keyring(signer.public) as keyring:
        for at in body:
            changed = flipped(text, 8 * at + 1)
            if changed[at : at + 1].strip() and text[at : at + 1] != b"\n":
                path.write_bytes(changed)
                assert not keyring.verify(artifact, path, now=pgp.NOW).accepted, at


def test_a_bit_of_the_certificate(signer, artifact) -> None:
    """Either the certificate is refused, or it is another key, or what we keep of it is the very
    same: a bit was changed that says nothing."""
    signature = signer.sign(artifact)
    whole = b"".join(block.decode() for block in armors(signer.public))
    (kept,) = read_keys(signer.public)[0].certificates
    for bit in some_bits(whole, 60, hints(whole)):
        changed = armor(flipped(whole, bit))
        found = verify(artifact, signature, changed, now=pgp.NOW)
        try:
            again = [each for block in read_keys(changed) for each in block.certificates]
        except BadInput:
            again = []
        if found.accepted:
            assert [each.armored for each in again] == [kept.armored], bit
        else:
            assert not found.good, bit


@needs_shared
@pytest.mark.parametrize("name", [each for each in REAL if not each.startswith("znc")])
def test_a_bit_of_a_real_signature(name, tmp_path) -> None:
    artifact, signature, keys = release(name)
    packet = read_signatures(signature)[0][0]
    spoiled = tmp_path / "spoiled.asc"
    with Keyring(keys) as keyring:
        for bit in some_bits(packet, 8, hints(packet)):
            spoiled.write_bytes(armor(flipped(packet, bit), "SIGNATURE"))
            assert not keyring.verify(artifact, spoiled, now=NOW).accepted, bit
