"""Problems of a zip as a whole: names, end records, what lies around members."""

import stat
import struct
import zlib

from checks.engine.model import Limits
from tests.checks.engine.archive.build_zip import (
    Zipped,
    end_record,
    end_records64,
    zip_parts,
    zipped,
)
from tests.checks.engine.archive.case import BLOCKER, CONCERN, SUGGESTION, Case

TEXT = b"some text, and some text again, and some text\n" * 20
PACKED = len(Zipped(b"", TEXT).content())
GOOD = zipped()
LINK, DEVICE, FOLDER = stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o666, stat.S_IFDIR | 0o755
WIDE = struct.pack("<2H2Q", 1, 16, len(TEXT), PACKED)


def row(says: str, code: str, level, bad: bytes, good: bytes = GOOD, name="t-1.zip", **more):
    return Case(says, code, level, bad, good, name, **more)


def one(name: bytes = b"t-1/x", data: bytes = TEXT, **more) -> bytes:
    """A zip with one more member."""
    return zipped(Zipped(name, data, **more))


def with_end64(
    count_off_by: int = 0, disks: int = 1, at_off_by: int = 0, more: bytes = b""
) -> bytes:
    body, central, count = zip_parts()
    at = len(body) + len(central)
    return (
        body
        + central
        + end_records64(count + count_off_by, len(central), len(body), at + at_off_by, disks, more)
        + end_record(count, len(central), len(body))
    )


def between(gap: bytes) -> bytes:
    """Bytes between the last member and the directory."""
    body, central, count = zip_parts()
    return body + gap + central + end_record(count, len(central), len(body) + len(gap))


def long_last_name() -> bytes:
    """The last directory entry says that its name is longer than what is left."""
    body, central, count = zip_parts()
    at = central.rindex(b"PK\x01\x02") + 28
    central = central[:at] + b"\xff\0" + central[at + 2 :]
    return body + central + end_record(count, len(central), len(body))


def before(prefix: bytes) -> bytes:
    """Bytes before the first member that the offsets know of."""
    body, central, count = zip_parts()
    moved = bytearray(central)
    at = 0
    for _ in range(count):
        offset, name = struct.unpack_from("<L", moved, at + 42)[0], moved[at + 28]
        struct.pack_into("<L", moved, at + 42, offset + len(prefix))
        at += 46 + name
    return prefix + body + bytes(moved) + end_record(count, len(moved), len(prefix + body))


def unicode_path(name: bytes, shown: bytes) -> bytes:
    field = struct.pack("<BL", 1, zlib.crc32(name)) + shown
    return struct.pack("<2H", 0x7075, len(field)) + field


NAMES = [
    row("a name that climbs", "safety.traversal", BLOCKER, one(b"../x"), one(b"..x")),
    row("a NUL in a name", "safety.name_control", BLOCKER, one(b"x.txt\0.exe"), one(b"x.txt")),
    row("a name of slashes", "safety.absolute", BLOCKER, one(b"//", b""), one(b"x/", b"")),
    row(
        "a name of an unknown encoding",
        "safety.name_encoding",
        CONCERN,
        one(b"caf\x82"),
        one("café".encode(), flags=1 << 11),
    ),
    row(
        "a name that is not the UTF-8 it claims",
        "integrity.name_encoding",
        BLOCKER,
        one(b"caf\xe9", flags=1 << 11),
        one("café".encode(), flags=1 << 11),
    ),
    row(
        "another name in an extra field",
        "integrity.override",
        BLOCKER,
        one(extra=unicode_path(b"t-1/x", b"t-1/y")),
        one(extra=unicode_path(b"t-1/x", b"t-1/x")),
    ),
    row(
        "two names in extra fields",
        "integrity.override",
        BLOCKER,
        one(extra=unicode_path(b"t-1/x", b"t-1/x") * 2),
        one(extra=unicode_path(b"t-1/x", b"t-1/x")),
    ),
    row(
        "one path with two contents",
        "safety.duplicate",
        BLOCKER,
        zipped(Zipped(b"x", b"one"), Zipped(b"x", b"two")),
        zipped(Zipped(b"x", b"one"), Zipped(b"x", b"one")),
    ),
    row(
        "one path twice",
        "safety.repeated",
        CONCERN,
        zipped(Zipped(b"x", b"one"), Zipped(b"x", b"one")),
        zipped(Zipped(b"x", b"one")),
    ),
    row(
        "a link out",
        "safety.symlink",
        BLOCKER,
        one(b"t-1/l", b"/etc/passwd", attributes=LINK),
        one(b"t-1/l", b"LICENSE", attributes=LINK),
    ),
    row(
        "a link with a target of a MiB",
        "safety.symlink",
        BLOCKER,
        one(b"t-1/l", b"x" * (1 << 20), attributes=LINK),
        one(b"t-1/l", b"x", attributes=LINK),
    ),
    row(
        "a device",
        "safety.device",
        BLOCKER,
        one(attributes=DEVICE),
        one(attributes=stat.S_IFREG | 0o644),
    ),
    row(
        "a pipe by its slash a directory",
        "safety.device",
        BLOCKER,
        one(b"t-1/d/", b"", attributes=stat.S_IFIFO | 0o644),
        one(b"t-1/d/", b"", attributes=0xFFFF),
    ),
    row(
        "a directory without its slash",
        "safety.device",
        BLOCKER,
        one(data=b"", attributes=FOLDER),
        one(b"t-1/x/", b"", attributes=FOLDER),
    ),
    row("a setuid file", "safety.setuid", CONCERN, one(attributes=stat.S_IFREG | 0o4755), one()),
]

WHOLE = [
    row("a zip that is cut", "integrity.truncated", BLOCKER, one()[:-60]),
    row("two MiB behind a zip", "integrity.truncated", BLOCKER, GOOD + bytes(2 << 20)),
    row(
        "bytes behind a zip", "integrity.trailing", BLOCKER, GOOD + b"more", zipped(comment=b"more")
    ),
    row("a comment shorter than declared", "integrity.trailing", BLOCKER, zipped(comment_length=9)),
    row(
        "two end records",
        "integrity.two_ends",
        BLOCKER,
        zipped(comment=end_record(0, 0, 0)),
        zipped(comment=b"PK"),
    ),
    row("an empty zip", "integrity.empty", BLOCKER, end_record(0, 0, 0)),
    row("one entry fewer", "integrity.directory", BLOCKER, zipped(count_off_by=-1)),
    row("one entry more", "integrity.directory", BLOCKER, zipped(count_off_by=1)),
    row("a directory of another size", "integrity.directory", BLOCKER, zipped(size_off_by=-1)),
    row("a directory elsewhere", "integrity.directory", BLOCKER, zipped(offset_off_by=3)),
    row("an entry beyond the directory", "integrity.directory", BLOCKER, long_last_name()),
    row("a part of several", "integrity.disks", BLOCKER, zipped(disk=1)),
    row(
        "end records that disagree",
        "integrity.zip64",
        BLOCKER,
        with_end64(count_off_by=1),
        with_end64(),
    ),
    row("a locator of nine disks", "integrity.zip64", BLOCKER, with_end64(disks=9), with_end64()),
    row(
        "a 64-bit end record with more in it",
        "integrity.zip64",
        BLOCKER,
        with_end64(more=b"n" * 9),
        with_end64(),
    ),
    row(
        "a locator that leads nowhere",
        "integrity.zip64",
        BLOCKER,
        with_end64(at_off_by=-9),
        with_end64(),
    ),
    row("a script before a zip", "integrity.prefix", CONCERN, before(b"#!/bin/sh\n"), before(b"")),
    row("a document before a zip", "integrity.prefix", CONCERN, zipped(before=b"%PDF-1.4\n")),
    row("two zips in one", "integrity.prefix", BLOCKER, GOOD + GOOD, before(b"#!/bin/sh\n")),
    row("a zip of several parts, marked", "integrity.prefix", BLOCKER, before(b"PK\x07\x08")),
    row(
        "two MiB before a zip",
        "integrity.prefix",
        BLOCKER,
        before(b"n" * (2 << 20)),
        before(b"nPK" * 2000),
    ),
    row(
        "bytes before the directory",
        "integrity.gap",
        BLOCKER,
        between(b"secret"),
        between(bytes(6)),
    ),
    row("zeros before the directory", "integrity.gap", CONCERN, between(bytes(6))),
    row(
        "a signature block in an apk",
        "integrity.apk_signature",
        SUGGESTION,
        between(b"signed" + b"APK Sig Block 42"),
        between(bytes(64)),
        "t-1.apk",
    ),
    row("too many entries", "safety.members", BLOCKER, one(), GOOD, limits=Limits(members=2)),
    row(
        "a directory that takes too much",
        "safety.metadata",
        BLOCKER,
        one(b"n" * 9000),
        limits=Limits(metadata=200),
    ),
]

ROWS = NAMES + WHOLE
