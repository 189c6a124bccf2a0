"""The ledger's own jobs."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Head, Job, Pending, WorkerBeat
from trusted_releases.ledger.registry import known_schedules
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


def test_sealing_is_scheduled_only_when_there_is_something_to_seal(alice):
    sealing = next(item for item in known_schedules() if item.name == "ledger.seal")
    assert sealing.every == 2
    assert not sealing.when()
    Event.objects.record(Tag.ACCOUNT_CHANGED, by=alice, subject=alice)
    assert sealing.when()
    job = enqueue("ledger.seal")
    assert run_pending() == 1
    job.refresh_from_db()
    assert job.result == {"sealed": 1}
    assert Head.objects.get().size == 1
    assert not sealing.when()
    assert str(Pending(pk=3)) == "event 3"


def test_only_old_scheduled_jobs_that_went_well_are_forgotten():
    old, young = now() - timedelta(days=2), now()
    kept = [
        Job.objects.create(name="a", queue="default", state="done", finished_at=old),
        Job.objects.create(name="b", scheduled=True, state="done", finished_at=young),
        Job.objects.create(name="c", scheduled=True, state="failed", finished_at=old),
    ]
    Job.objects.create(name="d", scheduled=True, state="done", finished_at=old)
    WorkerBeat.objects.create(host="gone", pid=1, at=old)
    beat = WorkerBeat.objects.create(host="here", pid=2)
    job = enqueue("ledger.tidy")
    run_pending()
    job.refresh_from_db()
    assert job.result == {"jobs": 1, "beats": 1, "spendings": 0}
    assert set(Job.objects.exclude(pk=job.pk)) == set(kept)
    assert WorkerBeat.objects.get() == beat
