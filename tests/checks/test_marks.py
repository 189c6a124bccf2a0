"""The same finding has the same mark, in the next revision and in the next version."""

import pytest

from checks.engine.model import Finding, Level
from checks.marks import LENGTH, marks_of, without_version


def found(message="It has no header.", path="tool-1.0.tar.gz", member="", **more) -> Finding:
    more.setdefault("rule", "license.headers")
    return Finding(
        more.pop("rule"),
        more.pop("of", 1),
        more.pop("level", Level.CONCERN),
        path,
        message,
        member=member,
        data=more,
    )


def mark(finding: Finding, version: str = "1.0") -> str:
    return marks_of([finding], version)[0]


def test_a_finding_is_the_same_in_the_next_version() -> None:
    member = "tool-{0}/src/a-{0}.c"
    old = found(member=member.format("1.0"))
    new = found(path="tool-1.1.tar.gz", member=member.format("1.1"))
    assert mark(old) == mark(new, "1.1")
    assert len(mark(old)) == LENGTH


def test_neither_level_nor_version_of_the_rule_make_it_another() -> None:
    assert mark(found()) == mark(found(level=Level.BLOCKER, of=2))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            "204 source files have no header (200 .py, 4 .c).",
            "3 source files have no header (3 .c).",
        ),
        ("It says 0123456789abcdef…, not 1.", "It says fedcba9876543210…, not 12,000."),
        ("The folder is tool-1.0.", "The folder is tool-1.0."),
    ],
)
def test_what_varies_in_a_sentence_does_not_make_it_another(one: str, two: str) -> None:
    assert mark(found(one)) == mark(found(two))


@pytest.mark.parametrize(
    "other",
    [
        found(rule="rat"),
        found(path="other-1.0.tar.gz"),
        found(member="a.c"),
        found("It has a strange header."),
        found(fingerprint="ab"),
        found(code="safety.ratio"),
    ],
)
def test_another_rule_place_sentence_or_telling_fact_does(other: Finding) -> None:
    assert mark(found()) != mark(other)


def test_equal_findings_are_told_apart_by_their_number() -> None:
    first, second = marks_of([found(), found()], "1.0")
    assert first != second
    assert marks_of([found()], "1.0") == [first]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("tool-1.0.tar.gz", False),
        ("v1.0/", False),
        ("1.0-rc1", False),
        ("lib-11.0.jar", True),
        ("lib-2.1.0.jar", True),
        ("lib-1.0.1.jar", True),
        ("lib-1.01.jar", True),
    ],
)
def test_only_the_whole_version_is_replaced(text: str, kept: bool) -> None:
    assert (without_version(text, "1.0") == text) is kept
    assert without_version(text, "") == text
