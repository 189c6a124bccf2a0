"""The only place that speaks to django-q2: a row in its table is a wake-up call, nothing more."""

from typing import TYPE_CHECKING

from django.conf import settings
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

if TYPE_CHECKING:
    from trusted_releases.ledger.models import Job

RUN = "trusted_releases.ledger.worker.run"
HEAVY = "heavy"


class _Postbox(ORM):
    """django-q2's database broker, told when the call is due and telling its row's id."""

    row: int = 0

    def put(self, job: "Job") -> int:
        self.due_at = job.due_at
        async_task(RUN, job.pk, broker=self, save=False, ack_failure=True, task_name=job.name[:100])
        return self.row

    def enqueue(self, task: str) -> int:
        call = OrmQ.objects.using(Conf.ORM).create(
            key=self.list_key, payload=task, lock=self.due_at
        )
        self.row = call.pk
        return self.row


def cluster_of(queue: str) -> str:
    """The name of the cluster that serves a queue.

    With settings.SINGLE_QUEUE one serves all but the heavy jobs, which would keep the others
    waiting for as long as they take.
    """
    if queue == "default" or (queue != HEAVY and getattr(settings, "SINGLE_QUEUE", False)):
        return str(Conf.PREFIX)
    return queue


def wake(job: "Job") -> int:
    """Write a wake-up call for the job's due time, in the caller's transaction. Returns its id.

    Clusters see a row once its `lock` is past, and set `lock` into the far future when they take
    it: a row whose lock is the job's due time is one that nobody has taken.
    """
    return _Postbox(cluster_of(job.queue)).put(job)


def drop(row: int | None) -> None:
    """Forget a wake-up call that is not needed any more. Unknown ids do nothing."""
    if row:
        OrmQ.objects.using(Conf.ORM).filter(pk=row).delete()
