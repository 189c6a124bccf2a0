"""Problems of the tree that members make together: paths that clash, links that lead away."""

from tests.checks.engine.archive.build import (
    directory,
    file,
    hardlink,
    header,
    long_name,
    many,
    symlink,
    tar,
)
from tests.checks.engine.archive.case import BLOCKER, CONCERN, Case

LONG = "t-1/" + "long/" * 20 + "name"  # what a ustar name cannot hold
X = file("t-1/x", b"x")

TREE = [
    Case(
        "one path with two contents",
        "safety.duplicate",
        BLOCKER,
        tar(file("t-1/x", b"one"), file("t-1/x", b"two")),
        tar(file("t-1/x", b"one"), file("t-1/x", b"one")),
    ),
    Case(
        "one path with two sizes",
        "safety.duplicate",
        BLOCKER,
        tar(file("t-1/x", b"one"), file("./t-1/x", b"three")),
        tar(file("t-1/x", b"one"), file("t-1/y", b"three")),
    ),
    Case("one path twice", "safety.repeated", CONCERN, tar(X, X), tar(X, directory("t-1/"))),
    Case("one empty path twice", "safety.repeated", CONCERN, tar(file("e"), file("e")), tar(X)),
    Case(
        "two links of one name",
        "safety.duplicate",
        BLOCKER,
        tar(X, symlink("t-1/l", "x"), symlink("t-1/l", "LICENSE")),
        tar(X, symlink("t-1/l", "x"), symlink("t-1/l", "x")),
    ),
    Case(
        "a file that is also a directory",
        "safety.conflict",
        BLOCKER,
        tar(file("t-1/x", b"1"), file("t-1/x/y", b"2")),
        tar(directory("t-1/x"), file("t-1/x/y", b"2")),
    ),
    Case(
        "names that differ by case",
        "safety.collision",
        CONCERN,
        tar(file("t-1/README"), file("t-1/Readme")),
        tar(file("t-1/README"), file("t-1/Readme2")),
    ),
    Case(
        "directories that differ by case",
        "safety.collision",
        CONCERN,
        tar(file("t-1/src/a"), file("t-1/SRC/b")),
        tar(file("t-1/src/a"), file("t-1/src/b")),
    ),
    Case(
        "an accent in two spellings",
        "safety.collision",
        CONCERN,
        tar(file("t-1/caf\u00e9"), file("t-1/cafe\u0301")),
        tar(file("t-1/caf\u00e9"), file("t-1/cafe")),
    ),
]

LINKS = [
    Case("a link to /etc", "safety.symlink", BLOCKER, tar(symlink("t-1/l", "/etc")), tar(X)),
    Case("a link to nowhere", "safety.symlink", BLOCKER, tar(symlink("t-1/l", "")), tar(X)),
    Case(
        "a link out of the tree",
        "safety.symlink",
        BLOCKER,
        tar(symlink("t-1/l", "../other/file")),
        tar(symlink("t-1/l", "../t-1/LICENSE")),
    ),
    Case(
        "a link above the root",
        "safety.symlink",
        BLOCKER,
        tar(symlink("t-1/l", "../../t-1/LICENSE")),
        tar(symlink("t-1/l", "LICENSE")),
    ),
    Case(
        "links that climb together",
        "safety.symlink",
        BLOCKER,
        tar(directory("t-1/a/"), symlink("t-1/a/up", ".."), symlink("t-1/l", "a/up/../../x")),
        tar(directory("t-1/a/"), symlink("t-1/a/up", ".."), symlink("t-1/l", "a/up/LICENSE")),
    ),
    Case(
        "a link beside the top directory",
        "safety.symlink",
        BLOCKER,
        tar(symlink("l", "t-1")),
        tar(X),
    ),
    Case(
        "a link to itself",
        "safety.symlink",
        BLOCKER,
        tar(symlink("t-1/a", "b"), symlink("t-1/b", "a")),
        tar(symlink("t-1/a", "b"), symlink("t-1/b", "LICENSE")),
    ),
    Case(
        "a link by way of another to /etc",
        "safety.symlink",
        BLOCKER,
        tar(symlink("t-1/a", "b/x"), symlink("t-1/b", "/etc")),
        tar(symlink("t-1/a", "b/x"), symlink("t-1/b", "."), X),
    ),
    Case(
        "a link into a git directory",
        "safety.symlink",
        BLOCKER,
        tar(symlink("t-1/l", ".git/config")),
        tar(file("t-1/.gitignore"), symlink("t-1/l", ".gitignore")),
    ),
    Case(
        "a link with a backslash", "safety.symlink", BLOCKER, tar(symlink("t-1/l", "a\\b")), tar(X)
    ),
    Case(
        "a long target",
        "safety.symlink",
        BLOCKER,
        tar(long_name("./" * 3000 + "x", b"K"), header("t-1/l", type_=b"2", target="./" * 50)),
        tar(X, long_name("./" * 300 + "x", b"K"), header("t-1/l", type_=b"2", target="./" * 50)),
    ),
    Case(
        "a dangling link",
        "safety.symlink_dangling",
        CONCERN,
        tar(symlink("t-1/l", "missing")),
        tar(symlink("t-1/l", "later"), file("t-1/later")),
    ),
    Case(
        "a file written through a link",
        "safety.through_link",
        BLOCKER,
        tar(symlink("t-1/l", "."), file("t-1/l/x")),
        tar(symlink("t-1/l", "."), file("t-1/k/x")),
    ),
    Case(
        "a file written through a link where case is ignored",
        "safety.through_link",
        BLOCKER,
        tar(symlink("t-1/Link", "."), file("t-1/link/x")),
        tar(symlink("t-1/Link", "."), file("t-1/links/x")),
    ),
    Case(
        "a maze of links",
        "safety.link_maze",
        BLOCKER,
        tar(many(symlink(f"t-1/{n}", f"{n + 1}/" + "./" * 40) for n in range(4000)), X),
        tar(many(symlink(f"t-1/{n}", "LICENSE") for n in range(4000)), X),
    ),
    Case(
        "a hard link to what is not there",
        "safety.hardlink",
        BLOCKER,
        tar(hardlink("t-1/h", "/etc/passwd")),
        tar(hardlink("t-1/h", "./t-1/LICENSE")),
    ),
    Case(
        "a hard link to a link",
        "safety.hardlink",
        BLOCKER,
        tar(symlink("t-1/l", "LICENSE"), hardlink("t-1/h", "t-1/l")),
        tar(symlink("t-1/l", "LICENSE"), hardlink("t-1/h", "t-1/LICENSE")),
    ),
    Case(
        "a hard link to a later directory",
        "safety.hardlink",
        BLOCKER,
        tar(hardlink("t-1/h", "t-1/d"), directory("t-1/d/")),
        tar(hardlink("t-1/h", "t-1/LICENSE"), directory("t-1/d/")),
    ),
    Case(
        "a hard link to a later file",
        "safety.hardlink_forward",
        CONCERN,
        tar(hardlink("t-1/h", "t-1/x"), X),
        tar(X, hardlink("t-1/h", "t-1/x")),
    ),
]

ROWS = TREE + LINKS
