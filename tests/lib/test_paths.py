"""Which names a file of a release may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import MAX_DEPTH, MAX_PATH, MAX_SEGMENT, check_path

GOOD = (
    "a",
    "apache-x-1.0.tar.gz",
    "apache-x-1.0.tar.gz.asc",
    "java/org/x_1+2~3(4).jar",
    "a..b",
    ".atr/policy",
    ".gitkeep",
    "x" * MAX_SEGMENT,
    "/".join("d" * MAX_DEPTH),
)
BAD = {
    "": "needs a name",
    "..": "'..' is not allowed",
    "../x": "'..' is not allowed",
    "a/../b": "'..' is not allowed",
    "a/./b": "'.' is not allowed",
    "/etc/passwd": "not with '/'",
    "C:\\x": "backslash",
    "a\\b": "backslash",
    "a//b": "empty segment",
    "a/": "empty segment",
    "a b": r"the character “ ” \(SPACE\)",
    "a\nb": "a control character",
    "a\0b": "a control character",
    "a\x1b[31m": "a control character",
    "caf\u00e9": "LATIN SMALL LETTER E WITH ACUTE",
    "\u0430pache.zip": "CYRILLIC SMALL LETTER A",
    "a\u202egnp.zip": "RIGHT-TO-LEFT OVERRIDE",
    "a\u200bb": "ZERO WIDTH SPACE",
    "a\ufe00": "VARIATION SELECTOR-1",
    "a\ud800": "the character",
    "a:b": "COLON",
    "a*": "ASTERISK",
    "%2e%2e": "PERCENT SIGN",
    "a'b": "APOSTROPHE",
    "<script>": "LESS-THAN SIGN",
    ".git/config": "reserved",
    ".GIT/config": "reserved",
    "a/.svn": "reserved",
    "_proof/KEYS": "reserved",
    ".hidden": "hidden files",
    "a/.bashrc": "hidden files",
    "x" * (MAX_SEGMENT + 1): "longer than 255",
    "/".join(["x" * 200] * 6): "longer than 1024",
    "/".join("d" * (MAX_DEPTH + 1)): "deeper than 32",
}


@pytest.mark.parametrize("path", GOOD)
def test_a_plain_name_is_taken_as_it_is(path: str) -> None:
    assert check_path(path) == path


@pytest.mark.parametrize(("path", "sentence"), BAD.items())
def test_a_bad_name_is_refused_with_a_sentence(path: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        check_path(path)


@given(st.text())
def test_what_is_taken_stays_where_it_is_put(text: str) -> None:
    said = refusal(text)
    if said:
        assert said.isprintable()
        assert len(said) < 400
    else:
        assert text.isascii()
        assert len(text) <= MAX_PATH
        assert not any(part in ("", ".", "..") for part in text.split("/"))


def refusal(text: str) -> str:
    try:
        return "" if check_path(text) == text else "It was changed."
    except BadInput as error:
        return str(error)


@pytest.mark.parametrize(
    ("path", "shown"),
    [("café.zip", "café.zip: "), ("gr\u202enp.zip", "gr\\u202enp.zip: "), ("a\nb", "a\\nb: ")],
)
def test_the_name_is_shown_as_people_write_it_and_tricks_are_made_visible(path, shown) -> None:
    assert refusal(path).startswith(shown)


def test_a_very_long_name_is_shown_in_short() -> None:
    with pytest.raises(BadInput) as refused:
        check_path("x" * 1_000_000)
    assert len(str(refused.value)) < 200
