"""A worker killed in the middle of a check: another one finishes it, and says what happened."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest

from checks.examine import findings_document
from checks.models import Finding, Result, Run
from releases.models import Release
from releases.phases import Verdict
from tests import make, signed
from tests.processes import Child, wait_for
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Workers = Callable[..., AbstractContextManager[Child]]


def test_a_check_whose_worker_was_killed_is_finished_by_another(
    start_worker: Workers, tmp_path: Path
) -> None:
    name = "apache-tool-1.0-source.tar.xz"
    signed.slow_archive(tmp_path / name)
    files = signed.files_of(tmp_path, content=(tmp_path / name).read_bytes(), name=name)
    project = signed.project_with(signed.author())
    release = make.release(project, version="1.0", files={**files})
    revision = release.newest
    Job.objects.filter(name="checks.recheck").delete()  # the keys came before the files

    def half_way() -> bool:
        run = Run.objects.filter(revision=revision).first()
        assert run is None or run.state != Run.State.DONE, "it was over before it was killed"
        return run is not None and run.units_done >= 3 and 0 < run.percent < 90

    with start_worker(JOB_LEASE="3") as first:
        wait_for(half_way)
        family = first.family()
        first.kill()
    assert not any(alive(process) for process in family)
    killed = Run.objects.get(revision=revision)
    assert killed.state == Run.State.RUNNING
    kept = set(Result.objects.values_list("key", flat=True))
    job = Job.objects.get(name="checks.rest")
    assert (job.state, job.attempts) == (Job.State.RUNNING, 1)

    with start_worker(JOB_LEASE="3"):
        wait_for(lambda: Run.objects.get(revision=revision).state == Run.State.DONE)
        wait_for(lambda: Job.objects.get(pk=job.pk).state == Job.State.DONE)

    run = Run.objects.get(revision=revision)
    assert "The worker that ran these checks stopped in the middle" in run.note
    assert "(attempt 2)" in run.note
    assert run.units_reused == len(kept)
    assert run.units_done == run.units_total == run.results.count() == Result.objects.count()
    job.refresh_from_db()
    assert job.attempts == 2
    assert "The worker that ran attempt 1 died or was stopped" in job.log
    assert Event.objects.filter(tag=Tag.CHECKS_FINISHED).count() == 1
    told = [(each.path, each.rule, each.member, each.message) for each in Finding.objects.all()]
    assert len(told) == len(set(told)) > 5
    revision = Release.objects.get(pk=release.pk).newest
    assert revision.verdict in (Verdict.PASSED, Verdict.FAILED)
    assert findings_document(revision)["counts"] | {"ignored": 0} == revision.counts


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
