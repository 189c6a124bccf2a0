"""Problems of compressed streams, of the file as a whole, and of limits."""

import bz2
import gzip
import lzma
import struct
import zlib

import zstandard

from checks.engine.model import Limits
from tests.checks.engine.archive.build import (
    directory,
    extended,
    file,
    header,
    many,
    record,
    tar,
    tar_gz,
)
from tests.checks.engine.archive.build_zip import zipped
from tests.checks.engine.archive.case import BLOCKER, CONCERN, SUGGESTION, Case

GZ = tar_gz(file("t-1/x", b"some content " * 99))
GZ_EMPTY = gzip.compress(b"", mtime=0)
DEFLATED = GZ[10:]  # all but the header of ten bytes


def gz_header(flags: int, fields: bytes, method: int = 8) -> bytes:
    """The same archive under another gzip header."""
    return bytes((0x1F, 0x8B, method, flags, 0, 0, 0, 0, 0, 3)) + fields + DEFLATED


def gz_checked(checksum_off_by: int) -> bytes:
    start = bytes((0x1F, 0x8B, 8, 2, 0, 0, 0, 0, 0, 3))
    return start + struct.pack("<H", zlib.crc32(start) + checksum_off_by & 0xFFFF) + DEFLATED


def row(
    says: str, code: str, level, bad: bytes, good: bytes = GZ, name: str = "t-1.tar.gz"
) -> Case:
    return Case(says, code, level, bad, good, name)


def big_dictionary() -> bytes:
    """An xz that needs 1 GiB to unpack, as its header says; only the header is changed."""
    made = bytearray(lzma.compress(tar()))
    # The first block's header: size, flags, filter 0x21, size of properties, dictionary, padding.
    end = 12 + (made[12] + 1) * 4
    at = made.index(b"\x21\x01", 12, end) + 2
    made[at] = 36
    made[end - 4 : end] = struct.pack("<I", zlib.crc32(made[12 : end - 4]))
    return bytes(made)


PACKERS = {
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}

STREAMS = [
    row("a gzip cut in the middle", "integrity.truncated", BLOCKER, GZ[: len(GZ) // 2]),
    row("a gzip cut in its header", "integrity.truncated", BLOCKER, GZ[:7]),
    row("a gzip without its length", "integrity.truncated", BLOCKER, GZ[:-4]),
    row("a gzip with another checksum", "integrity.crc", BLOCKER, GZ[:-8] + b"\1\2\3\4" + GZ[-4:]),
    row("a gzip with another length", "integrity.length", BLOCKER, GZ[:-4] + b"\1\2\3\4"),
    row(
        "a gzip of damaged data", "integrity.compression", BLOCKER, GZ[:10] + b"\xff" * 40 + GZ[50:]
    ),
    row("a gzip by another method", "integrity.gzip_header", BLOCKER, gz_header(0, b"", method=9)),
    row("a gzip with reserved flags", "integrity.gzip_header", BLOCKER, gz_header(0x40, b"")),
    row(
        "a gzip header that fails its checksum",
        "integrity.gzip_header",
        BLOCKER,
        gz_checked(1),
        gz_checked(0),
    ),
    row(
        "a gzip of a file elsewhere",
        "integrity.gzip_name",
        CONCERN,
        gz_header(8, b"../../x\0"),
        gz_header(8, b"dist/..t-1.tar\0"),
    ),
    row(
        "a gzip with a long comment",
        "integrity.gzip_extra",
        CONCERN,
        gz_header(16, b"c" * 300_000 + b"\0"),
        gz_header(16, b"comment\0"),
    ),
    row(
        "a gzip with long extra fields",
        "integrity.gzip_extra",
        CONCERN,
        gz_header(4, b"\xff\xff" + bytes(65535)),
        gz_header(4, b"\4\0BC\0\0"),
    ),
    row(
        "a gzip comment without end",
        "integrity.truncated",
        BLOCKER,
        gz_header(16, b"")[:10] + b"c" * 99,
        gz_header(16, b"c\0"),
    ),
    row(
        "a gzip comment of 4 MiB",
        "safety.metadata",
        BLOCKER,
        gz_header(16, b"c" * (4 << 20) + b"\0"),
        gz_header(16, b"c\0"),
    ),
    row(
        "an empty gzip member",
        "integrity.empty_stream",
        SUGGESTION,
        GZ_EMPTY + GZ,
        gzip.compress(tar()[:900]) + gzip.compress(tar()[900:]),
    ),
    row("bytes behind a gzip", "integrity.trailing", BLOCKER, GZ + b"secret", GZ + bytes(512)),
    row("zeros behind a gzip", "integrity.trailing_zeros", CONCERN, GZ + bytes(512)),
    row("a second gzip member that is cut", "integrity.truncated", BLOCKER, GZ + GZ[:30]),
    row("a second tar in a second gzip member", "integrity.hidden", BLOCKER, GZ + GZ),
    Case(
        "too many gzip members",
        "safety.streams",
        BLOCKER,
        GZ + GZ_EMPTY * 60,
        GZ + GZ_EMPTY * 9,
        "t-1.tar.gz",
        Limits(members=50),
    ),
    *(
        row(f"a {name} {what}", code, level, bad(packed), packed, f"t-1.tar.{name}")
        for name, pack in PACKERS.items()
        for packed in [pack(tar(file("t-1/x", b"text " * 999)))]
        for what, code, level, bad in (
            ("cut short", "integrity.truncated", BLOCKER, lambda packed: packed[:-10]),
            (
                "with bytes behind it",
                "integrity.trailing",
                BLOCKER,
                lambda packed: packed + b"more",
            ),
            (
                "with damage inside",
                "integrity.compression",
                BLOCKER,
                lambda packed: packed[:40] + b"\xff" * 9 + packed[49:],
            ),
            (
                "with zeros behind it",
                "integrity.trailing_zeros",
                CONCERN,
                lambda packed: packed + bytes(8),
            ),
        )
    ),
    row(
        "an xz with a dictionary of 1 GiB",
        "safety.memory",
        BLOCKER,
        big_dictionary(),
        lzma.compress(tar()),
        "t-1.tar.xz",
    ),
]

FORMATS = [
    row("an empty file", "integrity.format", BLOCKER, b""),
    row("a page named tar.gz", "integrity.format", BLOCKER, b"<html><title>404</title>"),
    row("a tar named tar.gz", "integrity.format", BLOCKER, tar()),
    row("an xz named tar.gz", "integrity.format", BLOCKER, lzma.compress(tar())),
    row("a zip named tar.gz", "integrity.format", BLOCKER, zipped()),
    row("a gzip named zip", "integrity.format", BLOCKER, GZ, zipped(), "t-1.zip"),
    row("a gzip named tar", "integrity.format", BLOCKER, GZ, tar(), "t-1.tar"),
    row("a gzip of text", "integrity.not_tar", BLOCKER, gzip.compress(b"text" * 999)),
    row("a gzip of nothing", "integrity.empty", BLOCKER, gzip.compress(b"")),
]

STREAMS += [
    row(
        "a zstd window of 2 GiB",
        "safety.memory",
        BLOCKER,
        b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + bytes(99),
        PACKERS["zst"](tar()),
        "t-1.tar.zst",
    )
]

LIMITS = [
    Case(
        "a file over the limit",
        "safety.file_size",
        BLOCKER,
        tar(file("x", bytes(101))),
        tar(file("x", bytes(100))),
        limits=Limits(file_size=100),
    ),
    Case(
        "files over the limit together",
        "safety.total_size",
        BLOCKER,
        tar(file("x", bytes(600)), file("._y", bytes(600))),
        tar(file("x", bytes(600))),
        limits=Limits(total_size=1000),
    ),
    Case(
        "one member over the limit",
        "safety.members",
        BLOCKER,
        tar(file("x"), file("y")),
        tar(file("x")),
        limits=Limits(members=3),
    ),
    Case(
        "a pax header over the limit",
        "safety.metadata",
        BLOCKER,
        tar(extended(record("comment", "c" * 2000)), file("x")),
        tar(extended(record("comment", "c" * 900)), file("x")),
        limits=Limits(metadata=1000),
    ),
    Case(
        "a long name of 4 GiB, declared",
        "safety.metadata",
        BLOCKER,
        tar(header("x", size=b"\x80" + bytes(6) + b"\1\0\0\0\0", type_=b"L")),
        tar(),
    ),
    Case(
        "names over the limit together",
        "safety.metadata",
        BLOCKER,
        tar(many(directory("n" * 90 + str(n)) for n in range(100))),
        tar(),
        limits=Limits(metadata=200),
    ),
    Case(
        "unknown entries over the limit",
        "safety.metadata",
        BLOCKER,
        tar(file("x", bytes(2000), type_=b"V")),
        tar(file("x", bytes(200), type_=b"V")),
        limits=Limits(total_size=1000),
    ),
]

ROWS = STREAMS + FORMATS + LIMITS
