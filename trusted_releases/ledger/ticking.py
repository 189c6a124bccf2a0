"""What happens by itself: schedules, and a second call for jobs whose first one was lost."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from trusted_releases.ledger.models import Job
from trusted_releases.ledger.registry import LEASE, Schedule, known_schedules

logger = logging.getLogger(__name__)

SWEPT_AT_ONCE = 500


class Ticker:
    """Queues the jobs that are due by the clock. Every supervisor has one; no job runs twice.

    The key of a scheduled job names its period, and keys are unique: whoever comes first wins.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def tick(self, at: datetime | None = None) -> int:
        """Queue what is due in the present period. Returns how many jobs were asked for."""
        at = at or now()
        return sum(self._tick(schedule, at) for schedule in known_schedules())

    def _tick(self, schedule: Schedule, at: datetime) -> bool:
        period = int(at.timestamp() // schedule.every)
        if self._seen.get(schedule.name) == period or (schedule.when and not schedule.when()):
            return False
        self._seen[schedule.name] = period
        key = f"{schedule.name}@{period}"
        if not Job.objects.filter(key=key).exists():
            Job.objects.enqueue(schedule.name, key=key, scheduled=True, args={})
            return True
        return False


def sweep(at: datetime | None = None, *, patience: float | None = None) -> int:
    """Wake the jobs that nobody will come for. Returns how many.

    `patience`: seconds for which a call may be on its way; settings.JOB_LEASE by default.

    A queued job has lost its call when the cluster that took it died first; a running one when
    its worker did. A call that is merely slow is answered twice then, which does nothing more.
    """
    at = at or now()
    if patience is None:
        patience = getattr(settings, "JOB_LEASE", LEASE)
    since = at - timedelta(seconds=patience)
    count = 0
    for pk in Job.objects.asleep(since, at).values_list("pk", flat=True)[:SWEPT_AT_ONCE]:
        with transaction.atomic():
            asleep = Job.objects.asleep(since, at).select_for_update()
            if job := asleep.filter(pk=pk).first():
                job.due_at = at
                job.wake()
                count += 1
    if count:
        logger.info("Woke %s jobs that nobody would have come for.", count)
    return count
