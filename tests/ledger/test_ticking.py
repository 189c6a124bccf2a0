"""What happens by the clock happens once, and what was lost is found."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils.timezone import now
from django_q.models import OrmQ

from trusted_releases.ledger import registry
from trusted_releases.ledger.claim import take
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.registry import schedule
from trusted_releases.ledger.ticking import Ticker, sweep

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def schedules(monkeypatch):
    found = {}
    monkeypatch.setattr(registry, "_SCHEDULES", found)
    return found


def taken(job):
    """As when a cluster has fetched the call."""
    OrmQ.objects.filter(pk=job.wake_row).update(lock=now() + timedelta(days=1))


class TestSchedules:
    def test_a_job_is_queued_once_in_each_period(self):
        schedule("test.broken", 60)
        ticker, other = Ticker(), Ticker()
        assert ticker.tick(NOON) == 1
        assert ticker.tick(NOON + timedelta(seconds=59)) == 0
        assert other.tick(NOON + timedelta(seconds=59)) == 0, "another supervisor"
        assert other.tick(NOON + timedelta(seconds=60)) == 1
        jobs = Job.objects.order_by("pk")
        assert [job.key for job in jobs] == [
            f"test.broken@{int(NOON.timestamp()) // 60 + n}" for n in (0, 1)
        ]
        assert all(job.scheduled for job in jobs)

    def test_it_is_asked_first_whether_there_is_anything_to_do(self):
        answers = [False, True]
        schedule("test.broken", 60, when=lambda: answers.pop(0))
        ticker = Ticker()
        assert ticker.tick(NOON) == 0
        assert ticker.tick(NOON) == 1
        assert ticker.tick(NOON) == 0, "and not again in the same period"
        assert answers == []

    def test_a_period_of_no_time_is_refused(self):
        with pytest.raises(ValueError, match="a period is longer than 0 seconds"):
            schedule("test.broken", 0)

    @pytest.mark.django_db(transaction=True)
    def test_four_supervisors_at_one_moment_queue_one_job(self):
        schedule("test.broken", 60)
        start = threading.Barrier(4)

        def work():
            start.wait()
            Ticker().tick(NOON)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert Job.objects.count() == 1
        assert OrmQ.objects.count() == 1


class TestSweep:
    def test_a_call_that_waits_for_a_worker_is_left_alone(self):
        enqueue("test.write", path="x")
        assert sweep(now() + HOUR) == 0

    def test_a_queued_job_whose_call_is_lost_is_called_again(self):
        job = enqueue("test.write", path="x")
        OrmQ.objects.all().delete()
        assert sweep() == 0, "it may still be on its way"
        assert sweep(now() + HOUR) == 1
        job.refresh_from_db()
        assert OrmQ.objects.get().pk == job.wake_row

    def test_a_call_fetched_by_a_cluster_that_died_is_replaced(self):
        job = enqueue("test.write", path="x")
        taken(job)
        assert sweep(now() + HOUR) == 1
        assert OrmQ.objects.get().pk != job.wake_row

    def test_patience_can_be_none_when_a_cluster_is_known_to_have_died(self):
        taken(enqueue("test.write", path="x"))
        assert sweep(patience=0) == 1

    def test_a_running_job_is_called_when_its_lease_is_over(self):
        job = enqueue("test.write", path="x")
        take(job.pk)
        taken(job)
        assert sweep(patience=0) == 0
        assert sweep(now() + HOUR) == 1
        assert take(job.pk, now() + HOUR).previous_lost

    def test_a_job_is_not_called_twice_while_the_second_call_is_fresh(self):
        job = enqueue("test.write", path="x")
        taken(job)
        at = now() + HOUR
        assert sweep(at) == 1
        assert sweep(at) == 0

    def test_a_job_for_later_and_a_settled_one_sleep_on(self):
        enqueue("test.write", path="x", due_at=now() + 2 * HOUR)
        done = enqueue("test.write", path="x")
        take(done.pk).done(None)
        OrmQ.objects.all().delete()
        assert sweep(now() + HOUR) == 0
