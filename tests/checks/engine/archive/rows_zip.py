"""Problems of a zip's members: content, headers, sizes."""

import stat
import struct

from tests.checks.engine.archive.build_zip import (
    Zipped,
    descriptor,
    end_record,
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

OTHER_HOST = {"host": 0}
ASI_LINK = struct.pack("<2HLHLHH", 0x756E, 21, 0, LINK, 7, 0, 0) + b"LICENSE"

KINDS = [
    row(
        "a link made on another system",
        "integrity.kind",
        BLOCKER,
        one(b"t-1/l", b"LICENSE", attributes=LINK, central=OTHER_HOST),
        one(b"t-1/l", b"LICENSE", attributes=LINK),
    ),
    row(
        "a directory by an attribute of DOS",
        "integrity.kind",
        BLOCKER,
        one(central={"host": 0, "dos": 0x10}),
        one(central={"host": 3, "dos": 0x10}),
    ),
    row(
        "a link by an extra field",
        "integrity.kind",
        BLOCKER,
        one(extra=ASI_LINK),
        one(extra=ASI_LINK.replace(struct.pack("<H", LINK), struct.pack("<H", 0o100644))),
    ),
    row(
        "a link by its mode and a directory by its name",
        "safety.device",
        BLOCKER,
        one(b"t-1/l/", b"LICENSE", attributes=LINK),
        one(b"t-1/l", b"LICENSE", attributes=LINK),
    ),
    row(
        "a name with a version",
        "integrity.name_version",
        CONCERN,
        one(b"t-1/x;1"),
        one(b"t-1/x;1/y"),
    ),
]

ROWS = CONTENT + HEADERS + KINDS
