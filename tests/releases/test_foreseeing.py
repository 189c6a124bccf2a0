"""A look at new names, before they are given."""

import hashlib

import pytest

from releases.foreseeing import foresee
from tests import make

pytestmark = pytest.mark.django_db


def test_a_checksum_file_that_names_what_moves_is_told_of() -> None:
    text = f"{hashlib.sha512(b'z').hexdigest()}  a.zip\n"
    files = {"a.zip": make.blob("z"), "a.zip.sha512": make.blob(text)}
    moves = {"a.zip": "b.zip", "a.zip.sha512": "b.zip.sha512"}
    found = foresee(moves, files)
    assert (found.moves, found.anew, found.wrong) == (moves, {"b.zip.sha512"}, ())


def test_names_that_are_taken_and_those_that_clash_in_the_whole_set_are_told() -> None:
    files = {path: make.blob(path) for path in ("a", "b", "c/d")}
    assert foresee({"a": "b"}, files).wrong == (
        "b exists already. Delete it first, or choose another.",
    )
    (case,) = foresee({"a": "B"}, files).wrong
    assert "differ in case only" in case
    (below,) = foresee({"a": "b/x"}, files).wrong
    assert below == "b is a file, so b/x cannot lie below it."
