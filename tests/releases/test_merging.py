"""Merging what two people did to the same files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.merging import merge

pytestmark = pytest.mark.once

SETS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3), max_size=6)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "files", "conflicts"),
    [
        ({}, {}, {"a": 1}, {"a": 1}, ()),
        ({"a": 1}, {"a": 1}, {}, {}, ()),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}, ()),
        ({"a": 1}, {}, {"a": 1, "b": 2}, {"b": 2}, ()),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}, ()),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}, ("a",)),
        ({"a": 1}, {}, {"a": 3}, {}, ("a",)),
        ({"a": 1}, {"a": 2}, {}, {"a": 2}, ("a",)),
        ({}, {"a": 2}, {"a": 3}, {"a": 2}, ("a",)),
    ],
)
def test_what_both_have_done_is_there(base, theirs, ours, files, conflicts) -> None:
    merged = merge(base, theirs, ours)
    assert (merged.files, merged.conflicts) == (files, conflicts)


@given(SETS, SETS, SETS)
def test_each_path_is_as_one_of_them_left_it(base, theirs, ours) -> None:
    merged = merge(base, theirs, ours)
    for path in "abcdef":
        before, there, here = base.get(path), theirs.get(path), ours.get(path)
        found = merged.files.get(path)
        if path in merged.conflicts:
            assert (found, before != there != here != before) == (there, True)
        else:
            assert found == (here if there == before else there)


@given(SETS, SETS, SETS)
def test_who_comes_first_changes_nothing_where_nobody_is_in_the_other_s_way(
    base, theirs, ours
) -> None:
    one, other = merge(base, theirs, ours), merge(base, ours, theirs)
    assert one.conflicts == other.conflicts
    if not one.conflicts:
        assert one.files == other.files


@given(SETS, st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), max_size=8))
def test_uploads_of_any_number_lose_no_file_and_invent_none(base, uploads) -> None:
    """Each begins at the same base and puts one file; those that are refused say so."""
    files, refused, taken = dict(base), [], {}
    for path, content in uploads:
        merged = merge(base, files, {**base, path: content})
        files = merged.files
        if merged.conflicts:
            refused.append((path, content))
        elif base.get(path) != content:
            taken[path] = content
    assert files == {**base, **taken}
    for path, content in uploads:
        assert files.get(path) == content or (path, content) in refused or base.get(path) == content
