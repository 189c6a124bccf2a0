"""Revisions: numbered, immutable states of a release's files."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
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

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="releases_revision_once")
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
        return [entry.line for entry in self.entries]

    def manifest(self) -> bytes:
        """The manifest document whose digest this revision carries."""
        return manifest.document(self.lines())

    def record_verdict(
        self,
        verdict: Verdict,
        *,
        counts: dict[str, int],
        concerns: Iterable[str],
        basis: str = "",
    ) -> None:
        """Keep what the checks found. A worker calls this: nobody decides it.

        `counts` are findings by level; `concerns` the rules that have something to acknowledge;
        `basis` what keys and policy they were made under (`release.check_basis()`). Recording the
        same again changes nothing and leaves no second event.
        """
        with self.release.held():
            self.refresh_from_db(fields=["verdict", "counts", "concerns", "basis"])
            known = (self.verdict, self.counts, self.concerns, self.basis)
            self.verdict, self.counts = verdict, counts
            self.concerns, self.basis = sorted(concerns), basis
            if (self.verdict, self.counts, self.concerns, self.basis) == known:
                return
            self.save(update_fields=["verdict", "counts", "concerns", "basis"])
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

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]
