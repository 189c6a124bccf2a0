"""Runs of the checks over revisions: how far they are, and what they came to."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Min, Q
from django.utils.timezone import now

from checks.engine.model import Level
from checks.engine.plan import rules_digest
from checks.models.results import Finding, FindingQuerySet, Result
from releases.models import Release, Revision
from releases.models.part import PartOfRelease
from releases.phases import Verdict

if TYPE_CHECKING:
    from checks.models.ignore import Ignore


class Run(PartOfRelease):
    """The checks of one revision: how far they are, and which results they came to.

    The truth about who works on it is its job; this row says what the page shows.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        SUPERSEDED = "superseded", "Not needed: a newer revision came first"

    revision = models.OneToOneField(Revision, models.CASCADE, related_name="run")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    units_total = models.PositiveIntegerField(default=0, editable=False)
    units_done = models.PositiveIntegerField(default=0, editable=False)
    units_reused = models.PositiveIntegerField(default=0, editable=False)
    bytes_total = models.PositiveBigIntegerField(default=0, editable=False)
    bytes_done = models.PositiveBigIntegerField(default=0, editable=False)
    attempt = models.PositiveIntegerField(default=0, editable=False)
    note = models.TextField(blank=True, editable=False)
    rules = models.CharField(max_length=64, blank=True, editable=False)  # see `rules_digest`
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    results = models.ManyToManyField(Result, related_name="runs", editable=False)

    def __str__(self) -> str:
        return f"Checks of {self.revision}"

    @property
    def release(self) -> Release:  # type: ignore[override]
        return self.revision.release

    @property
    def findings(self) -> FindingQuerySet:
        return Finding.objects.filter(result__runs=self)

    @cached_property
    def ignores(self) -> "list[Ignore]":
        """What of its findings nobody has to read: see `Ignore`."""
        known = apps.get_model("checks", "Ignore").objects
        return known.of_run(self) if self.revision_id else []

    @cached_property
    def hidden(self) -> Q:
        """Picks the findings that are ignored."""
        return apps.get_model("checks", "Ignore").objects.hidden_by(self.ignores)

    def about(self, *paths: str) -> FindingQuerySet:
        """The findings about these files."""
        return self.findings.filter(path__in=paths)

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, 100 * self.bytes_done // self.bytes_total) if self.bytes_total else 0

    @property
    def elapsed(self) -> str:
        """How long it has been running, or took, as people say it: “12 seconds”, “3 minutes”."""
        if self.started_at is None:
            return "0 seconds"
        seconds = int(((self.finished_at or now()) - self.started_at).total_seconds())
        count, unit = (seconds, "second") if seconds < 120 else (seconds // 60, "minute")
        return f"{count} {unit}{'' if count == 1 else 's'}"

    def errors(self) -> models.QuerySet[Result]:
        """Results of rules that failed: our fault, and no verdict on the files."""
        return self.results.exclude(error="")

    def begin(self, units: int, size: int, reused: Iterable[Result], *, attempt: int) -> None:
        """A worker has it: `units` to do in all, `size` bytes to read, and what is known."""
        known = list(reused)
        self.state, self.attempt = self.State.RUNNING, attempt
        self.units_total, self.units_done = units, len(known)
        self.units_reused, self.bytes_total, self.bytes_done = len(known), size, 0
        self.started_at, self.finished_at, self.note = now(), None, ""
        self.save()
        self.results.set(known)

    def go_on(self, units: int, size: int, reused: Iterable[Result]) -> int:
        """The next job has it, after the quick checks: `size` bytes are left. How many were read
        before; what was known before them stays counted as such."""
        known = list(reused)
        self.units_total, self.units_done = units, len(known)
        self.bytes_total = self.bytes_done + size
        self.save()
        self.results.set(known)
        return self.bytes_done

    def record_progress(self, **counts: Any) -> None:
        """How far it is, for the page."""
        Run.objects.filter(pk=self.pk).update(**counts)

    def finish(self) -> None:
        self.state, self.finished_at = self.State.DONE, now()
        self.bytes_done, self.units_done = self.bytes_total, self.units_total
        self.rules = rules_digest()
        self.save()

    def judge(self, basis: str, hidden: Q, until: datetime | None = None) -> None:
        """Record the verdict that follows from what was found, but for what is `hidden`.

        `until` is when what is hidden may be less. Findings are counted by the database: hostile
        files can have more than memory holds.
        """
        errors = self.errors().count()
        open_ = self.findings.exclude(hidden)
        counts = open_.counts() | {"error": errors}
        counts["ignored"] = self.findings.count() - sum(counts[level] for level in Level)
        concerns = open_.at_level(Level.CONCERN).order_by().values_list("rule", flat=True)
        ends = [until, self.results.aggregate(at=Min("holds_until"))["at"]]
        self.revision.record_verdict(
            Verdict.FAILED if errors or counts[Level.BLOCKER] else Verdict.PASSED,
            counts=counts,
            concerns=concerns.distinct(),
            basis=basis,
            holds_until=min((each for each in ends if each), default=None),
        )
