"""What differs between revisions, by path and by content."""

import pytest

from releases.comparing import compare
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def release():
    made = make.release(make.project(), files={"a.txt": "a", "b.txt": "b", "c.txt": "c"})
    by = made.created_by
    made.add_files({"a.txt": make.blob("A"), "d.txt": make.blob("d")}, by=by)
    made.rename_file("b.txt", "docs/b.txt", by=by)
    made.delete_files(["c.txt"], by=by)
    return made


def paths(found):
    return {word: [row.path for row in rows] for word, rows in found.groups}


def test_the_first_revision_adds_everything_to_the_empty_draft(release):
    assert paths(compare(release, 0, 1)) == {"added": ["a.txt", "b.txt", "c.txt"]}


def test_each_kind_of_change_is_told_once(release):
    found = compare(release, 1, 4)
    assert paths(found) == {
        "added": ["d.txt"],
        "changed": ["a.txt"],
        "renamed": ["docs/b.txt"],
        "removed": ["c.txt"],
    }
    assert found.renamed[0].was == "b.txt"
    assert found.summary == "1 added, 1 changed, 1 renamed, 1 removed"
    assert found.count == 4


def test_backwards_everything_is_the_other_way_round(release):
    assert paths(compare(release, 4, 1)) == {
        "added": ["c.txt"],
        "changed": ["a.txt"],
        "renamed": ["b.txt"],
        "removed": ["d.txt"],
    }


def test_what_went_and_came_back_as_it_was_is_no_difference(release):
    release.restore_revision(1, by=release.created_by)
    found = compare(release, 1, 5)
    assert (found.groups, found.summary, found.count) == ([], "no difference", 0)


def test_two_files_of_one_content_are_renamed_one_by_one():
    release = make.release(make.project(), files={"a.txt": "same"})
    by = release.created_by
    release.add_files({"b.txt": make.blob("same"), "c.txt": make.blob("same")}, by=by)
    release.delete_files(["a.txt"], by=by)
    assert paths(compare(release, 1, 3)) == {"added": ["c.txt"], "renamed": ["b.txt"]}


def test_it_costs_two_questions(release, django_assert_num_queries):
    with django_assert_num_queries(2):
        compare(release, 1, 4)
