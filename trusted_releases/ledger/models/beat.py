"""Which workers live."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils.timezone import now

SILENT_AFTER = timedelta(seconds=30)


class WorkerBeatQuerySet(models.QuerySet["WorkerBeat"]):
    def alive(self, at: datetime | None = None) -> Self:
        """Supervisors that were heard of within the last half minute."""
        return self.filter(at__gt=(at or now()) - SILENT_AFTER)

    def serving(self, queue: str, at: datetime | None = None) -> bool:
        """Whether a living worker takes jobs of this queue."""
        return any(queue in beat.queues for beat in self.alive(at))


class WorkerBeat(models.Model):
    """One row for each running `manage.py worker`, renewed every few seconds while it lives."""

    host = models.CharField(max_length=255, editable=False)
    pid = models.PositiveIntegerField(editable=False)
    queues = models.JSONField(default=list, editable=False)
    started_at = models.DateTimeField(default=now, editable=False)
    at = models.DateTimeField("last heard of", default=now, db_index=True, editable=False)
    restarts = models.PositiveIntegerField(
        default=0, editable=False, help_text="Clusters that died or hung and were started again."
    )

    objects = WorkerBeatQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["host", "pid"], name="one_beat_a_process")]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    def is_alive(self, at: datetime | None = None) -> bool:
        """Whether it was heard of within the last half minute."""
        return self.at > (at or now()) - SILENT_AFTER
