"""Problems of single members: types, modes, what lies in them."""

from tests.checks.engine.archive.build import (
    directory,
    extended,
    file,
    header,
    many,
    record,
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

ROWS = MEMBERS
