"""The report: what the offline checks say, bounded, and marked as no release."""

import json
from pathlib import Path

import pytest

from checks.engine.document import document
from checks.engine.model import Candidate, File, Finding, Level, UnitResult
from checks.engine.plan import plan
from checks.review_report import NOTICE, Collector, Report

FILE = File("tool-1.0.tar.gz", Path("/x"), 3, "0" * 64, "0" * 128)
CANDIDATE = Candidate((FILE,))


def finding(level: Level, message: str = "So it is.", path: str = FILE.path, **more) -> Finding:
    return Finding("paths", 1, level, path, message, **more)


def report(*findings: Finding, error: str = "", **bounds: int) -> Report:
    """As if the first unit of the candidate had found this, and the others nothing."""
    found = Collector(**bounds)
    for place, unit in enumerate(plan(CANDIDATE)):
        ours = findings if not place else ()
        said = error if not place else ""
        found.take(UnitResult(unit.key, unit.path, unit.rules, ours, said))
    return found.report(CANDIDATE, title="tool", keys={"from": "nowhere", "name": ""})


def test_it_says_what_the_offline_checks_say_and_one_thing_more() -> None:
    ours = [finding(Level.BLOCKER), finding(Level.NOTE)]
    results = [
        UnitResult(unit.key, unit.path, unit.rules, tuple(ours if not place else ()))
        for place, unit in enumerate(plan(CANDIDATE))
    ]
    made = dict(report(*ours).document)
    review = made.pop("review")
    assert made == document(CANDIDATE, results)
    assert review["notice"] == NOTICE
    assert (review["title"], review["left_out"]) == ("tool", 0)


def test_it_is_the_same_when_it_is_read_again() -> None:
    made = report(finding(Level.CONCERN, "nul \0 and \ud800".encode("utf-8", "replace").decode()))
    again = Report.read(made.as_bytes())
    assert again.as_bytes() == made.as_bytes()
    assert again.findings == made.findings


def test_sarif_is_marked_as_well() -> None:
    made = json.loads(report(finding(Level.BLOCKER)).as_sarif(version="1", address="", run="r"))
    assert made["runs"][0]["properties"]["review"]["notice"] == NOTICE
    assert made["runs"][0]["automationDetails"] == {"id": "r"}
    assert [each["level"] for each in made["runs"][0]["results"]] == ["error"]


@pytest.mark.parametrize(
    ("level", "error", "passed"),
    [
        (Level.BLOCKER, "", False),
        (Level.CONCERN, "", True),
        (Level.NOTE, "", True),
        (Level.NOTE, "It failed.", False),
    ],
)
def test_blockers_and_checks_that_failed_do_not_pass(level, error: str, passed: bool) -> None:
    assert report(finding(level), error=error).passed is passed


def test_what_was_not_checked_has_not_passed() -> None:
    made = Collector().report(CANDIDATE)
    assert not made.passed
    assert made.counts["error"] == len(plan(CANDIDATE)) == len(list(made.errors))


def test_more_than_there_is_room_for_is_counted_and_the_worst_is_listed() -> None:
    notes = [finding(Level.NOTE, f"note {n}") for n in range(20)]
    made = report(*notes, *[finding(Level.BLOCKER, f"bad {n}") for n in range(20)], findings=10)
    assert (made.counts["blocker"], made.counts["note"]) == (20, 20)
    assert [each.level for each in made.findings] == [Level.BLOCKER] * 10
    assert made.review["left_out"] == 30
    assert not made.passed


def test_a_blocker_that_is_not_listed_counts_all_the_same() -> None:
    made = report(finding(Level.BLOCKER), findings=0)
    assert made.findings == []
    assert (made.counts["blocker"], made.passed, made.review["left_out"]) == (1, False, 1)


def test_notes_leave_room_for_what_is_worse() -> None:
    found = Collector(findings=10)
    for n in range(20):
        found.take(UnitResult(f"n{n}", "", (), (finding(Level.NOTE),)))
    for n in range(20):
        found.take(UnitResult(f"b{n}", "", (), (finding(Level.CONCERN),)))
    kept = [each.level for result in found.results for each in result.findings]
    assert kept == [Level.NOTE] * 5 + [Level.CONCERN] * 5


def test_long_sentences_have_a_limit_together() -> None:
    long = [finding(Level.BLOCKER, "x" * 1000) for _ in range(10)]
    made = report(*long, size=5_000)
    assert 3 <= len(made.findings) <= 4
    assert made.review["left_out"] == 10 - len(made.findings)


def test_findings_are_listed_by_level_and_file() -> None:
    of_all = finding(Level.CONCERN, "Whole.", path="")
    ours = [finding(Level.NOTE), of_all, finding(Level.BLOCKER, "Bad.")]
    made = report(*ours)
    assert [each.message for each in made.asked_for("", None)] == ["Bad.", "Whole.", "So it is."]
    assert [each.message for each in made.asked_for("blocker", None)] == ["Bad."]
    assert made.asked_for("", "") == [of_all]
    assert made.asked_for("note", "other") == []


def test_a_file_has_its_worst_level() -> None:
    line = report(finding(Level.NOTE), finding(Level.CONCERN)).files[0]
    assert (line.path, line.size, line.worst) == (FILE.path, 3, "concern")
    assert line.counts == {"note": 1, "concern": 1}
    assert report().files[0].worst == ""
