"""What was looked through for damage."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from tests.ledger import tamper
from tests.ledger.conftest import record_ballots
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Inspection, Job
from trusted_releases.ledger.models.inspection import KEPT, Problems
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


def test_the_command_leaves_one(log, capsys) -> None:
    call_command("verify_events")
    kept = Inspection.objects.get()
    assert (kept.kind, kept.looked_at, kept.problems, kept.found) == ("events", 9, 0, [])
    assert "The event log" in str(kept)


def test_the_job_of_each_day_too_with_what_is_wrong(log) -> None:
    tamper.sql("UPDATE ledger_event SET actor = 'mallory' WHERE id = %s", log[4].event_id)
    job = enqueue("ledger.verify_events")
    run_pending()
    kept = Inspection.objects.get()
    assert kept.problems == 1
    assert f"event {log[4].event_id}" in kept.found[0]
    assert "[event_changed]" in kept.found[0]
    assert Job.objects.get(pk=job.pk).result == {"entries": 9, "problems": 1}


def test_what_no_worker_was_there_to_seal_is_no_damage(log, alice) -> None:
    record_ballots(alice, 1)
    old = now() - timedelta(minutes=5)
    tamper.sql("UPDATE ledger_event SET at = %s WHERE id > %s", old, log[-1].event_id)
    enqueue("ledger.verify_events")
    run_pending()
    kept = Inspection.objects.get()
    assert (kept.problems, kept.looked_at) == (0, 10)


def test_of_very_many_problems_the_first_are_kept_and_all_counted() -> None:
    wrong = Problems()
    for number in range(KEPT + 5):
        wrong.add(f"event {number}\0")
    kept = Inspection.objects.keep("events", began=now(), looked_at=1, problems=wrong)
    assert (kept.problems, len(kept.found)) == (KEPT + 5, KEPT)
    assert "\0" not in kept.found[0]
    assert Inspection.objects.with_problems().get() == kept


@pytest.mark.parametrize(("kind", "days"), [("events", 2), ("blobs", 2), ("published", 15)])
def test_the_next_one_is_late_after_some_days(kind: str, days: int) -> None:
    kept = Inspection.objects.keep(kind, began=now(), looked_at=1)
    at = kept.finished_at
    assert not kept.is_late(at + timedelta(days=days))
    assert kept.is_late(at + timedelta(days=days, seconds=1))
    assert Inspection.objects.latest_of(kind) == kept
    assert Inspection.objects.latest_of("storage") is None
