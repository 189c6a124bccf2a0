"""What the checks found: results that are used again, and findings."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.db.models.fields.json import KT
from django.utils.timezone import now

from checks.engine.model import Finding as Found
from checks.engine.model import Level, UnitResult
from checks.marks import LENGTH, marks_of
from trusted_releases.ledger.facts import clean

if TYPE_CHECKING:
    pass

LEVELS = [(str(level), str(level).title()) for level in Level]
WORST_FIRST = Case(
    *(When(level=str(level), then=Value(-level.rank)) for level in Level),
    output_field=IntegerField(),
)


class ResultQuerySet(models.QuerySet):
    def good(self) -> Self:
        """Results that say something about the files. One that failed is tried again."""
        return self.filter(error="")

    def current(self, at: datetime | None = None) -> Self:
        """Results that a run of today may use: none that the clock has overtaken."""
        late = Q(holds_until__lte=at or now())
        return self.filter(retired=False).exclude(late)


class ResultManager(models.Manager.from_queryset(ResultQuerySet)):  # type: ignore[misc]
    def keep(self, result: UnitResult, version: str = "") -> "Result":
        """Store a result with its findings, in one transaction; twice is as good as once.

        A result that failed gives way to a later one. A good one never changes: when the clock has
        overtaken it, it stays with the runs that it was made for, and a new one takes its key.
        `version` is that of the release it was made for, and is left out of what makes a finding
        the same finding.
        """
        given = {
            "path": result.path,
            "rules": list(result.rules),
            "error": clean(result.error),  # may quote a hostile file
            "took_ms": result.took_ms,
            "holds_until": result.holds_until,
        }
        with transaction.atomic():
            # Of two workers that come with one key at once, the second waits here for the first.
            row, new = self.select_for_update().get_or_create(
                key=result.key, retired=False, defaults=given
            )
            if not new and row.is_late:
                self.filter(pk=row.pk).update(retired=True)
                row, new = self.create(key=result.key, **given), True
            if not new:
                if not row.error:
                    return row
                for name, value in given.items():
                    setattr(row, name, value)
                row.save()
            row.findings.all().delete()
            marked = zip(result.findings, marks_of(result.findings, version), strict=True)
            Finding.objects.bulk_create(
                [Finding.of(row, place, *each) for place, each in enumerate(marked)],
                batch_size=500,
            )
            return row


class Result(models.Model):
    """What rules said of one file, or of the release as a whole, under one key.

    The key covers everything the rules read (bytes, path, policy, certificates, versions of the
    rules), so a result holds wherever the key is the same: an unchanged file is never examined
    twice. One thing that some rules read is no part of it, the clock: `holds_until` says when
    the same question may get another answer.
    """

    key = models.CharField(max_length=64, db_index=True, editable=False)
    path = models.CharField(max_length=1024, blank=True, editable=False)
    rules = models.JSONField(default=list, editable=False)
    error = models.TextField(blank=True, editable=False)
    took_ms = models.FloatField(default=0, editable=False)
    made_at = models.DateTimeField(default=now, editable=False)
    holds_until = models.DateTimeField(null=True, editable=False)
    retired = models.BooleanField(default=False, editable=False)

    objects = ResultManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(retired=False), name="checks_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.rules)} on {self.path or 'the release'}"

    @property
    def is_late(self) -> bool:
        """Whether the clock has overtaken it."""
        return self.holds_until is not None and self.holds_until <= now()

    def as_unit_result(self) -> UnitResult:
        """The result as the engine gave it."""
        found = tuple(each.as_found() for each in self.findings.all())
        return UnitResult(self.key, self.path, tuple(self.rules), found, self.error, self.took_ms)


class FindingQuerySet(models.QuerySet):
    def worst_first(self) -> Self:
        return self.order_by(WORST_FIRST, "path", "rule", "place")

    def at_level(self, *levels: str) -> Self:
        return self.filter(level__in=levels)

    def problems(self) -> Self:
        """What somebody may have to do something about: all but the notes."""
        return self.exclude(level=Level.NOTE)

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
    # The same for the same finding in other revisions and versions: see `checks.marks`.
    mark = models.CharField(max_length=LENGTH, blank=True, editable=False)
    # Whose key has signed, where that was found out: a key's page asks for it among a million rows.
    signer = models.GeneratedField(
        expression=KT("data__certificate_fingerprint"),
        output_field=models.TextField(null=True),
        db_persist=True,
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["place"]
        indexes = [
            models.Index(fields=["level", "rule"]),
            models.Index(
                fields=["signer"],
                name="checks_finding_signer",
                condition=models.Q(signer__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.message}"

    @classmethod
    def of(cls, result: Result, place: int, found: Found, mark: str) -> "Finding":
        return cls(result=result, place=place, mark=mark, **found.as_json())

    def as_found(self) -> Found:
        names = ("rule", "version", "path", "message", "member", "see", "data")
        return Found(level=Level(self.level), **{name: getattr(self, name) for name in names})
