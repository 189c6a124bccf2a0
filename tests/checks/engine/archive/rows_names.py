"""Problems of the names of members."""

from tests.checks.engine.archive.build import (
    GNU,
    directory,
    extended,
    file,
    long_name,
    record,
    tar,
)
from tests.checks.engine.archive.case import BLOCKER, CONCERN, SUGGESTION, Case

LONG = "t-1/" + "long/" * 20 + "name"  # what a ustar name cannot hold
X = file("t-1/x", b"x")

NAMES = [
    Case("an empty name", "safety.name_empty", BLOCKER, tar(file("")), tar(directory("././"))),
    Case("a slash alone", "safety.root_entry", CONCERN, tar(directory("/")), tar(directory("./"))),
    Case(
        "a newline in a name",
        "safety.name_control",
        BLOCKER,
        tar(file("t-1/a\nb")),
        tar(file("a b")),
    ),
    Case("an escape in a name", "safety.name_control", BLOCKER, tar(file("a\x1b[2Jb")), tar(X)),
    Case("a tab in a name", "safety.name_tab", CONCERN, tar(file("t-1/a\tb")), tar(file("a b"))),
    Case(
        "a name written from right to left",
        "safety.name_direction",
        BLOCKER,
        tar(file("t-1/\u202egpj.exe")),
        tar(file("t-1/\u05d0\u05d1.txt")),  # Hebrew letters turn by themselves, and honestly
    ),
    Case(
        "a zero-width space",
        "safety.name_invisible",
        CONCERN,
        tar(file("t-1/READ\u200bME")),
        tar(file("t-1/READMÉ")),
    ),
    Case("fullwidth letters", "safety.name_look_alike", CONCERN, tar(file("t-1/ＬＩＣ")), tar(X)),
    Case(
        "Cyrillic among Latin",
        "safety.name_look_alike",
        CONCERN,
        tar(file("t-1/LI\u0421ENSE")),
        tar(file("t-1/\u043b\u0438\u0446\u0435\u043d\u0437\u0438\u044f.txt/a")),
    ),
    Case(
        "a name in Latin-1",
        "safety.name_encoding",
        CONCERN,
        tar(file(b"t-1/caf\xe9")),
        tar(file("é")),
    ),
    Case("two dots", "safety.traversal", BLOCKER, tar(file("t-1/../../x")), tar(file("t-1/..x"))),
    Case(
        "two dots behind a backslash",
        "safety.traversal",
        BLOCKER,
        tar(file("t-1\\..\\..\\x")),
        tar(file("t-1\\x")),
    ),
    Case("an absolute path", "safety.absolute", BLOCKER, tar(file("/etc/x")), tar(file("etc/x"))),
    Case("a drive", "safety.absolute", BLOCKER, tar(file("C:/x")), tar(file("C/x"))),
    Case("a share", "safety.absolute", BLOCKER, tar(file("\\\\host\\x")), tar(file("host/x"))),
    Case("a backslash", "safety.backslash", CONCERN, tar(file("t-1/a\\x2db")), tar(file("a-b"))),
    Case(
        "a git directory",
        "safety.banned",
        BLOCKER,
        tar(file("t-1/.Git/hooks/x")),
        tar(file(".github")),
    ),
    Case("a double slash", "safety.odd_path", CONCERN, tar(file("t-1//x")), tar(file("./t-1/x"))),
    Case("a dot inside", "safety.odd_path", CONCERN, tar(file("t-1/./x")), tar(directory("./"))),
    Case(
        "33 levels",
        "safety.depth",
        BLOCKER,
        tar(file("a/" * 32 + "f")),
        tar(file("a/" * 31 + "f"), file("b/" * 31 + "f")),
    ),
    Case(
        "a component of 256 bytes",
        "safety.name_length",
        BLOCKER,
        tar(long_name("t-1/" + "n" * 256), file("t-1/" + "n" * 96, magic=GNU)),
        tar(long_name("t-1/" + "n" * 255), file("t-1/" + "n" * 96, magic=GNU)),
    ),
    Case(
        "a path of 5000 bytes",
        "safety.name_length",
        BLOCKER,
        tar(extended(record("path", ("n" * 249 + "/") * 20 + "f")), file("n" * 99)),
        tar(extended(record("path", ("n" * 249 + "/") * 15 + "f")), file("n" * 99)),
    ),
    Case(
        "a Windows device",
        "safety.name_device",
        SUGGESTION,
        tar(file("aux.h")),
        tar(file("auxi.h")),
    ),
    Case(
        "a name for the shell",
        "safety.name_awkward",
        SUGGESTION,
        tar(file("$(x)")),
        tar(file("$x")),
    ),
    Case(
        "a leading dash", "safety.name_awkward", SUGGESTION, tar(file("t-1/-rf")), tar(file("a-rf"))
    ),
    Case("a trailing space", "safety.name_awkward", SUGGESTION, tar(file("x ")), tar(file("a x"))),
]

ROWS = NAMES
