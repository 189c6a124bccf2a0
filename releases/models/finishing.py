"""Verbs about publication and announcement."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases.mail_text import check_mail
from releases.models.part import PartOfRelease
from releases.models.resolving import Resolving
from releases.phases import Phase
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle


class Finishing(Resolving):
    """The part of `Release` that brings the voted files to the public."""

    if TYPE_CHECKING:
        publication: "Publication"

        def _end_of_embargo(self) -> dict[str, Any]: ...

        def _open_up(self, by: User, reason: str) -> None: ...

    class Meta:
        abstract = True

    def publish_obstacles(self, manifest: str | None = None) -> Iterator[Obstacle]:
        """What stands between a passed vote and the download area."""
        yield from self.project.held_obstacles()
        if self.phase != Phase.FINISH:
            yield Obstacle(
                "not_passed",
                f"{self} is in phase “{self.get_phase_display()}”: only what has passed a vote "
                "and is not announced yet is published.",
            )
            return
        known = Publication.objects.filter(release_id=self.pk).first()
        if known is not None and known.is_in_hand():
            yield Obstacle("published", f"{self} is {known.get_state_display().lower()} already.")
        if manifest is not None and manifest != self.voted.manifest_digest:
            yield Obstacle("other_files", "The voted files are not the ones you looked at.")

    @verb
    def publish(self, *, by: Person, manifest: str | None = None) -> "Publication":
        """Bring the voted files into the download area. A worker does it; the page shows how far.

        A publication that failed is begun again; what it has already placed is verified, not
        trusted.
        """
        by = authorise(by, "releases.publish", self)
        with self.held():
            require(self.publish_obstacles(manifest))
            return self._publish(by)

    def _publish(self, by: User, **facts: str) -> "Publication":
        """Have it done by a worker. Call it inside held(), when nothing stands in the way."""
        publication, _ = Publication.objects.update_or_create(
            release_id=self.pk,
            defaults={
                "manifest_digest": self.voted.manifest_digest,
                "state": Publication.State.RUNNING,
                "requested_by": by,
                "requested_at": now(),
                "bytes_done": 0,
                "files_done": 0,
                "error": "",
            },
        )
        Event.objects.record(
            Tag.PUBLICATION_STARTED,
            by=by,
            subject=publication,
            project=self.project,
            release=self,
            manifest=publication.manifest_digest,
            **facts,
        )
        return publication

    def announce_obstacles(self) -> Iterator[Obstacle]:
        """What stands between this release and its announcement."""
        yield from self.project.held_obstacles()
        if self.phase == Phase.RELEASED:
            yield Obstacle("announced", f"{self} has been announced already.")
            return
        if self.phase != Phase.FINISH:
            yield Obstacle("not_passed", f"{self} has not passed a vote.")
            return
        known = Publication.objects.filter(release_id=self.pk).first()
        if known is not None and known.state == Publication.State.RUNNING:
            yield Obstacle(
                "being_published", f"{self} is being published: announce it when that is done."
            )
        elif known is None or known.state != Publication.State.DONE:
            yield Obstacle(
                "not_published", f"{self} is not published yet: people could not download it."
            )

    @verb
    def announce(self, *, by: Person, subject: str, body: str) -> None:
        """Tell the world, once. From here on the release never changes."""
        by = authorise(by, "releases.announce", self)
        check_mail(subject, body)
        with self.held():
            require(self.announce_obstacles())
            publication = self.publication
            self._move(
                Phase.RELEASED,
                by=by,
                tag=Tag.RELEASE_ANNOUNCED,
                facts={
                    "manifest": publication.manifest_digest,
                    "mail_subject": subject,
                    "mail_body": body,
                },
                released_at=now(),
                **(ends := self._end_of_embargo()),
            )
            if ends:
                self._open_up(by, "It is announced.")


class Publication(PartOfRelease):
    """The voted manifest on its way into the download area, and then there.

    A worker materialises it (`releases.publishing`); however often that is begun, and wherever it
    dies, the end is the same bytes in one place.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Being published"
        DONE = "done", "Published"
        FAILED = "failed", "Not published"

    release = models.OneToOneField("Release", models.PROTECT, related_name="publication")
    manifest_digest = models.CharField(max_length=71, editable=False)
    state = models.CharField(max_length=10, choices=State, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    requested_at = models.DateTimeField(editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    location = models.CharField(max_length=300, blank=True, editable=False)
    bytes_done = models.PositiveBigIntegerField(default=0, editable=False)
    files_done = models.PositiveIntegerField(default=0, editable=False)
    error = models.TextField(blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(published_at__isnull=False) & ~Q(location="")),
                name="releases_published_has_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.release}: {self.get_state_display().lower()}"

    def is_in_hand(self) -> bool:
        """Whether it is done, or a worker does it. Workers that died for good leave it begun."""
        if self.state == self.State.RUNNING:
            return Job.objects.about(self).unsettled().exists()
        return self.state == self.State.DONE

    def record_progress(self, bytes_done: int, files_done: int = 0) -> None:
        """How far the worker is, for the page. Decides nothing, locks nothing."""
        mine = Publication.objects.filter(pk=self.pk)
        mine.update(bytes_done=bytes_done, files_done=files_done)

    def record_published(self, location: str) -> None:
        """The files are in place and have been read back. Saying it twice changes nothing."""
        with self.release.held():
            self.refresh_from_db()
            if self.state == self.State.DONE:
                return
            self.state, self.location, self.published_at = self.State.DONE, location, now()
            self.error = ""
            self.save(update_fields=["state", "location", "published_at", "error"])
            Event.objects.record(
                Tag.RELEASE_PUBLISHED,
                by=None,
                subject=self,
                project=self.project,
                release=self.release,
                manifest=self.manifest_digest,
                location=location,
            )

    def record_failed(self, error: str) -> None:
        """Publication cannot go on without a person. What is published stays published."""
        with self.release.held():
            self.refresh_from_db()
            if self.state != self.State.RUNNING:
                return
            self.state, self.error = self.State.FAILED, error
            self.save(update_fields=["state", "error"])
            Event.objects.record(
                Tag.PUBLICATION_FAILED,
                by=None,
                subject=self,
                project=self.project,
                release=self.release,
                error=error,
            )
