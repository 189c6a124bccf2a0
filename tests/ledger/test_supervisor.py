"""Real workers on a real database, and what is left when they are killed."""

import os
import signal
import subprocess
import time

import psutil
import pytest
from django.db import OperationalError

from tests.ledger.sample_jobs import lines
from tests.processes import wait_for
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Head, Job, WorkerBeat
from trusted_releases.ledger.registry import QUEUES
from trusted_releases.ledger.supervisor import Supervisor
from trusted_releases.ledger.tags import Tag

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SETTINGS = "tests.ledger.worker_settings"


@pytest.fixture
def worker(start_worker):
    """Start workers that know the test's jobs and have little patience."""

    def start(*arguments, **env):
        return start_worker(*arguments, DJANGO_SETTINGS_MODULE=SETTINGS, **env)

    return start


def settled(job, seconds=60):
    wait_for(lambda: Job.objects.get(pk=job.pk).is_settled, seconds)
    return Job.objects.get(pk=job.pk)


def family(child):
    return psutil.Process(child.process.pid).children(recursive=True)


def members(child, title):
    """Processes of the clusters by what django-q2 calls them: idle, processing, pusher, monitor."""
    return [
        one for one in family(child) if "qcluster" in _title(one) and f" {title}" in _title(one)
    ]


def _title(process):
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def serving(child):
    wait_for(lambda: members(child, "idle"))


def test_jobs_are_run_events_sealed_and_the_beat_is_there(worker, tmp_path, alice):
    job = enqueue("test.child")
    heavy = enqueue("test.heavy", path=str(tmp_path / "out"))
    Event.objects.record(Tag.ACCOUNT_CHANGED, by=alice, subject=alice)
    with worker() as child:
        assert settled(job).result == {"answer": 42}
        assert settled(heavy).state == "done"
        wait_for(Head.objects.exists)
        assert set(WorkerBeat.objects.alive().get().queues) == set(QUEUES)
        assert child.stop() == 0
    assert "no job is left running" in child.output
    assert not WorkerBeat.objects.exists()


def test_a_worker_killed_in_mid_job_is_replaced_and_the_log_says_so(worker, tmp_path):
    out = tmp_path / "out"
    job = enqueue("test.slow", path=str(out), seconds=60)
    with worker() as child:
        wait_for(lambda: lines(out))
        os.kill(int(lines(out)[0]), signal.SIGKILL)
        done = settled(job)
        assert child.process.poll() is None
    assert done.result == {"attempt": 2, "lost": True}
    assert "The worker that ran attempt 1 died or was stopped; attempt 2 began at" in done.log
    assert lines(out).count("done") == 1


def test_a_whole_host_that_dies_is_replaced_by_another(worker, tmp_path):
    out = tmp_path / "out"
    job = enqueue("test.slow", path=str(out), seconds=60)
    with worker() as first:
        wait_for(lambda: lines(out))
        everybody = family(first)
        os.kill(first.process.pid, signal.SIGKILL)  # the supervisor alone
        alive = psutil.wait_procs(everybody, timeout=10)[1]
        assert alive == [], "an orphan would go on taking jobs"
    with worker():
        done = settled(job)
    assert done.result == {"attempt": 2, "lost": True}
    assert lines(out).count("done") == 1


def test_sigterm_lets_the_running_job_finish(worker, tmp_path):
    out = tmp_path / "out"
    job = enqueue("test.slow", path=str(out), seconds=3)
    with worker() as child:
        wait_for(lambda: lines(out))
        assert child.stop() == 0
    assert (settled(job, 1).result) == {"attempt": 1, "lost": False}


def test_ctrl_c_to_the_whole_group_lets_the_running_job_finish(worker, tmp_path):
    out = tmp_path / "out"
    job = enqueue("test.slow", path=str(out), seconds=3)
    with worker() as child:
        wait_for(lambda: lines(out))
        os.killpg(child.process.pid, signal.SIGINT)
        assert child.process.wait(30) == 0
    assert settled(job, 1).result == {"attempt": 1, "lost": False}


def test_a_second_signal_kills_and_the_job_is_done_by_the_next_worker(worker, tmp_path):
    out = tmp_path / "out"
    job = enqueue("test.slow", path=str(out), seconds=60)
    with worker() as child:
        wait_for(lambda: lines(out))
        everybody = family(child)
        child.process.terminate()
        time.sleep(1)
        child.process.terminate()
        assert child.process.wait(10) == 1
        assert psutil.wait_procs(everybody, timeout=10)[1] == []
    with worker():
        assert settled(job).result == {"attempt": 2, "lost": True}


def test_a_poison_job_fails_after_three_workers_and_is_visible(worker, tmp_path):
    out = tmp_path / "out"
    job = enqueue("test.poison", path=str(out))
    with worker():
        failed = settled(job, 60)
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert lines(out) == ["1", "2", "3"]
    assert "no attempt is left" in failed.error
    assert Event.objects.get(tag=Tag.JOB_FAILED).key == str(job.pk)


def test_a_job_that_never_ends_is_stopped_at_its_limit(worker):
    job = enqueue("test.endless")
    with worker() as child:
        failed = settled(job)
        assert "ran longer than 1 s" in child.output
    assert failed.state == "failed"
    assert "1 of 1 were made" in failed.error


def test_a_cluster_that_hangs_is_started_again(worker, tmp_path):
    """Killing idle workers leaves django-q2's queue locked: it takes jobs and runs none."""
    out = tmp_path / "out"
    with worker() as child:
        serving(child)
        for idle in members(child, "idle"):
            idle.kill()
        jobs = [enqueue("test.write", path=str(out)) for _ in range(6)]
        for job in jobs:
            assert settled(job, 60).state == "done"
        assert lines(out) == ["1"] * 6
        assert child.stop() == 0


def test_a_cluster_that_dies_is_started_again(worker, tmp_path):
    out = tmp_path / "out"
    with worker() as child:
        serving(child)
        clusters = psutil.Process(child.process.pid).children()
        for cluster in clusters:
            cluster.kill()
        assert settled(enqueue("test.write", path=str(out))).state == "done"
        wait_for(lambda: WorkerBeat.objects.get().restarts >= len(clusters))


def test_two_workers_share_the_work_and_run_each_job_once(start_worker, tmp_path):
    out = tmp_path / "out"
    jobs = [enqueue("test.write", path=str(out)) for _ in range(60)]
    patient = {"DJANGO_SETTINGS_MODULE": "tests.ledger.patient_settings"}
    with start_worker(**patient), start_worker(**patient):
        for job in jobs:
            settled(job, 120)
        wait_for(lambda: WorkerBeat.objects.count() == 2)
    assert len(lines(out)) == 60
    assert Job.objects.filter(name="ledger.tidy").count() == 1, "one schedule, two supervisors"


@pytest.mark.postgres
def test_a_worker_serves_the_queues_it_was_told_and_no_other(worker, tmp_path):
    out = tmp_path / "out"
    job, heavy = enqueue("test.write", path=str(out)), enqueue("test.heavy", path=str(out))
    with worker("--queues", "heavy"):
        assert settled(heavy).state == "done"
        assert WorkerBeat.objects.get().queues == ["heavy"]
    assert Job.objects.get(pk=job.pk).state == "queued"


class TestInside:
    """Steps of the supervisor that need no process."""

    def test_a_database_that_does_not_answer_is_asked_again(self, caplog):
        def fail():
            raise OperationalError("gone away")

        Supervisor()._guarded(fail)
        assert "trying again" in caplog.text

    def test_a_cluster_that_does_not_stop_is_killed(self, settings, monkeypatch):
        settings.JOB_HANG = 0.2
        settings.SINGLE_QUEUE = True
        supervisor = Supervisor()
        cluster, heavy = supervisor.clusters
        assert (cluster.queues, heavy.queues) == (("default", "mail", "source"), ("heavy",))
        cluster.process = subprocess.Popen(["sleep", "60"], start_new_session=True)
        monkeypatch.setattr(cluster, "terminate", lambda: None)
        supervisor._signals = 1
        began = time.monotonic()
        supervisor._stop()
        assert time.monotonic() - began < 10
        assert not cluster.is_alive()

    def test_work_ends_at_the_first_signal(self, settings, monkeypatch):
        supervisor = Supervisor()
        monkeypatch.setattr(signal, "signal", lambda number, handler: None)
        monkeypatch.setattr(supervisor, "step", lambda: supervisor._on_signal(15, None))
        assert supervisor.run() == 0
