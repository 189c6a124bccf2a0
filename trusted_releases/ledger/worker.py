"""Running one job: what a cluster calls when it is woken, and what tests call inline."""

import logging
import traceback
from contextlib import AbstractContextManager, nullcontext

from django.db import connection, transaction
from django.utils.timezone import now

from trusted_releases.ledger.claim import RunningJob, take
from trusted_releases.ledger.heartbeat import Heartbeat
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.registry import GiveUp, Later, UnknownJob

logger = logging.getLogger(__name__)


def run(pk: int) -> None:
    """Do the job, if it is there to be done. Every wake-up call ends here; a second does nothing.

    Whatever the job does, this returns: django-q2 is never asked to try again.
    """
    if running := take(pk):
        with Heartbeat(running):
            _perform(running)


def run_pending(queue: str | None = None, limit: int = 100) -> int:
    """Run what is queued and due in this process, oldest first. Returns how many jobs ran.

    For tests and for commands that have no worker beside them: no heartbeat, and no waiting for
    jobs that are due later (so a failed attempt is not repeated at once). Jobs that others queue
    meanwhile are run as well, up to `limit`.
    """
    count = 0
    while count < limit and (pk := _next(queue)):
        if running := take(pk):
            _perform(running)
            count += 1
    return count


def _next(queue: str | None) -> int | None:
    ready = Job.objects.ready(now()).order_by("due_at", "pk")
    return (ready.filter(queue=queue) if queue else ready).values_list("pk", flat=True).first()


def _perform(running: RunningJob) -> None:
    """Call the job's function and write down how it went, if the job is still ours by then."""
    job = running._job
    try:
        with _guarded():
            result = job.spec.function(running, **job.args)
        kept = running.done(result)
    except (GiveUp, UnknownJob) as error:
        kept = running.failed(str(error))
    except Later as later:
        kept = running.delayed(later.wait, str(later))
    except Exception:
        logger.warning("%s failed", running, exc_info=True)
        kept = running.postponed(traceback.format_exc())
    if not kept:
        logger.warning("%s was taken over by another worker; its outcome is dropped.", running)


def _guarded() -> AbstractContextManager[None]:
    """Inside a transaction (a test), a savepoint: a job's database error must not break it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
