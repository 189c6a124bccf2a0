"""Queueing: what is taken, what is refused, and that a key is unique for ever."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import now
from django_q.models import OrmQ

from trusted_releases.ledger import wakeup
from trusted_releases.ledger.jobs import UnknownJob, enqueue
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.models.job import CUT, MAX_LOG, add_line
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import Stale

pytestmark = pytest.mark.django_db


def test_a_job_is_queued_with_one_wake_up_call_that_names_only_its_id():
    job = enqueue("test.write", path="x", release="7")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.queue, job.release) == ("queued", 0, "default", "7")
    assert (job.args, job.max_attempts, str(job)) == ({"path": "x"}, 3, f"test.write #{job.pk}")
    call = OrmQ.objects.get()
    task = call.task
    assert call.pk == job.wake_row
    assert call.lock == job.due_at
    assert (task["args"], task["kwargs"]) == ((job.pk,), {})
    assert task["func"] == "trusted_releases.ledger.worker.run"


def test_a_name_that_no_job_has_registered_is_refused():
    with pytest.raises(UnknownJob, match=r"os\.system"):
        enqueue("os.system", command="id")
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("value", [1.5, b"x", ["x"], {"a": 1}, object()])
def test_only_plain_values_go_into_a_job(value):
    with pytest.raises(TypeError, match="path is a "):
        enqueue("test.write", path=value)


def test_an_unknown_queue_is_refused():
    with pytest.raises(ValueError, match="no queue 'fast'"):
        enqueue("test.write", queue="fast", path="x")


def test_a_key_is_unique_for_ever(tmp_path):
    first = enqueue("test.write", key="once", path=str(tmp_path / "out"))
    assert enqueue("test.write", key="once", path="other").pk == first.pk
    assert run_pending() == 1
    again = enqueue("test.write", key="once", path="other")
    assert (again.pk, again.state) == (first.pk, "done")
    assert not OrmQ.objects.exists()


def test_a_double_key_does_not_break_the_callers_transaction():
    enqueue("test.write", key="once", path="x")
    with transaction.atomic():
        enqueue("test.write", key="once", path="x")
        enqueue("test.write", key="twice", path="x")
    assert Job.objects.count() == 2


def test_an_integrity_error_of_another_kind_is_not_taken_for_a_double_key(monkeypatch):
    def fail(job):
        raise IntegrityError("another constraint")

    monkeypatch.setattr(wakeup, "wake", fail)
    for key in (None, "fresh"):
        with pytest.raises(IntegrityError, match="another constraint"):
            enqueue("test.write", key=key, path="x")
    assert not Job.objects.exists()


def test_the_database_refuses_a_running_job_that_nobody_holds():
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(name="test.write", state="running", queue="default")


def test_a_job_for_later_waits_with_its_call(tmp_path):
    later = now() + timedelta(hours=1)
    job = enqueue("test.write", due_at=later, path=str(tmp_path / "out"))
    assert OrmQ.objects.get().lock == later
    assert run_pending() == 0
    assert list(Job.objects.ready(later)) == [job]


class TestRetry:
    def failed_job(self):
        job = enqueue("test.impossible", release="3")
        run_pending()
        job.refresh_from_db()
        return job

    def test_an_operator_runs_a_failed_job_again(self, root):
        job = self.failed_job()
        job.retry(by=root)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.finished_at) == ("queued", 0, None)
        assert "Queued again by root." in job.log
        assert OrmQ.objects.filter(pk=job.wake_row).exists()
        event = Event.objects.get(tag=Tag.JOB_RETRIED)
        assert (event.actor, event.facts, event.release) == ("root", {"job": job.name}, "3")
        assert run_pending() == 1

    def test_nobody_else_does(self, alice):
        job = self.failed_job()
        with pytest.raises(PermissionDenied, match="Only operators"):
            job.retry(by=alice)
        job.refresh_from_db()
        assert job.state == "failed"
        event = Event.objects.get(refused=True)
        assert (event.actor, event.facts["verb"], event.release) == ("alice", "retry", "3")

    def test_an_operator_who_has_left_does_not(self, root):
        root.is_active = False
        with pytest.raises(PermissionDenied):
            self.failed_job().retry(by=root)

    def test_the_second_of_two_retries_is_stale(self, root):
        job = self.failed_job()
        same = Job.objects.get(pk=job.pk)
        job.retry(by=root)
        with pytest.raises(Stale, match="has not failed"):
            same.retry(by=root)
        assert OrmQ.objects.count() == 1


def test_a_failed_jobs_event_stands_where_its_cause_does(alice):
    cause = Event.objects.record(
        Tag.RELEASE_STARTED, by=alice, subject=alice, project="tool", committee="tools"
    )
    job = enqueue("test.impossible", event=cause.pk)
    run_pending()
    event = Event.objects.get(tag=Tag.JOB_FAILED)
    assert (event.project, event.committee, event.key) == ("tool", "tools", str(job.pk))


def test_the_log_keeps_its_end_and_says_that_it_was_cut():
    log = ""
    for number in range(5000):
        log = add_line(log, f"line {number} {'x' * 40}")
    assert len(log) <= MAX_LOG
    assert log.startswith(CUT)
    assert log.splitlines()[1].startswith("20")
    assert "line 4999 " in log.splitlines()[-1]


def test_one_line_cannot_fill_the_log():
    assert len(add_line("", "x" * 1_000_000)) < MAX_LOG // 2


def test_settled_jobs_are_the_ones_nobody_waits_for():
    job = enqueue("test.impossible")
    assert not job.is_settled
    assert list(Job.objects.unsettled()) == [job]
    run_pending()
    job.refresh_from_db()
    assert job.is_settled
    assert list(Job.objects.failed()) == [job]
    assert not Job.objects.unsettled().exists()
    assert not Job.objects.of_release(1).exists()
