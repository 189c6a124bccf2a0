"""What the checks found, as rows: used again, written once, worst first."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now

from checks.engine.model import HOLDS_UNTIL, Level, UnitResult
from checks.engine.model import Finding as Found
from checks.models import Finding, Result
from checks.rules import ALL

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


def test_a_result_that_the_clock_has_overtaken_gives_its_key_to_a_new_one() -> None:
    """Runs that it was made for keep what was found then."""
    soon = now() + timedelta(hours=1)
    first = Result.objects.keep(unit(found(data={HOLDS_UNTIL: soon.isoformat()})))
    assert first.holds_until == soon
    assert list(Result.objects.current()) == [first]
    assert list(Result.objects.current(soon)) == []
    assert Result.objects.keep(unit(found(message="Other."))) == first

    Result.objects.update(holds_until=now())
    second = Result.objects.keep(unit(found(message="Expired since.")))
    assert second.pk != first.pk
    assert list(Result.objects.current()) == [second]
    assert [each.message for each in first.findings.all()] == ["Fine."]


def test_a_result_holds_until_the_first_of_its_findings_does_not() -> None:
    at = datetime(2040, 1, 1, tzinfo=UTC)
    told = [{HOLDS_UNTIL: each} for each in (at.isoformat(), "", "2050-01-01T00:00:00+00:00")]
    assert Result.objects.keep(unit(*(found(data=each) for each in told))).holds_until == at
    assert Result.objects.keep(unit(found(), key="other")).holds_until is None
