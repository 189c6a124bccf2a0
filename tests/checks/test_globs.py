"""Patterns of ignores: what fits, what does not, and that none takes long."""

import time

import pytest

from checks.globs import fits, literally, problem_with


@pytest.mark.parametrize(
    ("pattern", "value", "fit"),
    [
        ("", "anything", True),
        ("", "", True),
        ("license.headers", "license.headers", True),
        ("headers", "license.headers", True),
        ("*.py", "a/b.pyc", True),
        ("a*c*e", "xabcdex", True),
        ("a*e*c", "xabcdex", False),
        ("Lib", "lib", False),
        ("!", "", True),
        ("!", "x", False),
        ("!lib", "src/a.c", True),
        ("!lib", "lib/a.c", False),
        ("!lib", "", False),
        ("x", "", False),
        ("^src/", "src/a.c", True),
        ("^src/", "a/src/a.c", False),
        (r"\.py$", "a.py", True),
        (r"\.py$", "a.pyc", False),
        (r"!\.py$", "a.c", True),
        ("^(", "(", False),
        ("!^(", "x", False),
        (r"^(a)\1", "aa", False),
    ],
)
def test_a_pattern_fits_or_does_not(pattern, value, fit) -> None:
    assert fits(pattern, value) is fit


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", ""),
        ("!", ""),
        ("(", ""),
        ("^(", "no regular expression"),
        (r"^(a)\1", "no regular expression"),
        ("(?=a)$", "no regular expression"),
        ("x" * 129, "at most 128 characters"),
    ],
)
def test_what_is_no_pattern_is_said(pattern: str, says: str) -> None:
    assert says in problem_with(pattern)
    assert bool(says) is bool(problem_with(pattern))


@pytest.mark.parametrize("pattern", ["^(a|aa)+$", "^(a*)*b$", "*".join("a" * 64), "!(a+)+$"])
def test_no_pattern_takes_long(pattern: str) -> None:
    began = time.perf_counter()
    fits(pattern, "a" * 200_000 + "c")
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("text", ["a.c", "x[1]+(2)*$^", "a\\b|c{2}?"])
def test_a_text_can_be_meant_literally(text: str) -> None:
    assert fits(f"^{literally(text)}$", text)
    assert not fits(f"^{literally(text)}$", f"{text}x")
