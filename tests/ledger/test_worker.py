"""What a cluster calls, and what tests call instead."""

import pytest
from django.db import IntegrityError
from django.utils.timezone import now
from django_q.models import OrmQ

from tests.ledger.sample_jobs import lines
from trusted_releases.ledger import worker
from trusted_releases.ledger.claim import take
from trusted_releases.ledger.jobs import enqueue, job
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.registry import _JOBS
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run, run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_job(monkeypatch):
    """Register a function as the job `test.made`, for this test only."""

    def make(function, **options):
        job("test.made", **options)(function)
        return "test.made"

    yield make
    _JOBS.pop("test.made", None)


@pytest.mark.django_db(transaction=True)
def test_a_double_delivery_runs_once(tmp_path):
    queued = enqueue("test.write", path=str(tmp_path / "out"))
    run(queued.pk)
    run(queued.pk)
    assert lines(tmp_path / "out") == ["1"]
    queued.refresh_from_db()
    assert queued.state == "done"
    assert queued.result["pid"] > 0


@pytest.mark.django_db(transaction=True)
def test_a_call_for_a_job_that_is_gone_does_nothing():
    run(12345)


def test_pending_jobs_run_inline_oldest_first_and_leave_no_call(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    enqueue("test.heavy", path=str(second))
    enqueue("test.write", path=str(first))
    assert run_pending(queue="default") == 1
    assert (lines(first), lines(second)) == (["1"], [])
    assert run_pending() == 1
    assert run_pending() == 0
    assert not OrmQ.objects.exists()


def test_no_more_than_the_limit_run(tmp_path):
    for _ in range(3):
        enqueue("test.write", path=str(tmp_path / "out"))
    assert run_pending(limit=2) == 2
    assert len(lines(tmp_path / "out")) == 2


def test_jobs_that_jobs_queue_are_run_as_well(make_job, tmp_path):
    def make_another(running):
        enqueue("test.write", path=str(tmp_path / "out"))

    enqueue(make_job(make_another))
    assert run_pending() == 2


def test_a_job_that_another_worker_just_took_is_passed_over(monkeypatch):
    queued = enqueue("test.write", path="x")
    answers = iter([queued.pk, None])
    monkeypatch.setattr(worker, "_next", lambda queue: next(answers))
    take(queued.pk)
    assert run_pending() == 0


def test_an_exception_is_kept_and_the_job_tried_again(make_job):
    queued = enqueue("test.broken")
    assert run_pending() == 1
    queued.refresh_from_db()
    assert queued.state == "queued"
    assert queued.due_at > now()
    assert queued.error.rstrip().endswith("RuntimeError: no such luck")


def test_giving_up_is_final_at_the_first_attempt():
    queued = enqueue("test.impossible")
    run_pending()
    queued.refresh_from_db()
    assert (queued.state, queued.attempts) == ("failed", 1)
    assert queued.error == "The file is gone; upload it again."
    assert Event.objects.get(tag=Tag.JOB_FAILED).facts["error"] == queued.error


def test_a_job_whose_code_is_gone_fails_with_a_sentence():
    queued = enqueue("test.write", path="x")
    Job.objects.filter(pk=queued.pk).update(name="test.removed")
    run_pending()
    queued.refresh_from_db()
    assert queued.state == "failed"
    assert "There is no job 'test.removed'" in queued.error


def test_a_result_no_database_keeps_is_a_failed_attempt(make_job):
    queued = enqueue(make_job(lambda running: {"ratio": 0.5}, max_attempts=1))
    run_pending()
    queued.refresh_from_db()
    assert queued.state == "failed"
    assert "ratio is a float" in queued.error


def test_a_database_error_in_a_job_does_not_break_the_tests_transaction(make_job):
    def violate(running):
        Job.objects.create(name="x", queue="default", state="running")

    queued = enqueue(make_job(violate, max_attempts=1))
    run_pending()
    queued.refresh_from_db()
    assert IntegrityError.__name__ in queued.error


def test_the_outcome_of_a_job_taken_over_meanwhile_is_dropped(make_job, caplog):
    def lose(running):
        Job.objects.filter(pk=running.pk).update(claim="of somebody else")
        return {"mine": True}

    queued = enqueue(make_job(lose))
    run_pending()
    queued.refresh_from_db()
    assert (queued.state, queued.result) == ("running", None)
    assert "its outcome is dropped" in caplog.text


def test_a_job_sees_its_attempt_and_writes_its_log(make_job):
    def tell(running):
        running.log(f"attempt {running.attempt}, lost before: {running.previous_lost}")

    queued = enqueue(make_job(tell))
    run_pending()
    queued.refresh_from_db()
    assert "attempt 1, lost before: False" in queued.log
    assert queued.result is None
