"""What differs between the members of two archives."""

import pytest

from checks.engine.inside.members import LONGEST_NAME, Line, Problem, differences, listed
from checks.engine.model import Limits
from tests.checks.engine.inside.packed import link, tar, zipped

pytestmark = pytest.mark.once


def between(folder, old: bytes, new: bytes, name: str = "a.tar.gz") -> list[Line]:
    sides = []
    for place, content in enumerate((old, new)):
        location = folder / f"side-{place}"
        location.write_bytes(content)
        sides.append(listed(location, name, Limits()))
    return list(differences(*sides))


def test_each_kind_of_difference_is_told(tmp_path) -> None:
    same = {"t/same": b"same", "t/empty": b""}
    old = tar({**same, "t/gone": b"1", "t/old": b"moved", "t/text": b"one", "t/run": b"#!"})
    new = tar(
        {**same, "t/new": b"22", "t/dir/name": b"moved", "t/text": b"two!", "t/run": b"#!"},
        {"t/run": 0o755},
    )
    assert between(tmp_path, old, new) == [
        Line("added", "new", new_size=2, new_mode=0o644),
        Line("removed", "gone", old_size=1, old_mode=0o644),
        Line("renamed", "dir/name", "old", "file", 5, 5, 0o644, 0o644),
        Line("changed", "text", "", "file", 3, 4, 0o644, 0o644),
        Line("mode", "run", "", "file", 2, 2, 0o644, 0o755),
    ]


def test_the_folder_of_a_candidate_may_have_another_name(tmp_path) -> None:
    old, new = tar({"t-rc1": None, "t-rc1/a": b"a"}), tar({"t": None, "t/a": b"a", "t/b": b"b"})
    assert [(each.change, each.path) for each in between(tmp_path, old, new)] == [("added", "b")]


def test_without_one_folder_whole_names_are_compared(tmp_path) -> None:
    found = between(tmp_path, tar({"a/x": b"1", "b/x": b"2"}), tar({"a/x": b"1", "c/x": b"2"}))
    assert [(each.change, each.path, each.was) for each in found] == [("renamed", "c/x", "b/x")]


def test_empty_files_are_not_taken_for_renamed_ones(tmp_path) -> None:
    found = between(tmp_path, tar({"t/a": b"", "t/x": b"x"}), tar({"t/b": b"", "t/x": b"x"}))
    assert [(each.change, each.path) for each in found] == [("added", "b"), ("removed", "a")]


def test_copies_are_renamed_one_for_one(tmp_path) -> None:
    old, new = tar({"t/a": b"x", "t/b": b"x", "t/k": b"k"}), tar({"t/c": b"x", "t/k": b"k"})
    found = between(tmp_path, old, new)
    assert [(e.change, e.path, e.was) for e in found] == [
        ("removed", "b", ""),
        ("renamed", "c", "a"),
    ]


def test_where_a_link_leads_is_its_content(tmp_path) -> None:
    found = between(tmp_path, link("t/l", "a"), link("t/l", "b"))
    assert [(each.change, each.path, each.kind) for each in found] == [("changed", "l", "symlink")]


def test_zips_are_compared_alike_and_packing_does_not_count(tmp_path) -> None:
    found = between(tmp_path, zipped({"t/a": b"1"}), zipped({"t/a": b"2"}), "a.zip")
    assert [(each.change, each.path) for each in found] == [("changed", "a")]
    assert not between(tmp_path, tar({"t/a": b"1"}), tar({"t/a": b"1"}) + b"")


def test_one_that_cannot_be_read_to_its_end_is_no_empty_one(tmp_path) -> None:
    whole = tar({"t/a": bytes(5000)})
    with pytest.raises(Problem, match="could not be read to its end"):
        between(tmp_path, whole, whole[:40])


def test_a_long_name_is_cut_where_it_is_told() -> None:
    assert len(Line("added", "x" * 5000).as_json()["path"]) == LONGEST_NAME
