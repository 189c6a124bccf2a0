from datetime import UTC, datetime

import pytest

from keys.openpgp_armor import Unreadable, armors
from keys.openpgp_packets import (
    PUBLIC_KEY,
    SIGNATURE,
    begins_secret,
    certificates,
    has_secret,
    is_weakly_bound,
    packets,
    signature_facts,
)
from tests import pgp

WHEN = 0x50000000


def new(tag: int, body: bytes) -> bytes:
    """A packet in the new format."""
    size = len(body)
    if size < 192:
        length = bytes([size])
    elif size < 8384:
        length = bytes([192 + (size - 192 >> 8), (size - 192) & 0xFF])
    else:
        length = b"\xff" + size.to_bytes(4)
    return bytes([0xC0 | tag]) + length + body


def old(tag: int, body: bytes, size: int = 1) -> bytes:
    """A packet in the old format, its length in `size` octets."""
    kind = {1: 0, 2: 1, 4: 2}[size]
    return bytes([0x80 | tag << 2 | kind]) + len(body).to_bytes(size) + body


def v4(kind: int, digest: int, hashed: bytes = b"", unhashed: bytes = b"") -> bytes:
    """The beginning of a version 4 signature packet."""
    return (
        bytes([4, kind, 1, digest])
        + len(hashed).to_bytes(2)
        + hashed
        + len(unhashed).to_bytes(2)
        + unhashed
        + b"\x12\x34"
    )


def sub(kind: int, value: bytes) -> bytes:
    return bytes([len(value) + 1, kind]) + value


KEY = b"\x04" + WHEN.to_bytes(4) + b"\x01" + bytes(20)


@pytest.mark.parametrize("size", [0, 191, 192, 223, 8383, 8384, 70_000])
def test_new_packets_of_every_length_are_framed(size):
    data = new(13, bytes(size)) + new(13, b"next")
    assert [len(packet.body) for packet in packets(data)] == [size, 4]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_old_packets_of_every_length_form_are_framed(size):
    (packet,) = packets(old(6, b"body", size))
    assert (packet.tag, packet.body) == (6, b"body")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (new(6, bytes(50))[:-1], "in the middle of a packet"),
        (b"\xc6", "in the middle of a packet"),
        (b"\xc6\xff\x00", "in the middle of a packet"),
        (b"\xc6\xc0", "in the middle of a packet"),
        (b"\x99\x01", "in the middle of a packet"),
        (b"text", "not OpenPGP"),
        (b"\x9b" + bytes(10), "does not say how long"),
        (b"\xc6\xe1\x00\x00", "comes in parts"),
    ],
)
def test_a_frame_that_does_not_hold_is_named(data, why):
    with pytest.raises(Unreadable, match=why):
        list(packets(data))


def test_trust_and_padding_packets_are_left_out():
    data = new(12, b"trust") + new(6, KEY) + new(21, b"padding")
    assert [packet.tag for packet in packets(data)] == [PUBLIC_KEY]


@pytest.mark.parametrize("tag", [5, 7])
def test_private_material_is_noticed_behind_other_packets(tag):
    assert has_secret(new(6, KEY) + new(tag, KEY))


def test_private_material_is_noticed_when_it_is_cut():
    assert has_secret(new(5, bytes(100))[:3])


@pytest.mark.parametrize("data", [new(6, KEY), b"text", b"", new(6, KEY) + b"\x99\x01"])
def test_public_and_broken_data_have_no_private_material(data):
    assert not has_secret(data)


def test_a_real_certificate_has_the_fingerprint_that_gpg_gives_it():
    alice = pgp.signer()
    (block,) = armors(alice.public)
    (found,) = certificates(block.decode())
    assert (found.version, found.fingerprint) == (4, alice.fingerprint)
    assert found.data == block.decode()


def test_what_strangers_certified_is_left_out_and_own_signatures_stay():
    (plain,) = certificates(new(6, KEY))
    own = sub(33, b"\x04" + bytes.fromhex(plain.fingerprint))
    stranger = sub(16, b"\x01" * 8)
    data = (
        new(6, KEY)
        + new(2, v4(0x20, 8, unhashed=stranger))  # a revocation by another: a designated revoker
        + new(13, b"Alice")
        + new(2, v4(0x13, 8, unhashed=own))
        + new(2, v4(0x10, 8, unhashed=stranger))
        + new(2, b"\x04 broken")
    )
    (found,) = certificates(data)
    kinds = [signature_facts(each.body).kind for each in found.packets if each.tag == SIGNATURE]
    assert kinds == [0x20, 0x13]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (new(13, b"Alice"), "does not begin with a public key"),
        (new(6, KEY) + new(11, b"literal"), "something else than public keys"),
    ],
)
def test_what_is_not_a_certificate_is_named(data, why):
    with pytest.raises(Unreadable, match=why):
        certificates(data)


@pytest.mark.parametrize("version", [2, 3, 5, 6])
def test_keys_of_other_versions_are_told_by_their_version(version):
    (found,) = certificates(new(6, bytes([version]) + KEY[1:]))
    assert (found.version, found.fingerprint) == (version, "")


def test_an_empty_key_packet_has_no_version():
    (found,) = certificates(new(6, b""))
    assert found.version == 0


@pytest.mark.parametrize(
    ("hashes", "weak"), [([1], True), ([2, 2], True), ([2, 8], False), ([10], False), ([], False)]
)
def test_a_key_is_weakly_bound_when_nothing_stronger_than_sha1_binds_it(hashes, weak):
    (plain,) = certificates(new(6, KEY))
    own = sub(16, bytes.fromhex(plain.fingerprint[-16:]))
    bindings = b"".join(new(2, v4(0x13, each, unhashed=own)) for each in hashes)
    (found,) = certificates(new(6, KEY) + new(13, b"Alice") + bindings)
    assert is_weakly_bound(found.packets, found.fingerprint) is weak


def test_the_facts_of_a_version_3_signature():
    body = b"\x03\x05\x01" + WHEN.to_bytes(4) + b"\xaa" * 8 + b"\x01\x02\x00\x00"
    facts = signature_facts(body)
    assert (facts.version, facts.kind, facts.digest) == (3, 1, 2)
    assert facts.issuers == {"aa" * 8}
    assert facts.signed_at == datetime.fromtimestamp(WHEN, UTC)


def test_the_facts_of_a_version_4_signature():
    long = bytes([225, 10]) + bytes([0x80 | 20]) + bytes((225 - 192 << 8) + 10 + 192 - 1)
    hashed = sub(2, WHEN.to_bytes(4)) + sub(2, bytes(4)) + long
    facts = signature_facts(v4(0, 10, hashed, sub(16, b"\xbb" * 8)))
    assert (facts.version, facts.kind, facts.digest) == (4, 0, 10)
    assert facts.signed_at == datetime.fromtimestamp(WHEN, UTC)
    assert facts.issuers == {"bb" * 8}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "cut or damaged"),
        (b"\x03\x05", "cut or damaged"),
        (b"\x04\x00", "cut or damaged"),
        (v4(0, 8, sub(2, bytes(4)))[:9], "cut or damaged"),
        (v4(0, 8, b"\x09\x02"), "cut or damaged"),
        (v4(0, 8, b"\x00"), "cut or damaged"),
        (b"\x06" + bytes(40), "unknown version 6"),
    ],
)
def test_a_damaged_signature_packet_is_named(body, why):
    with pytest.raises(Unreadable, match=why):
        signature_facts(body)


@pytest.mark.parametrize("head", [b"\x97", b"\x9f", b"\xc5\xe1", b"\xc7\xff"])
def test_private_material_is_found_however_its_length_is_written(head):
    assert has_secret(head + b"\x04" * 20)
    assert begins_secret(head)
    assert not begins_secret(b"")
