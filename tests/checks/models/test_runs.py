"""Runs say how far they are."""

import pytest

from checks.models import Result, Run
from tests import make
from tests.checks.models.test_results import found, unit

pytestmark = pytest.mark.django_db


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
