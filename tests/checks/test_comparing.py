"""What is new, known and fixed: against the previous revision, against the last release."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from checks.comparing import BEFORE, RELEASED, comparisons_of, kept
from checks.engine.model import Level
from checks.models import Finding, Run
from releases.models import Release
from releases.phases import Phase
from tests import make
from tests.checks.made import checked, draft, found, next_revision, result

pytestmark = pytest.mark.django_db


def messages(findings) -> list[str]:
    return sorted(each.message for each in findings)


def compared(before: list, after: list, shared: tuple = ()):
    release = draft()
    checked(release.newest, *before, shared=shared)
    run = checked(next_revision(release), *after, shared=shared)
    return next(comparisons_of(run))


def test_what_only_the_later_revision_has_is_new_and_what_only_the_earlier_had_is_fixed():
    kept, gone, came = found(member="a.c"), found(message="Gone."), found(message="Came.")
    comparison = compared([kept, gone], [kept, came])
    assert messages(comparison.new()) == ["Came."]
    assert messages(comparison.fixed()) == ["Gone."]
    assert (comparison.new_count, comparison.fixed_count) == (1, 1)
    assert comparison.against == "revision 1"
    assert comparison.url.endswith("/findings/?revision=1")


def test_a_change_of_level_makes_nothing_new():
    comparison = compared([found(Level.CONCERN)], [found(Level.BLOCKER)])
    assert (comparison.new_count, comparison.fixed_count) == (0, 0)


def test_a_note_that_became_a_problem_is_new_and_one_that_went_is_not_fixed():
    comparison = compared([found(Level.NOTE), found(Level.NOTE, message="Fine.")], [found()])
    assert messages(comparison.new()) == ["It has no header."]
    assert comparison.fixed_count == 0


def test_a_problem_that_became_a_note_is_fixed():
    comparison = compared([found()], [found(Level.NOTE)])
    assert comparison.fixed_count == 1
    assert comparison.new_count == 0


def test_new_notes_are_new_but_no_problems():
    comparison = compared([], [found(Level.NOTE)])
    assert comparison.new_counts["note"] == 1
    assert comparison.new_count == 0


def test_one_of_two_equal_findings_can_be_fixed():
    comparison = compared([found(), found()], [found()])
    assert (comparison.new_count, comparison.fixed_count) == (0, 1)


def test_results_that_both_share_are_not_looked_at():
    same = result(found(member="a.c"))
    comparison = compared([], [found(member="b.c")], shared=(same,))
    assert [each.member for each in comparison.new()] == ["b.c"]
    Finding.objects.filter(result=same).update(mark="")
    assert comparison.new_counts["concern"] == 1


def test_many_new_findings_are_found_as_few_are(monkeypatch):
    monkeypatch.setattr("checks.comparing.FEW", 1)
    comparison = compared([found()], [found(), *(found(message=f"New {n}x.") for n in "abc")])
    assert messages(comparison.new()) == ["New ax.", "New bx.", "New cx."]


def test_a_revision_that_was_not_checked_to_its_end_is_passed_over():
    release = draft()
    checked(release.newest, found())
    Run.objects.create(revision=next_revision(release), state=Run.State.SUPERSEDED)
    run = checked(next_revision(release), found())
    assert next(comparisons_of(run)).against == "revision 1"


def test_the_first_revision_has_nothing_before_it_and_a_running_one_no_comparison_yet():
    release = draft()
    run = checked(release.newest, found())
    assert list(comparisons_of(run)) == []
    later = checked(next_revision(release), found())
    later.state = Run.State.RUNNING
    assert list(comparisons_of(later)) == []


def released(project, version: str, *findings, days: int = 1, cycle=None) -> Release:
    """As if this version had gone out, with these findings."""
    files = {f"tool-{version}.tar.gz": "bytes"}
    release = make.release(project, version=version, files=files)
    run = checked(release.newest, *findings)
    Release.objects.filter(pk=release.pk).update(
        phase=Phase.RELEASED,
        candidate=run.revision,
        released_at=now() - timedelta(days=days),
        cycle=cycle,
    )
    return release


def test_against_the_last_release_the_version_makes_no_difference():
    release = draft("1.1")
    place = {"member": "tool-{}/src/a.c", "path": "tool-{}.tar.gz"}
    old, new = ({name: text.format(v) for name, text in place.items()} for v in ("1.0", "1.1"))
    released(release.project, "1.0", found(**old), found(message="Gone."))
    run = checked(release.newest, found(**new), found(message="Came."))
    comparison = next(comparisons_of(run))
    assert comparison.kind == RELEASED
    assert comparison.against == "Tool 1.0"
    assert messages(comparison.new()) == ["Came."]
    assert messages(comparison.fixed()) == ["Gone."]


def test_the_previous_revision_comes_before_the_last_release():
    release = draft("1.1")
    released(release.project, "1.0")
    checked(release.newest)
    run = checked(next_revision(release))
    assert [each.kind for each in comparisons_of(run)] == [BEFORE, RELEASED]


def test_the_last_release_is_that_of_its_cycle_if_there_is_one():
    release = draft("1.2")
    project = release.project
    cycle = project.cycles.create(name="1.x, maintained")
    released(project, "1.1", days=5, cycle=cycle)
    released(project, "2.0", days=2)
    Release.objects.filter(pk=release.pk).update(cycle=cycle)
    run = checked(Release.objects.get(pk=release.pk).newest)
    assert next(comparisons_of(run)).against == "Tool 1.1"


def test_a_release_is_compared_with_what_went_out_before_it_and_not_after():
    project = draft("9.9").project
    older = released(project, "1.0", days=9)
    released(project, "1.1", days=5)
    run = Run.objects.get(revision__release=released(project, "1.0.1", days=7))
    assert next(comparisons_of(run)).against == str(older)


@pytest.mark.parametrize("count", [2, 90])
def test_it_costs_the_same_for_few_and_for_many(count, django_assert_num_queries):
    release = draft()
    checked(release.newest, *(found(message=f"Old {n:c}x.") for n in range(0x4E00, 0x4E00 + count)))
    run = checked(next_revision(release), *(found(member=f"m{n}") for n in range(count)))
    run = Run.objects.select_related("revision__release").get(pk=run.pk)
    with django_assert_num_queries(8):
        comparison = next(comparisons_of(run))
        assert (comparison.new_count, comparison.fixed_count) == (count, count)


def long(count: int, first: int = 0) -> list:
    return [found(member=f"m{n}") for n in range(first, first + count)]


def test_what_a_cut_list_no_longer_names_is_not_called_fixed():
    comparison = compared(long(60, first=200), [*long(100), found(message="New.")])
    assert comparison.fixed_count == 0
    assert comparison.new_count == 101
    assert comparison.uncertain == [("license.headers", "tool-1.0.tar.gz")]


def test_what_moves_up_in_a_list_that_was_cut_is_not_called_new():
    comparison = compared(long(100), [*long(50, first=80), found(message="New.")])
    assert messages(comparison.new()) == ["New."]
    assert comparison.fixed_count == 80


def test_a_list_that_says_that_there_is_more_is_cut_however_short():
    more = found(message="There are 4 more of this kind.", data={"more": 4})
    comparison = compared([*long(20), more], long(20, first=5))
    assert comparison.new_count == 0
    assert comparison.fixed_count == 6


def test_lists_that_are_whole_leave_nothing_uncertain():
    assert compared(long(99), long(9)).uncertain == []


def test_what_two_runs_come_to_is_asked_once_until_one_of_them_begins_again():
    run = Run(pk=1, state=Run.State.DONE, finished_at=now())
    answers = iter(range(9))

    def ask() -> int:
        return next(answers)

    assert [kept([run], "a", ask), kept([run], "a", ask)] == [0, 0]
    assert [kept([run], "b", ask), kept([run, None], "a", ask)] == [1, 2]
    run.finished_at += timedelta(seconds=1)
    assert kept([run], "a", ask) == 3
    run.state = Run.State.RUNNING
    assert [kept([run], "a", ask), kept([run], "a", ask)] == [4, 5]
