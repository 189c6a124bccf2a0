"""Puts right what random changes break, so that they reach what lies behind the checksums."""

import struct
import zlib

from tests.fuzz.archives import PACK, UNPACK

BLOCK = 512
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")


def tar(data: bytes) -> bytes:
    """Give every header of a tar its checksum."""
    mended = bytearray(data)
    at = 0
    while at + BLOCK <= len(mended):
        block = mended[at : at + BLOCK]
        if any(block):
            block[148:156] = b" " * 8
            mended[at + 148 : at + 156] = b"%06o\0 " % (sum(block) & 0o777777)
        at += BLOCK + _content(bytes(block))
    return bytes(mended)


def _content(block: bytes) -> int:
    """The blocks behind a header, in bytes; none where its size cannot be read."""
    digits = block[124:136].strip(b" \0")
    size = int(digits, 8) if digits and not digits.strip(b"01234567") else 0
    return -(-size // BLOCK) * BLOCK


def zip_(data: bytes) -> bytes:
    """Give the members of a zip their checksums, and the end record its offsets."""
    mended = bytearray(data)
    end = mended.rfind(b"PK\x05\x06")
    start = mended.find(b"PK\x01\x02")
    if start < 0 or end < start or end + 22 > len(mended):
        return data
    count = mended.count(b"PK\x01\x02", start, end)
    struct.pack_into("<4H2LH", mended, end + 4, 0, 0, count, count, end - start, start, 0)
    del mended[end + 22 :]
    local, at = 0, start
    while at + _CENTRAL.size <= end and mended[at : at + 4] == b"PK\x01\x02" and local >= 0:
        local = _member(mended, at, local, start)
        lengths = struct.unpack_from("<3H", mended, at + 28)
        at += _CENTRAL.size + sum(lengths)
    return bytes(mended)


def _member(mended: bytearray, central: int, local: int, start: int) -> int:
    """Make both headers of a member agree with its content; where the next member begins."""
    if local + _LOCAL.size > start or mended[local : local + 4] != b"PK\x03\x04":
        return -1
    following = mended.find(b"PK\x03\x04", local + 4, start)
    following = start if following < 0 else following
    name, extra = struct.unpack_from("<2H", mended, local + 26)
    content = bytes(mended[local + _LOCAL.size + name + extra : following])
    plain = content
    if struct.unpack_from("<H", mended, local + 8)[0] == 8:
        try:
            plain = zlib.decompressobj(-15).decompress(content, 1 << 20)
        except zlib.error:
            return following
    sizes = struct.pack("<3L", zlib.crc32(plain), len(content), len(plain))
    mended[local + 14 : local + 26] = sizes
    mended[central + 16 : central + 28] = sizes
    struct.pack_into("<L", mended, central + 42, local)
    return following


def stream(data: bytes) -> bytes:
    """Compress anew what is inside, with the headers of the tar put right."""
    if not data:
        return data
    format_ = sorted(PACK)[data[0] % len(PACK)]
    try:
        plain = UNPACK[format_](data[1:])
    except Exception:  # of any of the libraries: then the change is one of the compressed bytes
        return data
    return data[:1] + PACK[format_](tar(plain[: 1 << 20]))
