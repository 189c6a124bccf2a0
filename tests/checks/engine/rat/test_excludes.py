import time

import pytest

from checks.engine.rat import excludes
from checks.engine.rat.excludes import Exclusions, parse


def left_out(path, *lines, extended=False):
    return path in Exclusions(parse("\n".join(lines))[0], extended=extended)


@pytest.mark.parametrize(
    ("row", "pattern", "path", "expected"),
    [
        ("T38", "**/a.txt", "a.txt", True),
        ("T38", "**/a.txt", "x/y/a.txt", True),
        ("T38", "*.java", "A.java", True),
        ("T38", "*.java", "x/A.java", False),
        ("T38", "SUB/**", "sub/a", False),
        ("slash", "/a.txt", "a.txt", True),
        ("slash", "./a.txt", "a.txt", True),
        ("folder", "sub", "sub/x/y", True),
        ("folder", "sub/", "sub/x/y", True),
        ("folder", "sub/**", "sub/x/y", True),
        ("folder", "sub/*", "sub/x/y", True),
        ("folder", "sub/", "sub", False),
        ("star", "a*c", "abbc", True),
        ("star", "a*c", "ab/c", False),
        ("star", "a?c", "abc", True),
        ("star", "a?c", "ac", False),
        ("star", "a[b]c", "abc", False),
        ("star", "a[b]c", "a[b]c", True),
        ("deep", "a/**/c", "a/c", True),
        ("deep", "a/**/c", "a/b/b/c", True),
        ("deep", "**", "a/b", True),
        ("deep", "**/*", "a", True),
        ("ant", "%ant[**/x]", "a/x", True),
        ("blank", "a ", "a", False),
        ("comment", "  # a", "# a", False),
        ("comment", "// a", "a", False),
    ],
)
def test_a_pattern_is_ants(row, pattern, path, expected):
    assert left_out(path, pattern) is expected


def test_t39_nothing_is_taken_back():
    assert left_out("q/b.txt", "**/*.txt", "!**/b.txt")


@pytest.mark.parametrize(
    "path",
    [
        ".github/x",
        "a/.mvn/x",
        "a~",
        "#a#",
        ".#a",
        "%a%",
        "._a",
        ".DS_Store",
        "a.min.js",
        "x.js.map",
    ],
)
def test_some_files_are_always_left_out(path):
    assert left_out(path)


@pytest.mark.parametrize(
    "path",
    [
        *("src/core/a", "tags/a", "target/a", "bin/a", "CVS/a", "a.o", "a.orig", "MANIFEST.MF"),
        *("a.iml", ".gitignore", "core", "cvslog.1", ",a", "a$", "pom.xml.releaseBackup"),
    ],
)
def test_others_are_unless_the_archive_has_its_own_exclusions(path):
    assert left_out(path, extended=True)
    assert not left_out(path)


@pytest.mark.parametrize(
    "path", [".travis.yml", "a.js", "Core/a", "a.min.JS", "targets/a", "cores"]
)
def test_files_that_look_alike_are_not(path):
    assert not left_out(path, extended=True)


def test_patterns_without_end_cost_a_bounded_time():
    lines = ["/".join(["**", "*a*a*a*b"] * 20)] * excludes.MAX_PATTERNS
    exclusions = Exclusions(parse("\n".join(lines))[0], extended=False)
    started = time.process_time()
    paths = ["/".join(["a" * 60] * 30) + f"/{number}" for number in range(50_000)]
    assert not any(path in exclusions for path in paths)
    assert exclusions.exhausted
    assert time.process_time() - started < 20


def test_patterns_beyond_the_limit_are_told():
    patterns, ignored = parse("x\n" * (excludes.MAX_PATTERNS + 3))
    assert (len(patterns), len(ignored)) == (excludes.MAX_PATTERNS, 3)


@pytest.mark.parametrize("base", ["", "r/"])
@pytest.mark.parametrize("lines", ["", "*.java\nout/"])
@pytest.mark.parametrize("extended", [True, False])
def test_all_at_once_are_kept_as_each_by_itself(base, lines, extended):
    names = [
        "a.java",
        "a.c",
        "a.min.js",
        "a~",
        ".x",
        "core",
        "b.bak",
        "#c#",
        ".rat-excludes",
        "TAGS",
        "é",
    ]
    below = [folder + name for folder in ("", "src/", "out/", "target/", ".git/") for name in names]
    asked = Exclusions(parse(lines)[0], extended=extended)
    expected = [base + path for path in below if path not in asked]
    at_once = Exclusions(parse(lines)[0], extended=extended)
    assert list(at_once.kept((base + path for path in below), base)) == expected
    assert 0 < len(expected) < len(below)
