"""What the checks found, as rows: used again, written once, worst first."""

import pytest

from checks.engine.model import Finding as Found
from checks.engine.model import Level
from checks.engine.run import UnitResult
from checks.models import Finding, Result, Run
from checks.rules import ALL
from tests import make

pytestmark = pytest.mark.django_db


def found(level: Level = Level.NOTE, message: str = "Fine.", **named) -> Found:
    return Found("paths", 1, level, named.pop("path", "a.zip"), message, **named)


def unit(*findings: Found, key: str = "k", error: str = "") -> UnitResult:
    return UnitResult(key, "a.zip", ("paths",), findings, error, 1.5)


def test_a_result_comes_back_as_the_engine_gave_it() -> None:
    given = unit(
        found(Level.BLOCKER, "Bad.", member="x/y", see="ls", data={"n": [1, "a"]}), found()
    )
    row = Result.objects.keep(given)
    assert Result.objects.get(pk=row.pk).as_unit_result() == given
    assert str(row) == "paths on a.zip"
    assert str(row.findings.first()) == "blocker: Bad."


def test_a_good_result_is_kept_once_and_never_changes() -> None:
    first = Result.objects.keep(unit(found()))
    assert Result.objects.keep(unit(found(message="Other."))) == first
    assert [each.message for each in Finding.objects.all()] == ["Fine."]


def test_a_result_that_failed_gives_way_to_a_later_one() -> None:
    first = Result.objects.keep(unit(found(message="Half."), error="The rule failed."))
    assert not Result.objects.good().exists()
    second = Result.objects.keep(unit(found(message="Whole.")))
    assert second == first
    assert Result.objects.good().get().as_unit_result() == unit(found(message="Whole."))


def test_findings_are_written_in_bulk(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(12):
        Result.objects.keep(unit(*[found(message=f"{n}") for n in range(400)]))
    assert Finding.objects.count() == 400


def test_text_from_hostile_files_is_text_that_any_database_takes() -> None:
    hostile = "a\0b\ud800\U0001f600\x1b[31m"
    rule = next(iter(ALL))
    told = rule.finding(Level.NOTE, "a.zip", hostile, member=hostile, see=hostile, names=[hostile])
    row = Result.objects.keep(unit(told, error=f"The rule failed: {hostile}"))
    kept = Finding.objects.get(result=row)
    for text in (kept.message, kept.member, kept.see, kept.data["names"][0], row.error):
        assert "\0" not in text
        assert b"\xf0\x9f\x98\x80" in text.encode()


def test_the_worst_comes_first_and_every_level_is_counted() -> None:
    levels = [Level.NOTE, Level.BLOCKER, Level.SUGGESTION, Level.CONCERN, Level.BLOCKER]
    Result.objects.keep(unit(*[found(level, str(n)) for n, level in enumerate(levels)]))
    worst = [each.level for each in Finding.objects.worst_first()]
    assert worst == ["blocker", "blocker", "concern", "suggestion", "note"]
    assert Finding.objects.all().counts() == {
        "note": 1,
        "suggestion": 1,
        "concern": 1,
        "blocker": 2,
    }
    assert Finding.objects.none().counts()["blocker"] == 0
    assert Finding.objects.at_level("blocker", "note").count() == 3


@pytest.fixture
def run() -> Run:
    return Run.objects.create(revision=make.release(files={"a": "1"}).newest)


def test_a_run_says_how_far_it_is(run) -> None:
    assert run.percent == 0
    known = Result.objects.keep(unit())
    run.begin(3, 1000, [known], attempt=1)
    assert (run.units_done, run.units_reused, run.state) == (1, 1, Run.State.RUNNING)
    run.record_progress(bytes_done=500)
    run.refresh_from_db()
    assert run.percent == 50
    run.record_progress(bytes_done=1000)
    run.refresh_from_db()
    assert run.percent == 99
    run.finish()
    run.refresh_from_db()
    assert (run.percent, run.units_done, run.state) == (100, 3, Run.State.DONE)


def test_a_run_begun_again_forgets_what_the_last_one_said(run) -> None:
    run.begin(2, 10, [Result.objects.keep(unit(found()))], attempt=1)
    run.record_progress(note="The worker stopped.")
    run.finish()
    other = Result.objects.keep(unit(key="other", error="The rule failed."))
    run.begin(1, 10, [other], attempt=1)
    run.refresh_from_db()
    assert (run.note, run.finished_at) == ("", None)
    assert list(run.results.all()) == [other]
    assert list(run.errors()) == [other]
    assert not run.findings.exists()


def test_a_run_belongs_where_its_revision_does(run) -> None:
    assert str(run) == f"Checks of {run.revision}"
    assert (run.project, run.committee) == (run.revision.project, run.revision.committee)
