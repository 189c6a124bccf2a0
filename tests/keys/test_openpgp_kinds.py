"""What an import says of each kind of block that turns up in KEYS files."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keys.openpgp import Block, read_keys
from keys.openpgp_armor import armor, armors
from tests import pgp
from tests.keys.made import AT, Made, packet

HERE = Path(__file__).parent / "data"
NAME = b"Alice <alice@example.org>"


def one(data: bytes) -> Block:
    (block,) = read_keys(data)
    return block


def binary(text: bytes) -> bytes:
    return b"".join(block.decode() for block in armors(text))


@pytest.mark.parametrize(
    ("algorithm", "said", "bits", "weak"),
    [
        ("ed25519", "EdDSA", 255, False),
        ("nistp256", "ECDSA", 256, False),
        ("nistp384", "ECDSA", 384, False),
        ("nistp521", "ECDSA", 521, False),
        ("brainpoolP256r1", "ECDSA", 256, False),
        ("brainpoolP512r1", "ECDSA", 512, False),
        ("rsa1024", "RSA", 1024, True),
        ("rsa2048", "RSA", 2048, False),
        ("rsa4096", "RSA", 4096, False),
        ("dsa2048", "DSA", 2048, True),
    ],
)
def test_keys_of_each_algorithm_are_taken_and_said_to_be_weak_or_not(
    algorithm, said, bits, weak
) -> None:
    block = one(pgp.Signer("Kay <kay@example.org>", algorithm=algorithm).public)
    (found,) = block.certificates
    assert (found.algorithm, found.length, found.primary.is_weak) == (said, bits, weak)
    assert block.problems == ()


@pytest.mark.parametrize("bits", [8192, 16384])
def test_very_long_keys_are_taken(bits: int) -> None:
    (found,) = one((HERE / f"rsa{bits}.asc").read_bytes()).certificates
    assert (found.algorithm, found.length) == ("RSA", bits)
    assert found.user_ids == (f"Long <rsa{bits}@example.org>",)


@pytest.mark.parametrize("version", [2, 3, 5, 6])
def test_keys_of_other_versions_are_refused_with_their_version(version: int) -> None:
    body = bytes([version]) + bytes(40)
    block = one(armor(packet(6, body) + packet(13, NAME)))
    assert f"version {version}" in block.refused


def test_a_subkey_alone_is_refused() -> None:
    erin = pgp.Signer("Erin <erin@example.org>", usage="cert")
    erin.home.add_subkey(erin.fingerprint, at=pgp.NOW)
    whole = binary(erin.public)
    at = whole.index(b"\xb8\x33\x04")  # the packet of a public subkey, in the old format: 51 bytes
    assert "does not begin with a public key" in one(armor(whole[at:])).refused


def test_a_picture_is_kept_and_counted() -> None:
    block = one(Made().user_id(NAME).photo(b"\xff\xd8\xff\xe0" + b"jpeg" * 5000).text)
    (found,) = block.certificates
    assert found.photos == 1
    assert len(found.armored) > 20_000


def test_a_withdrawn_name_is_no_name_and_is_known_all_the_same() -> None:
    old = b"Alice <old@example.org>"
    (found,) = one(Made().user_id(NAME).user_id(old).withdrawn(old).text).certificates
    assert found.user_ids == (NAME.decode(),)
    withdrawn = found.identities[1]
    assert withdrawn.text == old.decode()
    assert withdrawn.revocation is not None
    assert (withdrawn.revocation.reason, withdrawn.revocation.at) == ("not valid any more", AT)


def test_a_key_whose_names_are_all_withdrawn_has_none() -> None:
    (found,) = one(Made().user_id(NAME).withdrawn(NAME).text).certificates
    assert (found.user_ids, len(found.identities)) == ((), 1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"A\0B\x01\n[GNUPG:] GOODSIG 1 <a@example.org>", r"A\0B\x01\n[GNUPG:] GOODSIG 1"),
        ("A \u202egro <a@example.org>".encode(), r"A \u202egro"),
        ("A\u0085[GNUPG:] VALIDSIG 1".encode(), r"A\x85[GNUPG:] VALIDSIG 1"),
        ("A\u2028B\u2066C".encode(), r"A\u2028B\u2066C"),
        (b"\xff\xfe <a@example.org>", "ÿþ"),
        (b"<script>alert(1)</script>", "<script>"),
        (b"A" * 2000, "A" * 255 + "…"),
    ],
)
def test_hostile_names_are_shown_as_what_they_are(name: bytes, shown: str) -> None:
    (found,) = one(Made().user_id(name).text).certificates
    assert found.user_id.startswith(shown)
    assert found.user_id.isprintable()


def test_a_name_of_ten_kilobytes_is_left_out_and_the_key_is_taken() -> None:
    block = one(Made().user_id(NAME).user_id(b"A" * 10_240).text)
    assert block.certificates[0].user_ids == (NAME.decode(),)
    assert "more than 2,048 bytes was left out" in block.problems[0]


def test_a_key_with_nothing_but_such_a_name_is_refused_and_told_why() -> None:
    refused = one(Made().user_id(b"A" * 10_240).text).refused
    assert "2,048 bytes" in refused
    assert "left out" in refused


@pytest.mark.parametrize(
    ("reason", "said", "hard"),
    [(0, "no reason given", True), (1, "superseded", False), (2, "compromised", True)],
)
def test_a_revoked_key_is_taken_with_its_reason_and_time(reason, said, hard) -> None:
    (found,) = one(Made().user_id(NAME).revoked(reason, AT + timedelta(days=3)).text).certificates
    assert found.revocation is not None
    assert (found.revocation.reason, found.revocation.hard) == (said, hard)
    assert found.revocation.at == AT + timedelta(days=3)


def test_an_expired_key_is_taken() -> None:
    made = datetime(2020, 1, 1, tzinfo=UTC)
    (found,) = one(pgp.Signer("Old <old@example.org>", at=made, expires="30d").public).certificates
    assert found.expires_at == made + timedelta(days=30)


def test_two_hundred_blocks_with_prose_between_them_each_get_a_verdict(caplog) -> None:
    """Every seventh block is spoiled in one of six ways; the lines are those of the file."""
    spoil = [
        lambda text: text[: len(text) // 2],  # truncated
        lambda text: text.replace(b"\n=", b"\n=AAAA", 1),  # its checksum is no checksum
        lambda text: text.replace(b"PUBLIC", b"PRIVATE"),
        lambda text: armor(packet(6, b"\3" + bytes(30))),
        lambda text: armor(b"\xb8\x02ab"),
        lambda text: Made(b"key 1").user_id(b"Person 1 <p1@example.org>").text,  # a duplicate
    ]
    lines, expected = b"Our keys\r\n", {}
    for number in range(200):
        text = (
            Made(f"key {number}".encode())
            .user_id(b"Person %d <p%d@example.org>" % ((number,) * 2))
            .text
        )
        if number % 7 == 3:
            text = spoil[number // 7 % 6](text)
        expected[lines.count(b"\n") + 2] = number
        text = text.replace(b"\n", b"\r\n") if number % 2 else text
        lines += b"pub %d --- and a \xe9 --\n" % number + text + b"\n"
    with caplog.at_level(logging.DEBUG):
        blocks = read_keys(lines)
    assert [block.line for block in blocks] == list(expected)
    for block in blocks:
        number = expected[block.line]
        is_spoiled = number % 7 == 3
        is_duplicate = is_spoiled and number // 7 % 6 == 5
        assert bool(block.refused) is (is_spoiled and not is_duplicate), number
        assert bool(block.problems) is is_spoiled, number
        assert block.private is (is_spoiled and number // 7 % 6 == 2), number
        if not is_spoiled:
            assert block.certificates[0].user_id == f"Person {number} <p{number}@example.org>"
    assert "BEGIN PGP" not in caplog.text
