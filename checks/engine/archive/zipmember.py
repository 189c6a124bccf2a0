"""One member of a zip before its content: name, header, what it becomes, whether it can be read."""

import re
import stat
import struct

from checks.engine.archive.model import Kind
from checks.engine.archive.problems import Problems
from checks.engine.archive.window import Window
from checks.engine.archive.zipdir import ALL_ONES, SEE, ZIP64, Entry, extras, wide

_LOCAL = struct.Struct("<4s2B4HL2L2H")

ENCRYPTED, DESCRIPTOR, PATCHED, STRONG, UTF8, MASKED = 1, 1 << 3, 1 << 5, 1 << 6, 1 << 11, 1 << 13
_MATTER = ENCRYPTED | DESCRIPTOR | PATCHED | STRONG | UTF8 | MASKED
STORED, DEFLATED, AES = 0, 8, 99
UNICODE_PATH, ASI_UNIX = 0x7075, 0x756E
UNIX, DOS_FOLDER = 3, 0x10
_VERSION = re.compile(r";[0-9]*\Z")
NO_MODE = 0xFFFF  # "-1" as a mode: Maven's archiver until 2.5 wrote it for some directories


def decode(entry: Entry, problems: Problems) -> str:
    """The name, as `unzip` decodes it."""
    raw = entry.raw
    if raw.isascii():
        name = raw.decode("ascii")
    elif entry.flags & UTF8:
        name = raw.decode("utf-8", "backslashreplace")
        if name.encode() != raw:
            problems.blocker(
                "integrity.name_encoding", "The name says it is UTF-8, and is not.", name, SEE
            )
    else:
        name = raw.decode("cp437")
        problems.concern(
            "safety.name_encoding",
            "The name is not ASCII and does not say that it is UTF-8, so its letters depend "
            "on the system that unpacks it.",
            name,
            SEE,
        )
    if entry.extra:
        _judge_unicode_path(entry.extra, name, problems)
    return name


def _judge_unicode_path(extra: bytes, name: str, problems: Problems) -> None:
    """A second name in an extra field, which only some programs use."""
    paths = [value for number, value in extras(extra, name, problems) if number == UNICODE_PATH]
    if len(paths) > 1 or any(path[5:].decode("utf-8", "replace") != name for path in paths):
        problems.blocker(
            "integrity.override",
            "An extra field gives the member another path: programs unpack different ones.",
            name,
            SEE,
        )


def content_start(window: Window, entry: Entry, name: str, problems: Problems) -> int:
    """Compare the header before the content with the directory; where the content begins."""
    block = window.read(entry.offset, _LOCAL.size)
    if len(block) < _LOCAL.size or not block.startswith(b"PK\x03\x04"):
        problems.stop("integrity.local", "There is no member where the directory says.", name, SEE)
    fields = _LOCAL.unpack(block)
    flags, method = fields[3:5]
    at = entry.offset + _LOCAL.size
    start = at + fields[10] + fields[11]
    rest = window.read(at, start - at)
    raw, extra = rest[: fields[10]], rest[fields[10] :]
    sizes = fields[7:10]
    if extra:
        sizes = _wide_sizes(sizes, extra, name, problems)
    if (
        raw != entry.raw
        or method != entry.method
        or (flags ^ entry.flags) & _MATTER
        or not _agree(sizes, (entry.crc, entry.packed, entry.size), flags)
    ):
        problems.stop(
            "integrity.local",
            "The header of the member and the directory disagree: programs read different files.",
            name,
            SEE,
        )
    return start


def _wide_sizes(
    sizes: tuple[int, ...], extra: bytes, name: str, problems: Problems
) -> tuple[int, ...]:
    """Checksum, packed size and size, 64-bit where the header says so."""
    _judge_unicode_path(extra, name, problems)
    crc, packed, size = sizes
    for number, value in extras(extra, name, problems):
        if number == ZIP64 and ALL_ONES in (packed, size):
            size, packed = wide((size, packed), value, name, problems)
    return crc, packed, size


def _agree(sizes: tuple[int, ...], expected: tuple[int, ...], flags: int) -> bool:
    """Whether the header's values are the directory's, or are left open for the descriptor."""
    return all(
        value == known or (flags & DESCRIPTOR and value == 0)
        for value, known in zip(sizes, expected, strict=True)
    )


def kind_of(entry: Entry, name: str, problems: Problems) -> tuple[Kind | None, int | None]:
    """What the member becomes, and its mode; None for what is refused."""
    bits = entry.attributes >> 16
    if bits == NO_MODE:
        bits = 0
    mode = bits & 0o7777 if bits else None
    type_ = stat.S_IFMT(bits)
    _judge_kind(entry, type_, name, problems)
    if name.endswith("/") and type_ in (0, stat.S_IFDIR, stat.S_IFREG):
        if entry.size:
            problems.blocker(
                "integrity.size_of_nothing", "A directory that has content.", name, SEE
            )
            return None, None
        return Kind.DIRECTORY, mode
    if type_ == stat.S_IFLNK and not name.endswith("/"):
        return Kind.SYMLINK, mode
    if type_ in (0, stat.S_IFREG):
        return Kind.FILE, mode
    problems.blocker(
        "safety.device", "A device, pipe or socket, or not what its name says.", name, SEE
    )
    return None, None


def _judge_kind(entry: Entry, type_: int, name: str, problems: Problems) -> None:
    """What some programs make a link or a directory of and others a file, or another file."""
    is_link = type_ == stat.S_IFLNK
    by_host = is_link or (entry.attributes & DOS_FOLDER and not name.endswith(("/", "\\")))
    if (by_host and entry.host != UNIX) or (
        not is_link and _is_link_by_extra(entry, name, problems)
    ):
        problems.blocker(
            "integrity.kind",
            "To some programs the member is a link or a directory, and to others a file.",
            name,
            SEE,
        )
    if _VERSION.search(name):
        problems.concern(
            "integrity.name_version",
            "The name ends with a semicolon and a number, as on VMS: unzip leaves that out, and "
            "writes another file.",
            name,
            SEE,
        )


def _is_link_by_extra(entry: Entry, name: str, problems: Problems) -> bool:
    """Whether a mode in an extra field, which unzip takes where there is no other, is a link's."""
    return bool(entry.extra) and any(
        number == ASI_UNIX and stat.S_ISLNK(int.from_bytes(value[4:6], "little"))
        for number, value in extras(entry.extra, name, problems)
    )


def readable(entry: Entry, name: str, problems: Problems) -> bool:
    """Whether the content can be read with what every unzip knows."""
    if entry.flags & (ENCRYPTED | STRONG | MASKED) or entry.method == AES:
        message = "The member is encrypted. Nobody can look into it."
        problems.blocker("safety.encrypted", message, name, SEE)
        return False
    if entry.method not in (STORED, DEFLATED) or entry.flags & PATCHED:
        message = f"The member is compressed in a way (method {entry.method}) few can read."
        problems.blocker("safety.method", message, name, SEE)
        return False
    if entry.method == STORED and entry.size and entry.flags & DESCRIPTOR:
        message = "The member's length stands behind it: reading from the front, it has no end."
        problems.blocker("integrity.descriptor", message, name, SEE)
        return False
    return True
