"""What was looked through for damage, when, and what was found."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.utils.timezone import now

from trusted_releases.ledger.facts import clean

KEPT = 100  # findings of one inspection that are kept; of a broken disk there are thousands
# When the next one should have come: the download area is read once a week, all else once a day.
LATE_AFTER = {"published": timedelta(days=15)}
LATE_OTHERWISE = timedelta(days=2)


class Problems:
    """What an inspection finds: counted to the end, and the first hundred kept in words."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[str] = []

    def add(self, text: str) -> None:
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(clean(text, 500))


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def latest_of(self, kind: str) -> "Inspection | None":
        """The last one of this kind that came to its end."""
        return self.filter(kind=kind).order_by("-finished_at").first()

    def with_problems(self) -> Self:
        return self.filter(problems__gt=0)

    def keep(
        self,
        kind: str,
        *,
        began: datetime,
        looked_at: int,
        size: int = 0,
        problems: "Problems | None" = None,
        **figures: int,
    ) -> "Inspection":
        """Write down one inspection: how much it looked at, and what is wrong."""
        problems = problems or Problems()
        return self.create(
            kind=kind,
            began_at=began,
            finished_at=now(),
            looked_at=looked_at,
            size=size,
            problems=problems.count,
            found=problems.kept,
            figures=figures,
        )


class Inspection(models.Model):
    """One walk through what is kept, by the clock or by a command, and what came of it."""

    class Kind(models.TextChoices):
        EVENTS = "events", "The event log, to its last signed head"
        BLOBS = "blobs", "Stored files, against their digests"
        PUBLISHED = "published", "The download area, against what was voted"
        STORAGE = "storage", "How much is stored"

    kind = models.CharField(max_length=20, choices=Kind, editable=False)
    began_at = models.DateTimeField(editable=False)
    finished_at = models.DateTimeField(editable=False)
    looked_at = models.PositiveBigIntegerField(default=0, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False, help_text="In bytes.")
    problems = models.PositiveIntegerField(default=0, editable=False)
    found = models.JSONField(default=list, editable=False)
    figures = models.JSONField(default=dict, editable=False)

    objects: Any = InspectionQuerySet.as_manager()

    class Meta:
        ordering = ["-finished_at"]
        indexes = [models.Index(fields=["kind", "-finished_at"], name="inspection_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.finished_at:%Y-%m-%d %H:%M} UTC"

    def is_late(self, at: datetime | None = None) -> bool:
        """Whether the next one should have come already."""
        return self.finished_at < (at or now()) - LATE_AFTER.get(self.kind, LATE_OTHERWISE)
