"""What the apps use to say that something must be done: `@job`, `enqueue`, `schedule`."""

from datetime import datetime
from typing import Any

from django.db import models

from trusted_releases.ledger.claim import LostLease, RunningJob
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.registry import GiveUp, Later, UnknownJob, job, schedule

__all__ = ["GiveUp", "Later", "LostLease", "RunningJob", "UnknownJob", "enqueue", "job", "schedule"]


def enqueue(
    name: str,
    *,
    queue: str | None = None,
    key: str | None = None,
    due_at: datetime | None = None,
    release: Any = "",
    subject: models.Model | None = None,
    **args: str | int | bool | None,
) -> Job:
    """Have the job `name` done by a worker, once the caller's transaction is committed.

    A rollback takes the job along. `key` is unique for ever: the second call with one key returns
    the first call's job, whatever became of it. `args` are primary keys and plain values. `release`
    and `subject` say on whose pages the job is shown. Raises UnknownJob for a name that no
    `@job` has registered.
    """
    for arg, value in args.items():
        if not (value is None or isinstance(value, str | int | bool)):
            raise TypeError(
                f"{name}: {arg} is a {type(value).__name__}. A job takes keys and plain values."
            )
    return Job.objects.enqueue(
        name, queue=queue, key=key, due_at=due_at, release=release, subject=subject, args=args
    )
