"""The end of a zip: the end record, its 64-bit companion, and the central directory.

Field layouts: PKWARE APPNOTE 6.3, sections 4.3.12 to 4.3.16 and 4.5.3.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from checks.engine.archive.problems import Problems, amount
from checks.engine.archive.tree import KEPT
from checks.engine.archive.window import Window
from checks.engine.model import Level, Limits

SEE = "unzip -tq {path}; zipinfo -v {path}"

END = b"PK\x05\x06"
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s2B2BHHHHLLLHHHHHLL")
_COMMENT = 0xFFFF  # bytes that the comment behind the end record can have
ALL_ONES = 0xFFFFFFFF
ZIP64 = 0x0001
NEWEST_VERSION = 45  # of the format, as ten times the number; later ones add methods and ciphers


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the central directory, sizes and offset already 64-bit."""

    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    attributes: int
    extra: bytes
    host: int  # the system it was made on, which says what the attributes mean


@dataclass(frozen=True, slots=True)
class _Directory:
    count: int
    size: int
    offset: int
    shift: int = 0  # bytes put before the archive, which its offsets do not know of


def entries(window: Window, limits: Limits, problems: Problems) -> tuple[list[Entry], int]:
    """All entries, in the order of the file, and where the directory begins."""
    where = _find(window, problems)
    if not where.count:
        problems.stop("integrity.empty", "The archive is empty.", see=SEE)
    if where.count > limits.members:
        problems.stop(
            "safety.members",
            f"The archive holds {where.count:,} members; at most {limits.members:,} are allowed.",
        )
    if where.size > limits.metadata * KEPT + _CENTRAL.size * where.count:
        problems.stop("safety.metadata", f"The directory takes {amount(where.size)}.")
    data = window.read(where.offset, where.size)
    found = list(_parse(data, where.count, where.shift, problems))
    found.sort(key=lambda entry: entry.offset)
    return found, where.offset


def extras(data: bytes, member: str, problems: Problems) -> Iterator[tuple[int, bytes]]:
    """The extra fields: number and content."""
    at = 0
    while at < len(data):
        if len(data) - at < 4 and not any(data[at:]):
            problems.once(
                "integrity.extra_padding",
                Level.SUGGESTION,
                "Extra fields are padded with zeros, which is not quite the format.",
                member,
                SEE,
            )
            return
        if len(data) - at < 4:
            _bad_extra(member, problems)
        number, length = struct.unpack_from("<HH", data, at)
        at += 4 + length
        if at > len(data):
            _bad_extra(member, problems)
        yield number, data[at - length : at]


def _bad_extra(member: str, problems: Problems) -> None:
    problems.stop("integrity.extra", "An extra field is longer than its place.", member, SEE)


def _find(window: Window, problems: Problems) -> _Directory:
    start = max(0, window.size - _END.size - _COMMENT)
    tail = window.read(start, window.size - start)
    position = start + _end_position(tail, problems)
    _, disk, first, here, count, size, offset, _ = _END.unpack_from(tail, position - start)
    directory = _Directory(count, size, offset)
    stop = position
    if position >= _LOCATOR.size:
        locator = window.read(position - _LOCATOR.size, _LOCATOR.size)
        if locator.startswith(b"PK\x06\x07"):
            directory, stop = _end64(window, locator, position, directory, problems)
    if (disk, first) != (0, 0) or here != count:
        problems.stop("integrity.disks", "The archive says that it is one part of several.")
    shift = stop - directory.offset - directory.size
    if shift < 0 or (shift and window.read(directory.offset + shift, 4) != b"PK\x01\x02"):
        problems.stop(
            "integrity.directory",
            "The directory is not where the end record says: bytes before the archive or behind "
            "the directory, which programs read in different ways.",
            see=SEE,
        )
    return replace(directory, offset=directory.offset + shift, shift=shift)


def _end_position(tail: bytes, problems: Problems) -> int:
    """Where the end record is: the only place that every program finds."""
    places = []
    at = tail.find(END)
    while at >= 0:
        places.append(at)
        at = tail.find(END, at + 1)
    exact = [
        at
        for at in places
        if at + _END.size <= len(tail)
        and at + _END.size + struct.unpack_from("<H", tail, at + 20)[0] == len(tail)
    ]
    if not places:
        problems.stop(
            "integrity.truncated",
            "There is no end record: the archive is cut, or much data follows it.",
            see=SEE,
        )
    if not exact:
        problems.stop(
            "integrity.trailing", "The archive does not end where its end record says.", see=SEE
        )
    if places[-1] != exact[0]:
        problems.stop(
            "integrity.two_ends",
            "There are two end records, so programs may unpack different files.",
            see=SEE,
        )
    return exact[0]


def _end64(
    window: Window, locator: bytes, position: int, small: _Directory, problems: Problems
) -> tuple[_Directory, int]:
    """The 64-bit end record: it must stand before its locator and agree with the small one."""
    _, disk, at, disks = _LOCATOR.unpack(locator)
    record = window.read(at, _END64.size) if at + _END64.size <= position else b""
    if disk != 0 or disks != 1 or not record.startswith(b"PK\x06\x06"):
        problems.stop("integrity.zip64", "The locator of the 64-bit end record is wrong.", see=SEE)
    _, length, _, _, disk, first, here, count, size, offset = _END64.unpack(record)
    if length + 12 != _END64.size:  # Python looks for the record right in front of the locator
        problems.stop("integrity.zip64", "The 64-bit end record holds more than it needs.", see=SEE)
    big = _Directory(count, size, offset)
    agreed = (
        at + 12 + length == position - _LOCATOR.size
        and (disk, first) == (0, 0)
        and here == count
        and small.count in (count, 0xFFFF)
        and small.size in (size, ALL_ONES)
        and small.offset in (offset, ALL_ONES)
    )
    if not agreed:
        problems.stop("integrity.zip64", "The two end records disagree.", see=SEE)
    return big, at


def _parse(data: bytes, count: int, shift: int, problems: Problems) -> Iterator[Entry]:
    at = 0
    for _ in range(count):
        if data[at : at + 4] != b"PK\x01\x02" or at + _CENTRAL.size > len(data):
            problems.stop("integrity.directory", "The directory ends too early.", see=SEE)
        fields = _CENTRAL.unpack_from(data, at)
        at += _CENTRAL.size
        name_end = at + fields[12]
        extra_end = name_end + fields[13]
        raw, extra = data[at:name_end], data[name_end:extra_end]
        at = extra_end + fields[14]
        if at > len(data):
            problems.stop("integrity.directory", "The directory ends too early.", see=SEE)
        yield _entry(fields, raw, extra, shift, problems)
    if at != len(data):
        problems.stop("integrity.directory", "The directory holds more than its entries.", see=SEE)


def _entry(
    fields: tuple[int, ...], raw: bytes, extra: bytes, shift: int, problems: Problems
) -> Entry:
    member = raw.decode("utf-8", "backslashreplace")
    crc, packed, size = fields[9:12]
    disk, _, attributes, offset = fields[15:19]
    if disk:
        problems.stop("integrity.disks", "A member is said to be on another disk.", member, SEE)
    if extra:
        size, packed, offset = _sizes64(size, packed, offset, extra, member, problems)
    _judge_version_and_date(fields, member, problems)
    return Entry(
        raw, fields[5], fields[6], crc, packed, size, offset + shift, attributes, extra, fields[2]
    )


def _sizes64(
    size: int, packed: int, offset: int, extra: bytes, member: str, problems: Problems
) -> tuple[int, int, int]:
    """Size, packed size and offset, the 64-bit ones where they are called for."""
    for number, value in extras(extra, member, problems):
        if number == ZIP64:
            size, packed, offset = wide((size, packed, offset), value, member, problems)
    return size, packed, offset


def wide(values: tuple[int, ...], field: bytes, member: str, problems: Problems) -> tuple[int, ...]:
    """The values with those that are all ones taken from the 64-bit field.

    A field that nothing refers to must say the same: some programs read it, some do not.
    """
    wanted = [value for value in values if value == ALL_ONES]
    if len(field) < 8 * len(wanted):
        problems.stop("integrity.zip64", "A 64-bit extra field is too short.", member, SEE)
    given = list(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
    if not wanted:
        if any(a != b for a, b in zip(given, values, strict=False)):
            problems.stop("integrity.zip64", "A 64-bit extra field gives other sizes.", member, SEE)
        return values
    return tuple(given.pop(0) if value == ALL_ONES else value for value in values)


def _judge_version_and_date(fields: tuple[int, ...], member: str, problems: Problems) -> None:
    if fields[3] > NEWEST_VERSION:
        problems.once(
            "integrity.version",
            Level.SUGGESTION,
            "Members ask for a newer version of zip than their content needs.",
            member,
            SEE,
        )
    day, month = fields[8] & 0x1F, fields[8] >> 5 & 0x0F
    if not (1 <= day <= 31 and 1 <= month <= 12):
        problems.once(
            "integrity.date", Level.SUGGESTION, "Members have a date that is none.", member, SEE
        )
