"""Taking, keeping and giving back a job: one winner each time, and no late word counts."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now
from django_q.models import OrmQ

from trusted_releases.ledger.claim import BACK_OFF, LostLease, lease_of, take
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.registry import LEASE
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def job():
    return enqueue("test.write", path="x", release="5")


def fresh(job):
    return Job.objects.get(pk=job.pk)


def test_the_first_worker_gets_the_job_and_the_second_nothing(job):
    running = take(job.pk)
    assert (running.attempt, running.previous_lost, running.release) == (1, False, "5")
    assert str(running) == f"test.write #{job.pk}, attempt 1"
    assert take(job.pk) is None
    taken = fresh(job)
    assert (taken.state, taken.attempts, len(taken.claim)) == ("running", 1, 32)


def test_a_job_that_is_gone_or_not_due_is_not_taken(job):
    assert take(job.pk + 1) is None
    later = enqueue("test.write", path="x", due_at=now() + MINUTE)
    assert take(later.pk) is None
    assert take(later.pk, now() + MINUTE) is not None


def test_a_done_job_is_never_taken_again(job):
    assert take(job.pk).done({"n": 1})
    assert take(job.pk, now() + MINUTE) is None
    done = fresh(job)
    assert (done.state, done.result, done.claim) == ("done", {"n": 1}, "")
    assert done.finished_at is not None
    assert not OrmQ.objects.exists()


def test_a_silent_workers_job_is_taken_over_and_the_log_says_so(job):
    first = take(job.pk)
    assert take(job.pk, now() + timedelta(seconds=LEASE - 1)) is None
    second = take(job.pk, now() + MINUTE)
    assert (second.attempt, second.previous_lost) == (2, True)
    assert first.still_mine() is False
    assert second.still_mine() is True
    assert (
        "The worker that ran attempt 1 died or was stopped; attempt 2 began at " in fresh(job).log
    )


def test_a_renewed_lease_keeps_the_others_away(job):
    running = take(job.pk)
    assert running.renew(now() + MINUTE)
    assert take(job.pk, now() + MINUTE) is None


def test_what_a_worker_writes_after_it_lost_the_job_does_not_count(job):
    first = take(job.pk)
    second = take(job.pk, now() + MINUTE)
    first.log("I am late.")
    assert first.renew() is False
    assert first.done({"late": True}) is False
    assert first.failed("late") is False
    assert first.postponed("late") is False
    with pytest.raises(LostLease, match="taken over by another worker"), first.holding():
        pytest.fail("the block must not run")
    still = fresh(job)
    assert (still.state, still.result, still.error) == ("running", None, "")
    assert "I am late." not in still.log
    assert not Event.objects.filter(tag=Tag.JOB_FAILED).exists()
    assert second.done(None)


def test_results_are_written_while_nobody_can_take_over(job):
    running = take(job.pk)
    with running.holding():
        running.log("Written.")
    assert "Written." in fresh(job).log

    def fail_half_way():
        with running.holding():
            Job.objects.filter(pk=job.pk).update(release="9")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert fresh(job).release == "5"


def test_a_failed_attempt_is_repeated_after_a_while(job):
    for attempt, wait in zip((1, 2), BACK_OFF, strict=False):
        running = take(job.pk, now() + timedelta(hours=1))
        assert running.attempt == attempt
        assert running.postponed("Traceback\nOSError: no route")
        again = fresh(job)
        assert (again.state, again.claim, again.error[-8:]) == ("queued", "", "no route")
        assert timedelta(seconds=wait - 5) < again.due_at - now() <= timedelta(seconds=wait)
        assert f"Attempt {attempt} failed; the next one follows in {wait} s." in again.log
        assert OrmQ.objects.get().lock == again.due_at
    assert take(job.pk, now() + timedelta(hours=1)).postponed("OSError: still none")
    failed = fresh(job)
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert not OrmQ.objects.exists()


def test_a_failure_for_good_is_an_event_with_its_last_line(job):
    running = take(job.pk)
    assert running.failed("Traceback …\nValueError: bad \0 byte\n" + " " * 5)
    event = Event.objects.get(tag=Tag.JOB_FAILED)
    assert (event.kind, event.key, event.release) == ("ledger.job", str(job.pk), "5")
    assert event.facts == {
        "job": "test.write",
        "attempts": 1,
        "error": "ValueError: bad \ufffd byte",
    }
    assert "\0" not in fresh(job).error


def test_an_error_is_kept_to_its_last_8_kib(job):
    take(job.pk).failed("x" * 100_000 + "the end")
    assert len(fresh(job).error) == 8 << 10
    assert fresh(job).error.endswith("the end")


def test_a_worker_that_dies_is_counted_and_after_the_last_the_job_fails(job):
    at = now()
    for attempt in (1, 2, 3):
        assert take(job.pk, at).attempt == attempt
        at += MINUTE
    assert take(job.pk, at) is None
    failed = fresh(job)
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert "no attempt is left: 3 of 3 were made" in failed.error
    assert "it was the last attempt" in failed.log
    assert Event.objects.get(tag=Tag.JOB_FAILED).facts["attempts"] == 3
    assert take(job.pk, at + MINUTE) is None


def test_losing_and_failing_share_the_same_three_attempts(job):
    take(job.pk)
    assert take(job.pk, now() + MINUTE).postponed("OSError")
    assert take(job.pk, now() + timedelta(hours=1)).postponed("OSError")
    assert fresh(job).state == "failed"


def test_a_job_whose_code_is_gone_has_the_usual_lease(job):
    Job.objects.filter(pk=job.pk).update(name="test.removed")
    assert lease_of(fresh(job)) == LEASE
    assert take(job.pk) is not None


def test_a_result_that_is_no_plain_json_is_refused(job):
    with pytest.raises(TypeError, match="ratio is a float"):
        take(job.pk).done({"ratio": 0.5})


def test_a_log_line_of_a_rolled_back_block_is_written_with_the_next(job):
    running = take(job.pk)

    @transaction.atomic
    def fail():
        running.log("one")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    running.log("two")
    assert [line.split()[-1] for line in fresh(job).log.splitlines()] == ["one", "two"]
