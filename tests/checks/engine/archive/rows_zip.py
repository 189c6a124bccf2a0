"""Problems of zips: members, directory, end records, and what lies between."""

import stat
import struct
import zlib

from checks.engine.model import Limits
from tests.checks.engine.archive.build import (
    Zipped,
    descriptor,
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


def open_sizes(behind: bytes, **more) -> bytes:
    """A member whose sizes stand behind it."""
    values = {"crc": 0, "packed": 0, "size": 0}
    return one(flags=8, local=values, behind=behind, **more)


def with_end64(count_off_by: int = 0, disks: int = 1, at_off_by: int = 0) -> bytes:
    body, central, count = zip_parts()
    at = len(body) + len(central)
    return (
        body
        + central
        + end_records64(count + count_off_by, len(central), len(body), at + at_off_by, disks)
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


def overlapping() -> bytes:
    """Two directory entries for one member: the kernel of the quoted-overlap bomb."""
    inner = Zipped(b"t-1/y", TEXT)
    outer = inner.local_header() + inner.content()
    member = Zipped(b"t-1/x", outer, method=0)
    body, central, count = zip_parts(member)
    offset = len(body) - len(outer)
    central += inner.central_header(offset)
    return body + central + end_record(count + 1, len(central), len(body))


CONTENT = [
    row(
        "another checksum",
        "integrity.crc",
        BLOCKER,
        one(local={"crc": 1}, central={"crc": 1}),
        one(),
    ),
    row(
        "more content than declared",
        "integrity.length",
        BLOCKER,
        one(local={"size": 9}, central={"size": 9}),
        one(),
    ),
    row(
        "less content than declared",
        "integrity.length",
        BLOCKER,
        one(local={"size": 9999}, central={"size": 9999}),
        one(),
    ),
    row(
        "a stored member of two lengths",
        "integrity.length",
        BLOCKER,
        one(method=0, local={"size": 9}, central={"size": 9}),
        one(method=0),
    ),
    row(
        "damaged data",
        "integrity.compression",
        BLOCKER,
        one(packed=b"\xff" * 40),
        one(data=b"\xff" * 40),
    ),
    row(
        "packed data with more behind it",
        "integrity.compression",
        BLOCKER,
        one(packed=Zipped(b"", TEXT).content() + b"more"),
        one(),
    ),
    row(
        "packed data without end",
        "integrity.compression",
        BLOCKER,
        one(packed=Zipped(b"", TEXT).content()[:-3]),
        one(),
    ),
    row("a bomb", "safety.ratio", BLOCKER, one(data=bytes(11 << 20)), one(data=bytes(1 << 20))),
    row(
        "a small file that shrinks a lot",
        "safety.ratio_small",
        SUGGESTION,
        one(data=bytes(200 << 10)),
        one(data=TEXT),
    ),
    row(
        "a directory with content",
        "integrity.size_of_nothing",
        BLOCKER,
        one(b"t-1/d/"),
        one(b"t-1/d/", b""),
    ),
    row(
        "a wrong descriptor",
        "integrity.descriptor",
        BLOCKER,
        open_sizes(descriptor(TEXT, PACKED, crc=7)),
        open_sizes(descriptor(TEXT, PACKED)),
    ),
    row(
        "a missing descriptor",
        "integrity.descriptor",
        BLOCKER,
        open_sizes(b""),
        open_sizes(descriptor(TEXT, PACKED, signed=False)),
    ),
    row(
        "a stored member with a descriptor",
        "integrity.descriptor",
        BLOCKER,
        open_sizes(descriptor(TEXT, len(TEXT)), method=0),
        one(method=0),
    ),
    row("an encrypted member", "safety.encrypted", BLOCKER, one(flags=1), one(flags=2)),
    row("a member of method 99", "safety.encrypted", BLOCKER, one(method=99), one()),
    row("masked headers", "safety.encrypted", BLOCKER, one(flags=1 << 13), one(flags=1 << 11)),
    row("a member packed by bzip2", "safety.method", BLOCKER, one(method=12), one()),
    row("patched data", "safety.method", BLOCKER, one(flags=1 << 5), one()),
]

HEADERS = [
    row(
        "another name in the directory",
        "integrity.local",
        BLOCKER,
        one(local={"name": b"t-1/y"}),
        one(local={"name": b"t-1/x"}),
    ),
    row("another size in the directory", "integrity.local", BLOCKER, one(local={"size": 9}), one()),
    row(
        "another checksum in the directory",
        "integrity.local",
        BLOCKER,
        one(local={"crc": 9}),
        one(),
    ),
    row(
        "another method in the directory",
        "integrity.local",
        BLOCKER,
        one(local={"method": 0}),
        one(),
    ),
    row(
        "encrypted by the directory alone",
        "integrity.local",
        BLOCKER,
        one(central={"flags": 1}),
        one(),
    ),
    row("an offset into nothing", "integrity.local", BLOCKER, one(central={"offset": 90}), one()),
    row("members that overlap", "integrity.overlap", BLOCKER, overlapping(), one()),
    row(
        "packed data beyond the directory",
        "integrity.overlap",
        BLOCKER,
        one(local={"packed": 9999}, central={"packed": 9999}),
        one(),
    ),
    row(
        "an extra field that overruns",
        "integrity.extra",
        BLOCKER,
        one(extra=b"\x99\x99\xff\0x"),
        one(extra=b"\x99\x99\1\0x"),
    ),
    row(
        "an extra field that is cut",
        "integrity.extra",
        BLOCKER,
        one(extra=b"\1\0\xff"),
        one(extra=b"\0\0\0"),
    ),
    row(
        "an extra field padded with zeros",
        "integrity.extra_padding",
        SUGGESTION,
        one(extra=b"\0\0\0"),
        one(extra=b"\0\0\0\0"),
    ),
    row(
        "a 64-bit field with other sizes",
        "integrity.zip64",
        BLOCKER,
        one(extra=struct.pack("<2HQ", 1, 8, 7)),
        one(extra=WIDE),
    ),
    row(
        "a 64-bit field that is too short",
        "integrity.zip64",
        BLOCKER,
        one(extra=WIDE[:2] + b"\4\0abcd", central={"size": 0xFFFFFFFF}),
        one(
            extra=WIDE,
            local={"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF},
            central={"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF},
        ),
    ),
    row("a newer version", "integrity.version", SUGGESTION, one(version=63), one(version=45)),
    row("month 15", "integrity.date", SUGGESTION, one(date=15 << 5 | 1), one(date=12 << 5 | 31)),
    row("a member on another disk", "integrity.disks", BLOCKER, one(central={"disk": 2}), one()),
]

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
    row("too many entries", "safety.members", BLOCKER, GOOD, limits=Limits(members=1)),
    row(
        "a directory that takes too much",
        "safety.metadata",
        BLOCKER,
        one(b"n" * 9000),
        limits=Limits(metadata=200),
    ),
]

# Where the good neighbour is a plain zip, the limit that the bad one breaks is too low for both.
WHOLE[-2] = row("too many entries", "safety.members", BLOCKER, one(), limits=Limits(members=2))

ROWS = CONTENT + HEADERS + NAMES + WHOLE
