"""Scans of bills of materials for known vulnerabilities: asked for by people, done by a worker."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Optional, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.timezone import now

from checks.engine.names import is_sbom
from checks.sbom.osv import Found
from checks.sbom.osv_read import Vulnerability
from checks.sbom.severity import SEVERITIES
from projects.lifecycle import authorise, require, verb
from projects.roles import Person
from releases.models import Blob, Release
from releases.models.awaited import Awaited
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

MAY = "checks.scan_sboms"
MAX_AFFECTED = 100  # components that are named for one vulnerability
WORST_FIRST = Case(
    *(When(severity=word, then=Value(place)) for place, word in enumerate(SEVERITIES)),
    default=Value(len(SEVERITIES)),
    output_field=models.PositiveSmallIntegerField(),
)


class ScanManager(models.Manager["Scan"]):
    def newest_of(self, blob: Blob | None) -> Optional["Scan"]:
        """The last scan of these bytes, whatever became of it, for whichever release."""
        return self.filter(blob=blob).select_related("asked_by").order_by("-pk").first()

    def last_done(self, blob: Blob | None) -> Optional["Scan"]:
        """The last scan of these bytes that came to a result."""
        done = self.filter(blob=blob, state=Scan.State.DONE).select_related("asked_by")
        return done.order_by("-pk").first()


class Scan(Awaited):
    """One scan of one bill of materials, by its bytes. The file itself is never changed.

    waiting -> done, or waiting -> failed. Each scan is a row of its own: what was known of a file
    at the time of a vote stays known.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    SETTLED_AT = "fetched_at"
    FAILED_TAG = Tag.SCAN_FAILED

    release = models.ForeignKey(Release, models.CASCADE, related_name="scans")
    path = models.CharField(max_length=1024, editable=False)
    blob = models.ForeignKey(Blob, models.PROTECT, editable=False, related_name="scans")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    service = models.CharField(max_length=200, blank=True, editable=False)
    components = models.PositiveIntegerField(default=0, editable=False)
    looked_at = models.PositiveIntegerField(default=0, editable=False)
    to_look_at = models.PositiveIntegerField(default=0, editable=False)
    ignored = models.JSONField(default=list, editable=False)
    ignored_count = models.PositiveIntegerField(default=0, editable=False)
    left_out = models.PositiveIntegerField(default=0, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    asked_at = models.DateTimeField(default=now, editable=False)
    fetched_at = models.DateTimeField(null=True, editable=False)

    objects = ScanManager()

    if TYPE_CHECKING:
        vulnerabilities: RelatedManager["KnownVulnerability"]

    class Meta:
        permissions = [("scan_sboms", "Can have bills of materials scanned")]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "blob"],
                condition=Q(state="waiting"),
                name="checks_scan_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"Scan of {self.path} of {self.release}"

    @property
    def worst_first(self) -> models.QuerySet["KnownVulnerability"]:
        """What was found, the worst first; of the same severity, the higher score first."""
        return self.vulnerabilities.order_by(
            WORST_FIRST, models.F("score").desc(nulls_last=True), "ident"
        )

    @property
    def first_ten(self) -> models.QuerySet["KnownVulnerability"]:
        """The worst of them, for pages that lead to all."""
        return self.worst_first[:10]

    @property
    def count(self) -> int:
        return sum(self.counts().values())

    def counts(self) -> dict[str, int]:
        """How many of each severity, the worst first; only those that there are."""
        rows = self.vulnerabilities.order_by().values_list("severity")
        found = dict(rows.annotate(models.Count("pk")))
        return {word: found[word] for word in SEVERITIES if word in found}

    def obstacles(self) -> Iterator[Obstacle]:
        """What stands in the way of this scan."""
        if not settings.OSV_URL:
            yield Obstacle(
                "no_service",
                "This site asks no service about vulnerabilities. Operators can set OSV_URL.",
            )
        if not is_sbom(self.path):
            yield Obstacle("no_sbom", f"{self.path} is no bill of materials by its name.")
        known = Scan.objects.filter(release=self.release, blob=self.blob)
        waiting = known.filter(state=self.State.WAITING).first()
        if waiting is not None and waiting.is_in_hand:
            yield Obstacle("scan_pending", f"{self.path} is being scanned already.")

    @verb
    def ask(self, *, by: Person) -> Self:
        """Have it scanned, in any phase, as often as one likes: what is known grows."""
        by = authorise(by, MAY, self.release)
        with self.release.held():
            require(self.obstacles())
            for lost in Scan.objects.filter(
                release=self.release, blob=self.blob, state=self.State.WAITING
            ):
                lost.settle_lost()
            self.asked_by, self.asked_at = by, now()
            self.save()
            self.tell(Tag.SCAN_ASKED, by=by)
        return self

    def record_progress(self, looked_at: int, to_look_at: int) -> None:
        """How far the worker is, for the page."""
        Scan.objects.filter(pk=self.pk).update(looked_at=looked_at, to_look_at=to_look_at)

    def record_done(self, found: Found, **told: Any) -> bool:
        """Keep what was found, in one transaction. False when it was settled before."""
        with self.settling() as waits:
            if not waits:
                return False
            KnownVulnerability.objects.bulk_create(
                [
                    KnownVulnerability.of(self, each, found.components.get(each.id, ()))
                    for each in found.vulnerabilities
                ],
                batch_size=500,
            )
            self.settle(self.State.DONE, left_out=found.left_out, **told)
            count = len(found.vulnerabilities)
            self.tell(Tag.SCAN_DONE, found=count, service=self.service)
        return True

    def tell(self, tag: Tag, *, by: Person | None = None, **facts: Any) -> None:
        """Write an event about it, which names the bytes."""
        Event.objects.record(
            tag,
            by=by,
            subject=self,
            project=self.project,
            release=self.release,
            path=self.path,
            sbom=f"sha256:{self.blob.sha256}",
            **facts,
        )


class KnownVulnerability(models.Model):
    """One vulnerability that a scan found, as the service described it then. Plain text, all of it:
    pages escape it, and only addresses of the web become links."""

    scan = models.ForeignKey(Scan, models.CASCADE, related_name="vulnerabilities")
    ident = models.CharField(max_length=100, editable=False)
    aliases = models.JSONField(default=list, editable=False)
    severity = models.CharField(max_length=10, default="unknown", editable=False)
    score = models.FloatField(null=True, editable=False)
    vector = models.CharField(max_length=500, blank=True, editable=False)
    summary = models.TextField(blank=True, editable=False)
    url = models.CharField(max_length=500, blank=True, editable=False)
    affected = models.JSONField(default=list, editable=False)
    affected_count = models.PositiveIntegerField(default=0, editable=False)
    published = models.DateTimeField(null=True, editable=False)
    modified = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "known vulnerabilities"
        constraints = [
            models.UniqueConstraint(
                fields=["scan", "ident"], name="checks_known_vulnerability_once"
            )
        ]

    def __str__(self) -> str:
        return self.ident

    @classmethod
    def of(
        cls, scan: Scan, found: Vulnerability, affected: tuple[str, ...]
    ) -> "KnownVulnerability":
        return cls(
            scan=scan,
            ident=found.id,
            aliases=list(found.aliases),
            severity=found.severity,
            score=found.score,
            vector=clean(found.vector),
            summary=clean(found.summary),
            url=found.url,
            affected=[clean(each) for each in affected[:MAX_AFFECTED]],
            affected_count=len(affected),
            published=found.published,
            modified=found.modified,
        )
