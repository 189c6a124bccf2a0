"""Problems of single members: types, modes, what lies in them."""

from tests.checks.engine.archive.build import (
    directory,
    extended,
    file,
    header,
    long_name,
    many,
    record,
    renumbered,
    symlink,
    tar,
)
from tests.checks.engine.archive.case import BLOCKER, CONCERN, SUGGESTION, Case

LONG = "t-1/" + "long/" * 20 + "name"  # what a ustar name cannot hold
X = file("t-1/x", b"x")

MEMBERS = [
    Case("a device", "safety.device", BLOCKER, tar(header("t-1/d", type_=b"3")), tar(X)),
    Case("a FIFO", "safety.device", BLOCKER, tar(header("t-1/d", type_=b"6")), tar(X)),
    Case("an old sparse file", "safety.sparse", BLOCKER, tar(header("t-1/d", type_=b"S")), tar(X)),
    Case(
        "a pax sparse file",
        "safety.sparse",
        BLOCKER,
        tar(extended(record("GNU.sparse.major", "1")), X),
        tar(extended(record("LIBARCHIVE.creationtime", "1")), X),
    ),
    Case("a volume label", "safety.gnu_type", CONCERN, tar(header("vol", type_=b"V")), tar(X)),
    Case("an unknown type", "safety.unknown_type", BLOCKER, tar(file("x", type_=b"Z")), tar(X)),
    Case(
        "a contiguous file of no known type",
        "safety.unknown_type",
        BLOCKER,
        tar(file("x", b"1", type_=b"8")),
        tar(file("x", b"1", type_=b"7")),
    ),
    Case(
        "a setuid file",
        "safety.setuid",
        CONCERN,
        tar(file("x", mode=0o4755)),
        tar(directory("x", mode=0o2755)),
    ),
    Case(
        "a file for everybody to write",
        "safety.world_writable",
        SUGGESTION,
        tar(file("x", mode=0o666)),
        tar(symlink("t-1/l", "LICENSE")),
    ),
    Case("a file of mode 0", "safety.unreadable", SUGGESTION, tar(file("x", mode=0)), tar(X)),
    Case(
        "a directory one cannot enter",
        "safety.unreadable",
        SUGGESTION,
        tar(directory("t-1/d", mode=0o600)),
        tar(directory("t-1/d", mode=0o700)),
    ),
    Case(
        "macOS metadata", "safety.apple_double", SUGGESTION, tar(file("t-1/._x")), tar(file("._/x"))
    ),
    Case(
        "an archive inside", "safety.nested", SUGGESTION, tar(file("t-1/x.ZIP")), tar(file("zip"))
    ),
    *(
        Case(
            f"{what} that has content",
            "integrity.size_of_nothing",
            BLOCKER,
            tar(file("t-1/h", b"data", type_=type_, target="t-1/LICENSE")),
            tar(file("t-1/h", b"", type_=type_, target="t-1/LICENSE")),
        )
        for what, type_ in (("a hard link", b"1"), ("a symlink", b"2"), ("a directory", b"5"))
    ),
    Case(
        "a directory by its slash with content",
        "integrity.size_of_nothing",
        BLOCKER,
        tar(file("t-1/d/", b"data")),
        tar(file("t-1/d/")),
    ),
    Case(
        "10,001 empty files",
        "safety.many_empty",
        CONCERN,
        tar(many(file(f"t-1/{n}") for n in range(10_001))),
        tar(many(file(f"t-1/{n}") for n in range(10_000))),
    ),
    Case(
        "10,001 directories",
        "safety.many_directories",
        CONCERN,
        tar(many(directory(f"t-1/{n}") for n in range(10_001))),
        tar(many(directory(f"t-1/{n}") for n in range(9_000))),
    ),
]

SEVEN = file("t-1/x", b"content")
SUM = int(SEVEN[148:154], 8)
CUT = "t-1/" + "d" * 95 + "/file"  # its hundredth character is a slash


def summed(field: bytes) -> bytes:
    """The archive with this field for the checksum, which is right."""
    return tar(SEVEN[:148] + field + SEVEN[156:])


def with_mode(field: bytes) -> bytes:
    return tar(renumbered(SEVEN, 100, field))


# One reads a number where another reads none.
NUMBERS = [
    *(
        Case(
            f"a size {says}",
            "integrity.size",
            BLOCKER,
            tar(renumbered(SEVEN, 124, field), X),
            tar(renumbered(SEVEN, 124, b"          7 "), X),
        )
        for says, field in (
            ("behind a NUL", b"\0" + b"7".zfill(10) + b"\0"),
            ("of blanks", b" " * 12),
        )
    ),
    Case(
        "a checksum behind a NUL",
        "integrity.header",
        BLOCKER,
        summed(b"\0%06o\0" % SUM),
        summed(b" %06o\0" % SUM),
    ),
    *(
        Case(
            f"a mode {says}",
            "integrity.header_number",
            BLOCKER,
            with_mode(field),
            with_mode(b"   644 \0"),
        )
        for says, field in (
            ("behind a NUL", b"\x004755\0\0\0"),
            ("of blanks", b" " * 8),
            ("below zero", b"\xff" * 8),
        )
    ),
    *(
        Case(
            f"a setuid mode {says}", "safety.setuid", CONCERN, with_mode(field), with_mode(harmless)
        )
        for says, field, harmless in (
            ("in binary", b"\x80\0\0\0\0\0\x09\xed", b"\x80\0\0\0\0\0\x01\xed"),
            ("before a NUL", b"4755\0jk\0", b"0755\0jk\0"),
        )
    ),
]

NUMBERS += [
    Case(
        f"a time that no system can set, {says}",
        "integrity.header_number",
        BLOCKER,
        tar(renumbered(SEVEN, 136, first + far)),
        tar(renumbered(SEVEN, 136, first + near)),
    )
    for says, first, far, near in (
        ("far off", b"\x80", b"\x01" + bytes(10), bytes(7) + b"\x01\0\0\0"),
        ("long ago", b"\xff", b"\xfe" + b"\xff" * 10, b"\xff" * 11),
    )
]

# Python asks the name in the header whether an old header is that of a directory, others the path.
FOLDERS = (
    [
        Case(
            f"an old header {says}",
            "integrity.kind",
            BLOCKER,
            tar(*bad),
            tar(*good),
        )
        for says, bad, good in (
            (
                "whose name is cut at a slash",
                (extended(record("path", CUT)), file(CUT[:100], b"1", type_=b"\0")),
                (extended(record("path", CUT)), file(CUT[:100], b"1")),
            ),
            (
                "whose long name is cut at a slash",
                (long_name(CUT), file(CUT[:100], b"1", type_=b"\0")),
                (long_name(CUT), file(CUT[:100], b"1")),
            ),
            (
                "with a slash that its extended header lacks",
                (extended(record("path", "t-1/z")), file("t-1/z/", type_=b"\0")),
                (extended(record("path", "t-1/z/")), file("t-1/z/", type_=b"\0")),
            ),
            (
                "with a slash in its prefix alone",
                (file("", type_=b"\0", prefix=b"t-1/z"),),
                (file("z/", type_=b"\0", prefix=b"t-1"),),
            ),
        )
    ]
    + [
        Case(  # found beside others: those are read in the quick way
            "a file whose long path ends with a slash",
            "integrity.kind",
            BLOCKER,
            tar(
                many(file(f"t-1/{n}") for n in range(20)),
                extended(record("path", LONG + "/")),
                file(LONG[:100]),
            ),
            tar(
                many(file(f"t-1/{n}") for n in range(20)),
                extended(record("path", LONG + "/")),
                directory(LONG[:100]),
            ),
        ),
        Case(
            "a pax key behind two blanks",
            "integrity.pax_record",
            BLOCKER,
            tar(extended(record(" path", LONG)), X),
            tar(extended(record("path", LONG)), X),
        ),
    ]
)

ROWS = MEMBERS + NUMBERS + FOLDERS
