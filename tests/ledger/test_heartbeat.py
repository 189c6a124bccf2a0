"""The lease is renewed while a job runs, on a connection of its own, and not a moment longer."""

import time
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils.timezone import now

from tests.processes import wait_for
from trusted_releases.ledger.claim import take
from trusted_releases.ledger.heartbeat import Heartbeat
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running(settings):
    settings.JOB_LEASE = 0.3
    return take(enqueue("test.write", path="x").pk)


def lease(running):
    return Job.objects.get(pk=running.pk).lease_until


def test_the_lease_is_renewed_while_the_job_runs(running):
    first = lease(running)
    with Heartbeat(running):
        wait_for(lambda: lease(running) > first + timedelta(seconds=0.4))
    after = lease(running)
    time.sleep(0.3)
    assert lease(running) == after


def test_it_stops_when_the_job_is_somebody_elses(running):
    with Heartbeat(running) as heartbeat:
        Job.objects.filter(pk=running.pk).update(claim="of somebody else")
        wait_for(lambda: not heartbeat._thread.is_alive())


def test_a_database_that_fails_once_is_asked_again(running, monkeypatch, caplog):
    renewals = []

    def renew():
        renewals.append(now())
        if len(renewals) == 1:
            raise DatabaseError("gone away")
        return True

    monkeypatch.setattr(running, "renew", renew)
    with Heartbeat(running):
        wait_for(lambda: len(renewals) > 2)
    assert "was not renewed" in caplog.text


def test_a_job_past_its_limit_has_its_process_killed(running, monkeypatch):
    killed = []
    heartbeat = Heartbeat(running)
    heartbeat._limit = 0.2
    monkeypatch.setattr("os.kill", lambda pid, number: killed.append(number))
    with heartbeat:
        wait_for(lambda: killed)
    assert killed[0] == 9


def test_a_job_whose_code_is_gone_has_the_usual_limit(running):
    running._job.name = "test.removed"
    assert Heartbeat(running)._limit == 3600
