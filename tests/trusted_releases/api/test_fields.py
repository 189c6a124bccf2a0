"""Names in bodies: the grammar of addresses."""

import re

import pytest
from rest_framework import serializers

from trusted_releases.api.fields import PATH, PLAIN, Address, Name, RelPath, Text
from trusted_releases.lib.text import is_plain


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("project", "tool-x", "Tool"),
        ("version", "0.3+cli", "0.3 "),
        ("revision", "00001", "-1"),
        ("version", "1.0", "1.0\n"),
    ],
)
def test_a_name_is_one_of_its_kind(kind: str, good: str, bad: str) -> None:
    assert Name(kind).run_validation(good) == good
    with pytest.raises(serializers.ValidationError):
        Name(kind).run_validation(bad)


def test_a_path_is_one_that_a_file_may_have() -> None:
    assert RelPath().run_validation("a/b.txt") == "a/b.txt"
    for bad in ("", "../a", "a ", "/a"):
        with pytest.raises(serializers.ValidationError):
            RelPath().run_validation(bad)


def test_a_text_is_as_it_was_sent() -> None:
    assert Text(20).run_validation(" a\n b ") == " a\n b "
    for bad in ("a\0", "\ud800", "x" * 21):
        with pytest.raises(serializers.ValidationError):
            Text(20).run_validation(bad)


def test_an_address_has_the_form_of_one() -> None:
    assert Address().run_validation("dev@tool.example.org") == "dev@tool.example.org"
    for bad in ("dev", "a b@c", "a@b@c", "@", "a@b\n", "", "x" * 255 + "@y"):
        with pytest.raises(serializers.ValidationError):
            Address().run_validation(bad)


PATHS = ["a", "a/b.txt", ".atr/x", ".gitkeep", "-a", "(a)~+_", "a..b", "../a", "a//b", ".a", "/a"]
PATHS += ["a/", "", "a b", "\u00e9", "a/./b", ".gitkeeper", ".git/a", "x/.svn"]
PATHS += ["_proof", "_proof/a", "a/_proof", "a/_proof/b", "_proofs", "a_proof"]


@pytest.mark.parametrize("path", PATHS)
def test_the_schema_says_of_a_path_what_the_rule_says(path: str) -> None:
    try:
        taken = bool(RelPath().run_validation(path))
    except serializers.ValidationError:
        taken = False
    assert bool(re.search(PATH, path)) == taken


@pytest.mark.parametrize("code", [*range(0x250), 0x2028, 0x2029, 0x202E, 0xFFFF, 0x1F600])
def test_the_schema_says_of_a_letter_what_the_rule_says(code: int) -> None:
    assert bool(re.search(PLAIN, chr(code))) == is_plain(chr(code))
