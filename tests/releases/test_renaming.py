"""Which name a file gets, and which it cannot have."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.renaming import (
    conflicts,
    folder_moves,
    folders_of,
    is_companion,
    strip_moves,
    stripped,
)
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("tool-1.0-rc1.tar.gz", "tool-1.0.tar.gz"),
        ("tool-1.0-RC2-src.zip.asc", "tool-1.0-src.zip.asc"),
        ("tool-1.0.rc3.zip", "tool-1.0.zip"),
        ("tool-1.0-rc.4.zip", "tool-1.0.zip"),
        ("tool-1.0rc5.tar.gz", "tool-1.0.tar.gz"),
        ("tool-1.0-candidate-6-bin.tgz", "tool-1.0-bin.tgz"),
        ("tool_1.0~rc7_all.deb", "tool_1.0_all.deb"),
        ("1.0-rc1/tool-1.0-rc1.zip", "1.0/tool-1.0.zip"),
        ("README-rc12", "README"),
    ],
)
def test_a_candidates_tag_is_taken_out(name: str, without: str) -> None:
    assert stripped(name) == without


@pytest.mark.parametrize(
    "name",
    [
        *("tool-1.0.tar.gz", "src1.zip", "arc-3d.zip", "tool-march1.zip", "tool-rc.zip"),
        *("rc1/tool.zip", "tool-1.0-rc1.5.zip", "tool-1.0-rc1a.zip", "orc2.jar", "candidates.txt"),
    ],
)
def test_what_only_looks_like_it_stays(name: str) -> None:
    assert stripped(name) == name


@given(st.text(alphabet="rcRC-._~/0123456789candidate", max_size=40))
def test_what_is_stripped_has_only_lost_characters(name: str) -> None:
    rest = iter(name)
    assert all(each in rest for each in stripped(name))


def test_two_files_that_would_get_one_name_are_told() -> None:
    files = ["t-rc1.zip", "t-rc2.zip", "u-rc1.zip", "u.zip"]
    found = list(conflicts(strip_moves(files), files))
    assert found == [
        "t-rc1.zip and t-rc2.zip would both become t.zip. Delete or rename one of them first.",
        "u.zip exists already. Delete it first, or choose another.",
    ]


def test_names_that_no_release_may_have_are_told() -> None:
    assert list(conflicts({"a": "../a"}, ["a"])) == ["../a: '..' is not allowed in a path."]
    assert not list(conflicts({"a": "b", "b": "a"}, ["a", "b"]))  # each makes room for the other


def test_files_go_into_a_folder_with_what_belongs_to_them() -> None:
    files = ["a/x.zip", "a/x.zip.asc", "y"]
    assert folder_moves(["a/x.zip"], "/b/c/", files) == {
        "a/x.zip": "b/c/x.zip",
        "a/x.zip.asc": "b/c/x.zip.asc",
    }
    assert folder_moves(["a/x.zip"], "", files)["a/x.zip"] == "x.zip"
    assert folder_moves(["y"], "", files) == {}


def test_a_folder_goes_under_its_own_name() -> None:
    files = ["a/b/x", "a/b/c/y", "z"]
    assert folder_moves(["a/b"], "d", files) == {"a/b/x": "d/b/x", "a/b/c/y": "d/b/c/y"}


def test_what_lies_in_a_folder_that_goes_goes_with_it_whatever_else_was_chosen() -> None:
    files = ["a/b/x.zip", "a/b/x.zip.asc", "a/y", "a.asc"]
    moves = {"a/b/x.zip": "d/a/b/x.zip", "a/b/x.zip.asc": "d/a/b/x.zip.asc", "a/y": "d/a/y"}
    for chosen in (["a"], ["a/b/x.zip", "a", "a/b/"], ["a/", "a/b/x.zip.asc"]):
        assert folder_moves(chosen, "d", files) == moves


@pytest.mark.parametrize("gone", ["b", "a/b", "a.zip", ""])
def test_what_is_neither_a_file_nor_a_folder_is_refused(gone: str) -> None:
    with pytest.raises(BadInput, match=f"There is no file or folder {gone} in"):
        folder_moves(["a", gone], "d", ["a/x", "a.zip.asc"])


def test_ten_thousand_files_go_at_once() -> None:
    files = [f"deep/er/{n}.zip" for n in range(10_000)]
    began = time.monotonic()
    assert len(folder_moves(files, "d", files)) == 10_000
    assert time.monotonic() - began < 2  # it took minutes when each was looked for in all


def test_folders_are_counted_at_every_depth() -> None:
    assert folders_of(["a/b/x", "a/y", "z"]) == {"a": 2, "a/b": 1}


@pytest.mark.parametrize("folder", ["a", "a/b"])
def test_a_folder_cannot_go_into_itself(folder: str) -> None:
    with pytest.raises(BadInput, match="cannot go into itself"):
        folder_moves(["a"], folder, ["a/x"])


def test_what_belongs_to_a_file_is_known_by_its_name() -> None:
    assert is_companion("x.zip.ASC")
    assert not is_companion("x.zip")
