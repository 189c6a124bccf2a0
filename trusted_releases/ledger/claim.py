"""How a worker takes a job, keeps it, and gives it back: each step one conditional UPDATE."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from trusted_releases.ledger import wakeup
from trusted_releases.ledger.facts import clean, facts_of
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.models.job import add_line
from trusted_releases.ledger.registry import BACK_OFF, LEASE
from trusted_releases.ledger.tags import Tag

logger = logging.getLogger(__name__)

MAX_ERROR = 8 << 10  # characters of a traceback: its end says what happened


class LostLease(Exception):
    """Another worker has taken over this job: what this one has done must not be written."""


class RunningJob:
    """A job in the hands of this worker. The first argument of every job function."""

    def __init__(self, job: Job, *, previous_lost: bool) -> None:
        self._job = job
        self.pk: int = job.pk
        self.name: str = job.name
        self.release: str = job.release
        self.attempt: int = job.attempts
        self.previous_lost = previous_lost

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}, attempt {self.attempt}"

    def log(self, text: str) -> None:
        """Add a line for the people who watch. Not written when the job was taken over."""
        self._job.log = add_line(self._job.log, text)
        self._mine().update(log=self._job.log)

    def still_mine(self) -> bool:
        """Whether this worker still holds the job. Ask before every lasting effect outside."""
        return self._mine().exists()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """A transaction in which nobody can take the job over. Write results inside it.

        Raises LostLease, before anything is written, when somebody already has.
        """
        with transaction.atomic():
            if not self._mine().select_for_update().exists():
                raise LostLease(f"{self} was taken over by another worker.")
            yield

    # --- for the worker, not for job functions ---

    def renew(self, at: datetime | None = None) -> bool:
        """Put the end of the lease off. False when the job is no longer ours."""
        lease = timedelta(seconds=lease_of(self._job))
        return bool(self._mine().update(lease_until=(at or now()) + lease))

    def done(self, result: dict[str, Any] | None) -> bool:
        """The job has succeeded. False, and nothing written, when it is no longer ours."""
        result = facts_of(result) if result is not None else None
        changes = {"state": Job.State.DONE, "result": result, "error": ""}
        return self._settle(changes)

    def failed(self, error: str) -> bool:
        """The job has failed for good: visible with its error, and with a retry for operators."""
        error = clean(error[-MAX_ERROR:])
        with transaction.atomic():
            if not self._settle({"state": Job.State.FAILED, "error": error}):
                return False
            last = error.strip().rsplit("\n", 1)[-1]
            self._job.record(Tag.JOB_FAILED, attempts=self.attempt, error=clean(last, 500))
        return True

    def postponed(self, error: str) -> bool:
        """This attempt has failed: another one follows after a while, unless it was the last."""
        if self.attempt >= self._job.max_attempts:
            return self.failed(error)
        back_off = back_off_of(self._job)
        wait = back_off[min(self.attempt, len(back_off)) - 1]
        self.log(f"Attempt {self.attempt} failed; the next one follows in {wait} s.")
        return self._again(wait, error=clean(error[-MAX_ERROR:]))

    def delayed(self, wait: float, why: str) -> bool:
        """It runs again after `wait` seconds, and this was no attempt."""
        self.log(why)
        return self._again(wait, attempts=self.attempt - 1, error="")

    def _again(self, wait: float, **changes: Any) -> bool:
        self._job.due_at = now() + timedelta(seconds=wait)
        with transaction.atomic():
            changed = self._mine().update(
                state=Job.State.QUEUED,
                claim="",
                lease_until=None,
                due_at=self._job.due_at,
                **changes,
            )
            if changed:
                self._job.wake()
        return bool(changed)

    def _mine(self) -> Any:
        """The job's row, if the claim on it is still this one."""
        return Job.objects.filter(pk=self.pk, state=Job.State.RUNNING, claim=self._job.claim)

    def _settle(self, changes: dict[str, Any]) -> bool:
        over = {"claim": "", "lease_until": None, "finished_at": now(), "wake_row": None}
        with transaction.atomic():
            if not self._mine().update(**changes, **over, log=self._job.log):
                return False
            wakeup.drop(self._job.wake_row)
        return True


def lease_of(job: Job) -> float:
    """Seconds of silence after which the job may be taken over, also if no code knows it."""
    try:
        return job.spec.lease_seconds
    except LookupError:
        return LEASE


def back_off_of(job: Job) -> tuple[float, ...]:
    """Seconds before each further attempt, also if no code knows the job."""
    try:
        return job.spec.back_off
    except LookupError:
        return BACK_OFF


def take(pk: int, at: datetime | None = None) -> RunningJob | None:
    """Claim the job, if it is due or its worker has fallen silent. None for everybody else.

    Two workers may be woken for one job; the database lets one UPDATE find the row free. A
    worker that died is counted too: when too many have, the job fails here instead of running.
    """
    at = at or now()
    job = Job.objects.filter(pk=pk).first()
    if job is None:
        return None
    mine = {
        "state": Job.State.RUNNING,
        "claim": secrets.token_hex(16),
        "attempts": F("attempts") + 1,
        "lease_until": at + timedelta(seconds=lease_of(job)),
        "started_at": at,
    }
    queued = Job.objects.ready(at).filter(pk=pk).update(**mine)
    lost = 0 if queued else Job.objects.lost(at).filter(pk=pk).update(**mine)
    if not (queued or lost):
        return None
    job.refresh_from_db()
    running = RunningJob(job, previous_lost=bool(lost))
    return running if not lost or _goes_on(running, job, at) else None


def _goes_on(running: RunningJob, job: Job, at: datetime) -> bool:
    """Tell the log that a worker was lost; False when that was the last attempt there was."""
    before = running.attempt - 1
    gone = f"The worker that ran attempt {before} died or was stopped"
    if running.attempt > job.max_attempts:
        running.attempt = before
        Job.objects.filter(pk=job.pk, claim=job.claim).update(attempts=before)
        running.log(f"{gone}; it was the last attempt.")
        running.failed(f"{gone}, and no attempt is left: {before} of {job.max_attempts} were made.")
        return False
    running.log(f"{gone}; attempt {running.attempt} began at {at:%Y-%m-%d %H:%M:%S} UTC.")
    return True
