import base64

import pytest

from keys.openpgp_armor import Unreadable, armor, armors, crc24

DATA = bytes(range(256))
BLOCK = armor(DATA)


def only(text: bytes) -> bytes:
    (block,) = armors(text)
    return block.decode()


def test_the_checksum_is_that_of_the_rfc():
    assert crc24(b"") == 0xB704CE
    assert crc24(b"123456789") == 0x21CF02  # the check value of CRC-24/OPENPGP


def test_what_was_armored_comes_out_again():
    assert only(BLOCK) == DATA


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b" \t\n", b"\r\r\n"])
def test_line_ends_do_not_matter(end):
    assert only(BLOCK.replace(b"\n", end)) == DATA


def test_blocks_are_found_between_prose_with_their_lines():
    text = "Größe\n".encode("latin-1") + BLOCK + b"and\nmore\n" + BLOCK
    found = list(armors(text))
    assert [block.line for block in found] == [2, 4 + len(BLOCK.splitlines())]
    assert [block.decode() for block in found] == [DATA, DATA]
    assert found[0].text == BLOCK


def test_headers_are_left_out():
    text = BLOCK.replace(b"-----\n\n", b"-----\nVersion: 1\nComment: two\n\n", 1)
    assert only(text) == DATA


def test_a_block_without_a_checksum_is_fine():
    lines = BLOCK.splitlines()
    assert only(b"\n".join([*lines[:-2], lines[-1]])) == DATA


def test_a_wrong_checksum_is_named():
    lines = BLOCK.splitlines()
    lines[-2] = b"=AAAA"
    with pytest.raises(Unreadable, match="checksum of the block is wrong"):
        only(b"\n".join(lines))


def test_one_changed_bit_is_noticed():
    lines = BLOCK.splitlines()
    raw = bytearray(base64.b64decode(lines[3]))
    raw[0] ^= 1
    lines[3] = base64.b64encode(raw)
    with pytest.raises(Unreadable):
        only(b"\n".join(lines))


@pytest.mark.parametrize("body", [b"not base64!", b"QUJD=QUJD", b"QUJ"])
def test_what_is_not_base64_is_named(body):
    text = b"-----BEGIN PGP SIGNATURE-----\n\n" + body + b"\n-----END PGP SIGNATURE-----\n"
    with pytest.raises(Unreadable, match="not valid base64"):
        only(text)


def test_an_empty_block_is_named():
    with pytest.raises(Unreadable, match="empty"):
        only(b"-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n")


def test_a_block_without_its_end_reaches_to_the_next_or_to_the_end():
    cut = BLOCK.rpartition(b"-----END")[0]
    first, second = armors(cut + cut)
    assert not first.ended
    assert not second.ended
    assert (first.decode(), second.decode()) == (DATA, DATA)


def test_an_end_of_another_kind_does_not_end_a_block():
    text = BLOCK.replace(b"END PGP PUBLIC KEY BLOCK", b"END PGP SIGNATURE")
    (block,) = armors(text)
    assert not block.ended


def test_an_indented_end_line_spoils_the_block():
    with pytest.raises(Unreadable):
        only(BLOCK.replace(b"-----END", b" -----END"))


def test_a_cleartext_signed_document_shows_its_escaped_blocks():
    signed = b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" + BLOCK.replace(
        b"-----BEGIN", b"- -----BEGIN"
    ).replace(b"-----END", b"- -----END")
    (block,) = armors(signed)
    assert block.kind == "PUBLIC KEY BLOCK"
    assert block.decode() == DATA
