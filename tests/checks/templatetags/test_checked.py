"""What a list of files says of checks and signatures."""

import pytest

from checks.engine.model import Finding, Level, UnitResult
from checks.models import Result, Run
from checks.templatetags.checked import checks_stopped, file_rows, run_of
from tests import make
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db

SIGNED = {"a.tar.gz": "a", "a.tar.gz.asc": "sig"}


def rows_of(files, *findings, state=Run.State.DONE, judged=True):
    revision = make.release(files=files).newest
    if judged:
        make.checked(revision)
    result = Result.objects.keep(UnitResult("k" * 64, "", ("signature",), findings, "", 1.0))
    run = Run.objects.create(revision=revision, state=state)
    run.results.set([result])
    return {row.entry.path: row for row in file_rows(revision, revision.entries)}


def found(level, path, rule="signature"):
    return Finding(rule, 1, level, path, "Said.")


def test_the_worst_level_is_shown_with_its_number():
    rows = rows_of(
        SIGNED,
        found(Level.NOTE, "a.tar.gz"),
        found(Level.CONCERN, "a.tar.gz", "license.files"),
        found(Level.CONCERN, "a.tar.gz", "license.files"),
    )
    assert rows["a.tar.gz"].worst == "concern"
    assert rows["a.tar.gz"].counts == {"note": 1, "concern": 2}
    assert rows["a.tar.gz.asc"].worst == ""


@pytest.mark.parametrize(
    ("level", "state"),
    [
        (Level.NOTE, "good"),
        (Level.SUGGESTION, "good"),
        (Level.CONCERN, "doubtful"),
        (Level.BLOCKER, "refused"),
    ],
)
def test_a_signature_is_worth_what_its_rule_said_of_it(level, state):
    assert rows_of(SIGNED, found(level, "a.tar.gz.asc"))["a.tar.gz"].signature == state


def test_what_nobody_has_judged_is_not_good():
    assert rows_of(SIGNED)["a.tar.gz"].signature == "unknown"
    other_rule = found(Level.NOTE, "a.tar.gz.asc", "paths")
    assert rows_of(SIGNED, other_rule)["a.tar.gz"].signature == "unknown"


def test_while_the_checks_run_nothing_is_known():
    row = rows_of(SIGNED, found(Level.NOTE, "a.tar.gz.asc"), state=Run.State.RUNNING, judged=False)[
        "a.tar.gz"
    ]
    assert (row.worst, row.signature) == ("", "unknown")


def test_without_a_signature_there_is_none():
    rows = rows_of({"a.tar.gz": "a", "a.tar.gz.sha512": "sum"})
    assert rows["a.tar.gz"].signature == "none"
    assert rows["a.tar.gz.sha512"].signature == ""
    assert rows["a.tar.gz.sha512"].is_side_file


def test_checks_have_stopped_when_their_job_has_failed():
    revision = make.release(files=SIGNED).newest
    assert not checks_stopped(revision)
    Job.objects.about(revision).update(state="failed")
    assert checks_stopped(revision)


def test_a_revision_no_worker_has_seen_has_no_run():
    assert run_of(make.release(files=SIGNED).newest) is None
    assert run_of(None) is None


def test_what_was_found_is_shown_while_a_later_run_is_under_way():
    """A key was added: the checks run again beside a verdict that holds."""
    rows = rows_of(SIGNED, found(Level.NOTE, "a.tar.gz.asc"), state=Run.State.RUNNING)
    assert rows["a.tar.gz"].signature == "good"


def test_a_signature_on_the_next_page_is_a_signature() -> None:
    revision = make.release(files=SIGNED).newest
    make.checked(revision)
    said = found(Level.NOTE, "a.tar.gz.asc")
    result = Result.objects.keep(
        UnitResult("k" * 64, "a.tar.gz.asc", ("signature",), (said,), "", 1.0)
    )
    Run.objects.create(revision=revision, state=Run.State.DONE).results.set([result])
    (row,) = file_rows(revision, revision.entries[:1])
    assert (row.entry.path, row.signature) == ("a.tar.gz", "good")
