"""One tar header: 512 bytes, in the dialects of V7, ustar (POSIX.1-1988) and GNU."""

import struct
import zlib
from functools import lru_cache
from typing import NamedTuple

from checks.engine.archive.problems import Problems
from checks.engine.model import Level

BLOCK = 512
ZERO = bytes(BLOCK)
GNU = b"ustar  \0"
SEE = "tar --list --verbose --file {path}"

# Name, mode, size, type, link target, magic, and the first byte of the prefix.
_FIELDS = struct.Struct("<100s8s16x12s20x1s100s8s80xB166x")


class Header(NamedTuple):
    """What a header says, before extended headers are taken into account."""

    name: str
    type: bytes
    size: int
    mode: int
    target: str
    has_slash: bool  # at the end of its own name, whatever prefixes and extended headers say


def checksum_ok(block: bytes) -> bool:
    """Whether this is a header at all. The sum counts its own field as spaces."""
    given = _octal(block[148:156])
    if block.isascii():
        # The lower half of Adler-32 is the sum and one, modulo 65,521, which 512 bytes of ASCII do
        # not reach. It takes a tenth of the time.
        counted = b"%b        %b" % (block[:148], block[156:])
        return given == (zlib.adler32(counted) & 0xFFFF) - 1
    total = sum(block) - sum(block[148:156]) + 256
    if given == total:
        return True
    # Some old programs added the bytes as signed numbers.
    high = sum(byte >= 128 for byte in block[:148] + block[156:])
    return high > 0 and given == total - 256 * high


def parse(block: bytes, problems: Problems) -> Header:
    """Read a header whose checksum is right."""
    raw, mode, length, type_, target, magic, prefix = _FIELDS.unpack(block)
    name = _text(raw)
    if prefix:
        name = _prefixed(block, magic, name, problems)
    if not numbers_ok(block[100:124], block[136:148], block[329:345]):
        problems.blocker(
            "integrity.header_number",
            "The header has something else where mode, owner, time or device are numbers: some "
            "programs stop there and never see the rest.",
            name,
            SEE,
        )
    size = _octal(length)
    if size is None:
        size = _binary(length, name, problems)
    target_text = _text(target) if target[0] else ""
    return Header(name, type_, size, mode_of(mode), target_text, _text(raw).endswith("/"))


def numbers_ok(owner: bytes, time: bytes, device: bytes) -> bool:
    """Whether fields that change nothing here hold numbers all the same: mode with user and group,
    time, both parts of a device. Python's tarfile takes a header without them for the end."""
    return are_numbers(owner + device) and _is_number(time)


@lru_cache(64)  # an archive has few different ones
def are_numbers(fields: bytes) -> bool:
    """Whether each of these fields of eight bytes holds a number. The first one is the mode, of
    which programs must not read two: who hides setuid bits would write it like that."""
    return _is_one_mode(fields[:8]) and all(
        _is_number(fields[at : at + 8]) for at in range(0, len(fields), 8)
    )


def _is_one_mode(field: bytes) -> bool:
    """Not behind a NUL, which GNU tar skips and others end at; nor blank, which is all bits to GNU
    tar and none to others; nor negative."""
    digits = field.strip(b"\0 ")
    return field[0] not in (0, 0xFF) if digits else b" " not in field


def _is_number(field: bytes) -> bool:
    """Whether Python reads it as one: octal up to a NUL, or GNU's binary form."""
    digits = field.rstrip(b"\0 ")
    if digits.isdigit() and b"8" not in digits and b"9" not in digits:  # nearly all
        return True
    digits = digits.partition(b"\0")[0].strip()
    return not digits.strip(b"01234567") or (field[0] in (0x80, 0xFF) and _fits(field))


def _fits(field: bytes) -> bool:
    """Whether systems can set a binary number as a time: where not, Python stops unpacking."""
    sign = b"\0" if field[0] == 0x80 else b"\xff"
    return abs(int.from_bytes(sign + field[1:], "big", signed=True)) < 1 << 62


@lru_cache(64)  # an archive has few different ones
def mode_of(field: bytes) -> int:
    """The permission bits, with setuid, setgid and sticky: up to a NUL, or in GNU's binary form."""
    if field[0] >= 0x80:
        return int.from_bytes(field[1:], "big") & 0o7777
    return (_octal(field.partition(b"\0")[0]) or 0) & 0o7777


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _octal(field: bytes) -> int | None:
    """Octal digits with spaces around them and NULs behind; None for anything else. Behind a NUL
    only GNU tar goes on, and it does not take blanks for a zero."""
    digits = field.rstrip(b" \0").lstrip(b" ")
    if not digits.isdigit():
        return None if digits or b" " in field else 0
    try:
        return int(digits, 8)
    except ValueError:
        return None


def _binary(field: bytes, name: str, problems: Problems) -> int:
    """GNU's way to write large numbers: a bit, and then the number itself."""
    if field[0] != 0x80:
        problems.stop("integrity.size", "The size is negative or no number.", name, SEE)
    return int.from_bytes(field[1:], "big")


def _prefixed(block: bytes, magic: bytes, name: str, problems: Problems) -> str:
    """The first part of a long path, which is only in ustar headers; elsewhere it is times."""
    if magic.startswith(b"ustar\0") and block[508:] != b"tar\0":
        return f"{_text(block[345:500])}/{name}"
    are_times = magic == GNU and (_octal(block[345:357]) is not None or block[345] >= 128)
    if are_times:  # of incremental archives; Python takes them for a prefix all the same
        message = "Headers hold times where Python's tarfile reads the first folder of the path."
        problems.once("integrity.times", Level.SUGGESTION, message, name, SEE)
    else:
        problems.concern(
            "integrity.prefix",
            "The header has a prefix that only some programs make part of the path.",
            name,
            SEE,
        )
    return name
