"""What the checks found: runs over revisions, results that are used again, findings."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Case, Count, IntegerField, Value, When
from django.utils.timezone import now

from checks.engine.model import Finding as Found
from checks.engine.model import Level
from checks.engine.run import UnitResult
from releases.models import Release, Revision
from releases.models.part import PartOfRelease
from trusted_releases.ledger.facts import clean

LEVELS = [(str(level), str(level).title()) for level in Level]
WORST_FIRST = Case(
    *(When(level=str(level), then=Value(-level.rank)) for level in Level),
    output_field=IntegerField(),
)


class ResultQuerySet(models.QuerySet):
    def good(self) -> Self:
        """Results that say something about the files. One that failed is tried again."""
        return self.filter(error="")


class ResultManager(models.Manager.from_queryset(ResultQuerySet)):  # type: ignore[misc]
    def keep(self, result: UnitResult) -> "Result":
        """Store a result with its findings, in one transaction; twice is as good as once.

        A result that failed gives way to a later one; a good one never changes.
        """
        given = {
            "path": result.path,
            "rules": list(result.rules),
            "error": clean(result.error),  # may quote a hostile file
            "took_ms": result.took_ms,
        }
        with transaction.atomic():
            # Of two workers that come with one key at once, the second waits here for the first.
            row, new = self.select_for_update().get_or_create(key=result.key, defaults=given)
            if not new:
                if not row.error:
                    return row
                for name, value in given.items():
                    setattr(row, name, value)
                row.save()
            row.findings.all().delete()
            Finding.objects.bulk_create(
                [Finding.of(row, place, each) for place, each in enumerate(result.findings)],
                batch_size=500,
            )
            return row


class Result(models.Model):
    """What rules said of one file, or of the release as a whole, under one key.

    The key covers everything the rules read (bytes, path, policy, certificates, versions of the
    rules), so a result holds wherever the key is the same: an unchanged file is never examined
    twice.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)
    path = models.CharField(max_length=1024, blank=True, editable=False)
    rules = models.JSONField(default=list, editable=False)
    error = models.TextField(blank=True, editable=False)
    took_ms = models.FloatField(default=0, editable=False)
    made_at = models.DateTimeField(default=now, editable=False)

    objects = ResultManager()

    def __str__(self) -> str:
        return f"{', '.join(self.rules)} on {self.path or 'the release'}"

    def as_unit_result(self) -> UnitResult:
        """The result as the engine gave it."""
        found = tuple(each.as_found() for each in self.findings.all())
        return UnitResult(self.key, self.path, tuple(self.rules), found, self.error, self.took_ms)


class FindingQuerySet(models.QuerySet):
    def worst_first(self) -> Self:
        return self.order_by(WORST_FIRST, "path", "rule", "place")

    def at_level(self, *levels: str) -> Self:
        return self.filter(level__in=levels)

    def counts(self) -> dict[str, int]:
        """How many of each level, all levels named."""
        rows = self.order_by().values_list("level").annotate(Count("pk"))
        return {str(level): 0 for level in Level} | dict(rows)


class Finding(models.Model):
    """One sentence of one rule, as `checks.engine.model.Finding` has it."""

    result = models.ForeignKey(Result, models.CASCADE, related_name="findings")
    place = models.PositiveIntegerField(editable=False)
    rule = models.CharField(max_length=60, editable=False)
    version = models.PositiveIntegerField(editable=False)
    level = models.CharField(max_length=12, choices=LEVELS, editable=False)
    path = models.CharField(max_length=1024, blank=True, editable=False)
    member = models.TextField(blank=True, editable=False)
    message = models.TextField(editable=False)
    see = models.TextField(blank=True, editable=False)
    data = models.JSONField(default=dict, editable=False)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["place"]
        indexes = [models.Index(fields=["level", "rule"])]

    def __str__(self) -> str:
        return f"{self.level}: {self.message}"

    @classmethod
    def of(cls, result: Result, place: int, found: Found) -> "Finding":
        return cls(result=result, place=place, **found.as_json())

    def as_found(self) -> Found:
        names = ("rule", "version", "path", "message", "member", "see", "data")
        return Found(level=Level(self.level), **{name: getattr(self, name) for name in names})


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

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE:
            return 100
        return min(99, 100 * self.bytes_done // self.bytes_total) if self.bytes_total else 0

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

    def record_progress(self, **counts: Any) -> None:
        """How far it is, for the page."""
        Run.objects.filter(pk=self.pk).update(**counts)

    def finish(self) -> None:
        self.state, self.finished_at = self.State.DONE, now()
        self.bytes_done, self.units_done = self.bytes_total, self.units_total
        self.save()
