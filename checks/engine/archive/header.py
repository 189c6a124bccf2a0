"""One tar header: 512 bytes, in the dialects of V7, ustar (POSIX.1-1988) and GNU."""

from dataclasses import dataclass

from checks.engine.archive.problems import Problems

BLOCK = 512
ZERO = bytes(BLOCK)
GNU = b"ustar  \0"
SEE = "tar --list --verbose --file {path}"


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says, before extended headers are taken into account."""

    name: str
    type: bytes
    size: int
    mode: int
    target: str


def checksum_ok(block: bytes) -> bool:
    """Whether this is a header at all. The sum counts its own field as spaces."""
    given = _octal(block[148:156])
    total = sum(block) - sum(block[148:156]) + 256
    if given == total:
        return True
    # Some old programs added the bytes as signed numbers.
    high = sum(byte >= 128 for byte in block[:148] + block[156:])
    return high > 0 and given == total - 256 * high


def parse(block: bytes, problems: Problems) -> Header:
    """Read a header whose checksum is right."""
    magic = block[257:265]
    name = _text(block[:100])
    if block[345]:
        name = _prefixed(block, magic, name, problems)
    size = _octal(block[124:136])
    if size is None:
        size = _binary(block[124:136], name, problems)
    mode = _octal(block[100:108])
    target = _text(block[157:257]) if block[157] else ""
    return Header(name, block[156:157], size, (mode or 0) & 0o7777, target)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _octal(field: bytes) -> int | None:
    """Octal digits with spaces or NULs around them; None for anything else."""
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if not digits.isdigit():
        return None
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
    if _octal(block[345:357]) is None and block[345] < 128:
        problems.concern(
            "integrity.prefix",
            "The header has a prefix that only some programs make part of the path.",
            name,
            SEE,
        )
    return name
