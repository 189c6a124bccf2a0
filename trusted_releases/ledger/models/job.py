"""What must be done, and how it went. The queue only wakes a worker; this row is the truth."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils.timezone import now

from trusted_releases.ledger import wakeup
from trusted_releases.ledger.facts import clean, facts_of
from trusted_releases.ledger.querysets import JobQuerySet
from trusted_releases.ledger.registry import QUEUES, JobSpec, spec_of
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused, Stale
from trusted_releases.lib.text import given_reason

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser

    Person: TypeAlias = AbstractBaseUser | AnonymousUser

MAX_LOG = 64 << 10  # characters kept of what a job says; the oldest lines go first
CUT = "(earlier lines were cut)\n"


class JobManager(models.Manager.from_queryset(JobQuerySet)):  # type: ignore[misc]
    def enqueue(
        self,
        name: str,
        *,
        queue: str | None = None,
        key: str | None = None,
        due_at: datetime | None = None,
        release: Any = "",
        subject: models.Model | None = None,
        scheduled: bool = False,
        args: dict[str, Any],
    ) -> "Job":
        """Make a job in the caller's transaction. `ledger.jobs.enqueue` says what it means."""
        spec = spec_of(name)
        if (queue or spec.queue) not in QUEUES:
            raise ValueError(f"There is no queue {queue!r}, only {', '.join(QUEUES)}.")
        at = now()
        job = self.model(
            name=name,
            queue=queue or spec.queue,
            key=key,
            args=facts_of(args),
            max_attempts=spec.max_attempts,
            release=_key_of(release),
            about_kind=subject._meta.label_lower if subject is not None else "",
            about_key=_key_of(subject),
            scheduled=scheduled,
            created_at=at,
            due_at=due_at or at,
        )
        try:
            with transaction.atomic(using=self.db):
                job.save(using=self.db, force_insert=True)
                job.wake()
        except IntegrityError:
            # Of two callers with one key at once, the database keeps the first.
            if key is None or (kept := self.filter(key=key).first()) is None:
                raise
            return kept
        return job


class Job(models.Model):
    """One thing to be done by a worker.

    queued -> running -> done, or back to queued when an attempt fails, or failed when the last
    one did. A worker holds a running job by its claim and a lease that it renews: once the lease
    is over the job is anybody's, and what the silent worker still writes does not count.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    name = models.CharField(max_length=100, editable=False)
    args = models.JSONField(default=dict, editable=False)
    queue = models.CharField(max_length=20, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)
    max_attempts = models.PositiveIntegerField(default=3, editable=False)
    key = models.CharField(max_length=200, null=True, unique=True, editable=False)  # noqa: DJ001
    about_kind = models.CharField(max_length=100, blank=True, editable=False)
    about_key = models.CharField(max_length=200, blank=True, editable=False)
    release = models.CharField(max_length=100, blank=True, editable=False)
    scheduled = models.BooleanField(default=False, editable=False)

    claim = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    wake_row = models.BigIntegerField(null=True, editable=False)
    woken_at = models.DateTimeField(default=now, editable=False)

    error = models.TextField(blank=True, editable=False)
    log = models.TextField(blank=True, editable=False)
    result = models.JSONField(null=True, editable=False)

    created_at = models.DateTimeField(default=now, editable=False)
    due_at = models.DateTimeField(default=now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = JobManager()

    class Meta:
        ordering = ["-id"]
        permissions = [("retry_job", "May run failed jobs again")]
        indexes = [
            models.Index(fields=["due_at"], name="job_queued", condition=models.Q(state="queued")),
            models.Index(
                fields=["lease_until"], name="job_running", condition=models.Q(state="running")
            ),
            models.Index(
                fields=["-finished_at"], name="job_failed", condition=models.Q(state="failed")
            ),
            models.Index(fields=["release", "-id"], name="job_release"),
            models.Index(fields=["about_kind", "about_key"], name="job_about"),
            models.Index(fields=["created_at"], name="job_created"),
        ]
        constraints = [
            models.CheckConstraint(
                name="running_job_has_a_claim",
                condition=~models.Q(state="running")
                | (~models.Q(claim="") & models.Q(lease_until__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"

    @property
    def spec(self) -> JobSpec:
        return spec_of(self.name)

    @property
    def is_settled(self) -> bool:
        """Done or failed: nothing more will happen by itself."""
        return self.state in (self.State.DONE, self.State.FAILED)

    # --- verbs ---

    def wake(self) -> None:
        """Give a wake-up call for `due_at`. An earlier one that nobody has answered is dropped."""
        wakeup.drop(self.wake_row)
        self.wake_row, self.woken_at = wakeup.wake(self), now()
        type(self).objects.filter(pk=self.pk).update(
            wake_row=self.wake_row, woken_at=self.woken_at, due_at=self.due_at
        )

    def retry(self, *, by: "Person", reason: str = "") -> None:
        """Queue a failed job again, with all its attempts before it. A verb for operators."""
        with self._deciding("retry", by):
            require_operator(by, "ledger.retry_job", "run a failed job again")
            facts = {"reason": given_reason(reason)} if reason else {}
            again = {"state": self.State.QUEUED, "attempts": 0, "due_at": now()}
            failed = type(self).objects.filter(pk=self.pk, state=self.State.FAILED)
            if not failed.update(**again, finished_at=None):
                raise Stale(f"{self} has not failed, so there is nothing to run again.")
            self.refresh_from_db()
            self.say(f"Queued again by {by.get_username()}.")
            self.wake()
            self.record(Tag.JOB_RETRIED, by=by, **facts)

    def give_up(self, *, by: "Person", reason: str) -> None:
        """Fail a job that waits or runs, for good. A worker that has it can write nothing more.

        It can be run again like every failed job. A verb for operators.
        """
        with self._deciding("give_up", by):
            require_operator(by, "ledger.give_up_job", "give up a job")
            reason = given_reason(reason)
            pending = type(self).objects.filter(pk=self.pk).unsettled().select_for_update().first()
            if pending is None:
                raise Stale(f"{self} is over already, so there is nothing to give up.")
            said = f"Given up by {by.get_username()}: {reason}"
            self.error = f"{pending.error}\n{said}".strip()
            type(self).objects.filter(pk=self.pk).update(
                state=self.State.FAILED,
                claim="",
                lease_until=None,
                finished_at=now(),
                wake_row=None,
                error=self.error,
            )
            wakeup.drop(pending.wake_row)
            self.refresh_from_db()
            self.say(said)
            self.record(Tag.JOB_GIVEN_UP, by=by, reason=reason, was=str(pending.state))

    @contextmanager
    def _deciding(self, verb: str, by: "Person") -> Iterator[None]:
        """One transaction for a decision; what it refuses is on record after its end."""
        try:
            with transaction.atomic():
                yield
        except (Refused, PermissionDenied) as error:
            events = apps.get_model("ledger", "Event").objects  # which imports this module
            events.record_refusal(verb, by=by, subject=self, error=error)
            raise

    def say(self, line: str) -> None:
        """Add a line, with the time, to the job's log. The caller holds the job."""
        self.log = add_line(self.log, line)
        type(self).objects.filter(pk=self.pk).update(log=self.log)

    def record(self, tag: str, *, by: "Person | None" = None, **facts: Any) -> None:
        """Write an event about this job, in the places where the event it follows from belongs."""
        events = apps.get_model("ledger", "Event").objects  # which imports this module
        cause = events.filter(pk=self.args.get("event")).first()
        places = {
            "project": cause.project or None if cause else None,
            "committee": cause.committee or None if cause else None,
            "release": self.release or None,
        }
        events.record(tag, by=by, subject=self, **places, job=self.name, **facts)


def require_operator(by: "Person", perm: str, what: str) -> None:
    """Refuse everybody but those whose group in the console has this right."""
    if not (by.is_active and by.has_perm(perm)):  # type: ignore[attr-defined]
        raise PermissionDenied(f"Only operators of this site may {what}.")


def add_line(log: str, line: str) -> str:
    """The log with one more line, cut from its beginning to 64 Ki characters."""
    log += f"{now():%Y-%m-%d %H:%M:%S} {clean(line, MAX_LOG // 4)}\n"
    if len(log) <= MAX_LOG:
        return log
    kept = log[len(CUT) - MAX_LOG :]
    return CUT + kept[kept.index("\n") + 1 :]


def _key_of(row: Any) -> str:
    """The key of a row, given as the row or as its key."""
    return str(row.pk if isinstance(row, models.Model) else "" if row is None else row)
