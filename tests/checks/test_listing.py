"""What a page of findings lists, and that its numbers are those of what it lists."""

import pytest

from checks.asking import WHOLE, Asked
from checks.comparing import comparisons_of
from checks.engine.model import Level
from checks.listing import ITEMS, MEMBERS, Listing, blocks_of
from tests.checks.made import checked, draft, found, next_revision

pytestmark = pytest.mark.django_db

NOTES = "notes.txt"


def listing(*findings, before=None, **asked) -> Listing:
    """Of a revision with these findings; with `before`, the second one after those."""
    release = draft()
    if before is None:
        return Listing(checked(release.newest, *findings), Asked(**asked))
    checked(release.newest, *before)
    run = checked(next_revision(release), *findings)
    return Listing(run, Asked(**asked), next(comparisons_of(run)))


def told(of: Listing, page: int = 1) -> list[str]:
    return [item.first.message for _, item in of.page(page).object_list]


def test_the_new_come_first_then_the_worst_then_by_file():
    known = found(Level.BLOCKER, message="Known blocker.")
    of = listing(
        known,
        found(Level.NOTE, NOTES, "New note."),
        found(Level.CONCERN, "z.txt", "New concern in z."),
        found(Level.CONCERN, "a.txt", "New concern in a."),
        before=[known],
    )
    assert told(of) == ["New concern in a.", "New concern in z.", "New note.", "Known blocker."]
    blocks = blocks_of(of.page(1).object_list, of)
    assert [block.opens_section for block in blocks] == [True, False, False, True]
    assert [block.opens_level for block in blocks] == [True, False, True, True]
    assert [(block.section_total, block.level_total) for block in blocks] == [
        (3, 2),
        (3, 2),
        (3, 1),
        (1, 1),
    ]
    assert blocks[-1].duty == "You must mend"


def many(count: int, **more):
    return [found(member=f"src/{n:04}.c", **more) for n in range(count)]


def test_one_sentence_about_many_members_is_one_item_with_the_first_of_them():
    of = listing(*many(204), found(Level.NOTE, message="Checked 204 files."))
    first = of.page(1).object_list[0][1]
    assert (first.count, len(first.shown), first.left_out) == (204, MEMBERS, 204 - MEMBERS)
    assert [each.member for each in first.shown[:2]] == ["src/0000.c", "src/0001.c"]
    assert first.folded
    assert of.total == 205
    assert len(of.page(1).object_list) == 2
    assert first.query == ("?level=concern&rule=license.headers&file=tool-1.0.tar.gz&every=yes")


def test_each_by_itself_is_listed_where_one_asks_for_it():
    of = listing(*many(30), every="yes")
    assert len(of.page(1).object_list) == ITEMS
    assert len(of.page(2).object_list) == 5
    assert not any(item.folded for _, item in of.page(1).object_list)


def test_members_that_are_new_are_an_item_apart_from_those_that_are_known():
    of = listing(*many(5), before=many(3))
    counts = [(section, item.count) for section, item in of.page(1).object_list]
    assert counts == [(0, 2), (1, 3)]


@pytest.mark.parametrize("asked", [{}, {"level": "concern"}, {"rule": "paths"}, {"new": "yes"}])
def test_every_number_is_that_of_what_is_listed_when_one_follows_it(asked):
    findings = [
        *many(4),
        found(Level.BLOCKER, "", "No source.", rule="paths"),
        found(Level.CONCERN, NOTES, "Odd.", rule="paths"),
        found(Level.NOTE, NOTES, "Fine."),
    ]
    of = listing(*findings, before=many(2), **asked)
    listed = sum(item.count for _, item in of.page(1).object_list)
    assert of.total == listed
    choices = [
        *(("level", each) for each in of.levels),
        *(("rule", each) for each in of.rules),
        *(("file", each) for each in of.files),
        ("new", of.news),
    ]
    assert len(choices) > 4
    for name, choice in choices:
        value = "yes" if name == "new" else choice.value
        follow = Listing(of.run, Asked(**{**asked, name: value}), of.comparison)
        assert follow.total == choice.count, (name, choice)


def test_filters_combine():
    of = listing(
        found(Level.CONCERN, NOTES, "Both."),
        found(Level.NOTE, NOTES, "File only."),
        found(Level.CONCERN, message="Level only."),
        level="concern",
        file=NOTES,
    )
    assert told(of) == ["Both."]


def test_the_release_as_a_whole_is_a_file_one_can_choose():
    of = listing(found(path="", message="No source."), found(), file=WHOLE)
    assert told(of) == ["No source."]
    assert next((each.value, each.chosen) for each in of.files) == (WHOLE, True)


def test_below_a_folder_only_what_is_in_it():
    of = listing(found(member="a/b.c"), found(member="ab.c", message="Else."), under="a/")
    assert [item.first.member for _, item in of.page(1).object_list] == ["a/b.c"]


def test_a_chosen_filter_that_leaves_nothing_can_still_be_taken_away():
    of = listing(found(), level="blocker", rule="paths", file="gone.txt")
    assert of.total == 0
    assert [each.query for each in of.rules if each.chosen] == ["?level=blocker&file=gone.txt"]
    assert any(each.chosen for each in of.files)


def test_without_anything_to_compare_with_new_is_no_filter():
    of = listing(found(), new="yes")
    assert of.news is None
    assert of.total == 1
    assert not of.asked.any


def test_a_page_that_does_not_exist_is_the_nearest_that_does():
    of = listing(*many(30), every="yes")
    assert of.page("x").number == 1
    assert of.page(99).number == 2


def test_a_finding_has_its_place():
    of = listing(*many(30), every="yes")
    last = of.run.findings.get(member="src/0029.c")
    assert of.place_of(last) == 29


@pytest.mark.parametrize("count", [10, 1000])
def test_a_page_costs_the_same_for_few_and_for_many(count, django_assert_num_queries):
    rows = [
        *many(count),
        *(found(message=f"{chr(97 + n % 26)}{chr(97 + n // 26)}") for n in range(9)),
    ]
    of = listing(*rows, before=many(3))
    with django_assert_num_queries(13):
        assert all((of.counts, of.levels, of.rules, of.files, of.news))
        assert blocks_of(of.page(1).object_list, of)
