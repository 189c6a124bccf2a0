"""How many bytes a project holds in releases that are not out, and how many it may."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils.timezone import now

from projects.models import Project
from releases.models.arrival import Arrival, ArrivedFile
from releases.models.blob import Blob
from releases.models.revision import Entry, Revision
from releases.phases import Phase
from trusted_releases.lib.errors import Obstacle
from trusted_releases.lib.sizes import size_in_words


class Usage(models.Model):
    """What a project held when somebody last sent files to it. The row is the lock of that count:
    of two uploads at once the second counts what the first has brought.

    It is the last thing that a transaction locks; the project's own row is held by others before
    they hold releases.
    """

    project = models.OneToOneField(Project, models.CASCADE, related_name="usage")
    size = models.PositiveBigIntegerField(default=0, editable=False)
    counted_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return f"{self.project}: {size_in_words(self.size)}"


class Part(Protocol):
    """What this asks of a release."""

    project: Project
    embargoed: bool
    pk: Any

    @property
    def newest(self) -> Revision | None: ...


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that a project holds, and may hold."""

    used: int
    allowed: int

    @property
    def left(self) -> int:
        return max(0, self.allowed - self.used)

    def obstacles(self, coming: int) -> Iterator[Obstacle]:
        """What keeps so many new bytes out."""
        if coming and self.used + coming > self.allowed:
            yield Obstacle(
                "quota",
                "The drafts and candidates of this project, with all their revisions, may hold "
                f"{size_in_words(self.allowed)} together. They hold {size_in_words(self.used)}, "
                f"and this is {size_in_words(coming)} more. Delete drafts that are no longer "
                "needed, or ask the operators of this site for more room.",
            )


def room_of(release: Part) -> Room:
    """How much room there is for this release's project."""
    used = _held(release).aggregate(size=Sum("size", default=0))["size"]
    return Room(used, allowed_to(release.project))


def obstacles_before(release: Part, size: int) -> Iterator[Obstacle]:
    """What keeps an upload of so many bytes out before anybody knows which bytes they are. Files
    that the release has are often sent again, and count for nothing; the end judges exactly."""
    return expected_room(release).obstacles(size)


def expected_room(release: Part) -> Room:
    """The room for bytes of which nobody knows yet whether they are here."""
    room, newest = room_of(release), release.newest if release.pk else None
    return Room(room.used - (newest.total_size if newest else 0), room.allowed)


def allowed_to(project: Project) -> int:
    return int(project.upload_quota or settings.PROJECT_QUOTA)


def new_bytes(release: Part, blobs: Collection[Blob]) -> int:
    """How many bytes of these files do not count yet. Ask before they are part of anything."""
    sizes = {blob.pk: blob.size for blob in blobs}
    for pk in _held(release).filter(pk__in=list(sizes)).values_list("pk", flat=True):
        sizes.pop(pk, None)
    return sum(sizes.values())


def quota_obstacles(release: Part, coming: int) -> Iterator[Obstacle]:
    """What keeps out so many new bytes that were written just now. Call it last in the transaction
    that writes them: from here to its end nobody else brings more into the project, and only so
    long do others wait."""
    if not coming:
        return
    usage, _ = Usage.objects.select_for_update().get_or_create(project=release.project)
    used = _held(release).aggregate(size=Sum("size", default=0))["size"]
    allowed = allowed_to(Project.objects.only("upload_quota").get(pk=release.project.pk))
    found = list(Room(used - coming, allowed).obstacles(coming))
    yield from found
    if not found and not release.embargoed:
        Usage.objects.filter(pk=usage.pk).update(size=used, counted_at=now())


def known_here(release: Part, digests: Collection[str]) -> set[str]:
    """Those of these SHA-256 whose bytes count already."""
    return set(_held(release).filter(sha256__in=digests).values_list("sha256", flat=True))


def _held(release: Part) -> models.QuerySet[Blob]:
    """The bytes that count, each once: in any revision of a release that is not out, or waiting to
    be part of one.

    What is under embargo counts for itself alone: nobody else may learn from a number that it is
    there.
    """
    counted = Q(release__project=release.project) & ~Q(release__phase=Phase.RELEASED)
    arriving = Q(
        arrival__release__project=release.project,
        arrival__state=Arrival.State.WAITING,
        blob__isnull=False,
    )
    if not release.embargoed:
        counted &= Q(release__embargoed=False)
        arriving &= Q(arrival__release__embargoed=False)
    entries = Entry.objects.filter(counted).values("blob")
    waiting = ArrivedFile.objects.filter(arriving).values("blob")
    return Blob.objects.filter(Q(pk__in=entries) | Q(pk__in=waiting))
