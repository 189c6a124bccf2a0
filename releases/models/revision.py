"""Revisions: numbered, immutable states of a release's files."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Func, Value
from django.db.models.functions import Replace
from django.urls import reverse
from django.utils.timezone import now

from releases import manifest
from releases.models.blob import Blob
from releases.models.part import PartOfRelease
from releases.phases import Verdict
from releases.querysets import EntryQuerySet
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag


class Revision(PartOfRelease):
    """One sealed set of files. Any change of files is a new revision.

    The files themselves are `Entry` rows of the release; `manifest_digest` pins them, and
    everything that judges or publishes files names that digest.
    """

    release = models.ForeignKey("Release", models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(editable=False)
    manifest_digest = models.CharField(max_length=71, editable=False, db_index=True)
    file_count = models.PositiveIntegerField(editable=False)
    total_size = models.PositiveBigIntegerField(editable=False)
    description = models.CharField(max_length=200, editable=False)
    tag = models.CharField(max_length=256, blank=True, editable=False)  # given once, by a person
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(default=now, editable=False)
    verdict = models.CharField(
        max_length=10, choices=Verdict, default=Verdict.PENDING, editable=False
    )
    counts = models.JSONField(default=dict, editable=False)
    concerns = models.JSONField(default=list, editable=False)
    basis = models.CharField(max_length=64, blank=True, editable=False)
    # When the verdict must be made anew although nothing was changed: a key or an ignore ends then.
    holds_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="releases_revision_once"),
            models.UniqueConstraint(
                fields=["release", "tag"],
                condition=~models.Q(tag=""),
                name="releases_revision_tag_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} revision {self.number}"

    def get_absolute_url(self) -> str:
        return reverse(
            "releases:revision",
            args=[self.release.project.slug, self.release.version, self.number],
        )

    @property
    def entries(self) -> EntryQuerySet:
        """The files of this revision, in order of path."""
        return Entry.objects.filter(release=self.release_id).at(self.number).with_blobs()

    def lines(self) -> list[manifest.Line]:
        columns = ("path", "blob__sha256", "blob__sha512", "blob__size")
        return [manifest.Line(*row) for row in self.entries.values_list(*columns)]

    def manifest(self) -> bytes:
        """The manifest document whose digest this revision carries."""
        return manifest.document(self.lines())

    @property
    def is_outdated(self) -> bool:
        """Whether the day has come until which the verdict was good."""
        judged = self.verdict != Verdict.PENDING
        return judged and self.holds_until is not None and self.holds_until <= now()

    def verdict_under_another(self, basis: str) -> bool:
        """Whether there is a verdict, and it was made by other rules, keys or policy."""
        return self.verdict != Verdict.PENDING and self.basis != basis

    def record_verdict(
        self,
        verdict: Verdict,
        *,
        counts: dict[str, int],
        concerns: Iterable[str],
        basis: str = "",
        holds_until: datetime | None = None,
    ) -> None:
        """Keep what the checks found. A worker calls this: nobody decides it.

        `counts` are findings by level; `concerns` the rules that have something to acknowledge;
        `basis` what keys and policy they were made under (`release.check_basis()`); `holds_until`
        when it must be made again although nothing changes. Recording the same again changes
        nothing and leaves no second event.
        """
        told = {
            "verdict": verdict,
            "counts": counts,
            "concerns": sorted(concerns),
            "basis": basis,
            "holds_until": holds_until,
        }
        with self.release.held():
            self.refresh_from_db(fields=[*told])
            if all(getattr(self, name) == value for name, value in told.items()):
                return
            for name, value in told.items():
                setattr(self, name, value)
            self.save(update_fields=[*told])
            Event.objects.record(
                Tag.CHECKS_FINISHED,
                by=None,
                subject=self,
                project=self.project,
                release=self.release,
                revision=self.number,
                verdict=str(verdict),
                counts=counts,
            )


class Entry(models.Model):
    """One path with one content, for a run of revisions.

    A revision stores what changed against the one before: a new file is a row, a file that goes
    gets its `until`. 5,000 files over 100 revisions that each change a few are 5,000 rows and a
    few more, not half a million.
    """

    release = models.ForeignKey("Release", models.CASCADE, related_name="entries")
    path = models.CharField(max_length=1024, editable=False)
    blob = models.ForeignKey(Blob, models.PROTECT, editable=False, related_name="entries")
    since = models.PositiveIntegerField(editable=False)
    until = models.PositiveIntegerField(null=True, editable=False)
    # The path without its folders. People look for files by it, among a million of them.
    name = models.GeneratedField(
        expression=Replace(
            "path",
            # The stubs know text to replace as a value only; any expression will do.
            Func("path", Replace("path", Value("/"), Value("")), function="RTRIM"),  # type: ignore[arg-type]
        ),
        output_field=models.CharField(max_length=1024),
        db_persist=True,
        db_index=True,
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["release", "since", "until"])]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "path"],
                condition=models.Q(until__isnull=True),
                name="releases_entry_current_once",
            ),
            models.UniqueConstraint(
                fields=["release", "path", "since"], name="releases_entry_since_once"
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="releases_entry_lasts",
            ),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def line(self) -> manifest.Line:
        return manifest.Line(self.path, self.blob.sha256, self.blob.sha512, self.blob.size)
