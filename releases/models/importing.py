"""Files that a worker fetches from elsewhere, and where what came is from."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.roles import Person
from releases.importing.address import Allowed, check_address, check_revision
from releases.models.arrival import Arrival, Way
from releases.models.arriving import Arriving
from releases.models.awaited import Awaited
from releases.models.blob import Blob
from releases.models.revision import Revision
from releases.models.usage import room_of
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Refused
from trusted_releases.lib.paths import check_path
from trusted_releases.lib.repositories import check_commit, check_tag

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

LEFT_OUT = 20  # files that were left out and are named


class ImportQuerySet(models.QuerySet["Import"]):
    def waiting(self) -> Self:
        return self.filter(state=Import.State.WAITING)

    def of_revisions(self, numbers: Collection[int]) -> Self:
        """Those that these revisions came of."""
        came = Q(revision__in=numbers) | Q(arrival__revision__in=numbers)
        return self.filter(came).select_related("arrival", "asked_by")


class Import(Awaited):
    """One import: from where, which state of it, and what became of it.

    waiting -> done, when what came was given to the release like any upload (with an archive in it,
    it is an arrival first); or waiting -> failed, and nothing of it is in the release.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being fetched"
        DONE = "done", "Fetched"
        FAILED = "failed", "Failed"

    class Stage(models.TextChoices):
        """How far it is on its way into a revision, which ends later where archives came."""

        FETCHING = "fetching", "It is being fetched"
        LOOKING = "looking", "It has come, and its archives are looked into"
        DONE = "done", "It is in a revision"
        FAILED = "failed", "Nothing of it is in the release"

    class Kind(models.TextChoices):
        SVN = "svn", "A Subversion repository"
        WEB = "web", "A web server: a file, or a folder that it lists"

    SETTLED_AT = "settled_at"
    FAILED_TAG = Tag.IMPORT_FAILED

    release = models.ForeignKey("Release", models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=3, choices=Kind, editable=False)
    url = models.CharField(max_length=500, editable=False)
    at = models.CharField(max_length=10, blank=True, editable=False)
    folder = models.CharField(max_length=1024, blank=True, editable=False)
    commit = models.CharField(max_length=64, blank=True, editable=False)
    source_tag = models.CharField(max_length=200, blank=True, editable=False)
    base = models.PositiveIntegerField(editable=False)  # the newest revision when it began
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    found = models.CharField(max_length=500, blank=True, editable=False)
    left_out = models.JSONField(default=list, editable=False)
    left_out_count = models.PositiveIntegerField(default=0, editable=False)
    revision = models.PositiveIntegerField(null=True, editable=False)
    arrival = models.OneToOneField(
        Arrival, models.SET_NULL, null=True, editable=False, related_name="imported"
    )
    files_done = models.PositiveIntegerField(default=0, editable=False)
    files_total = models.PositiveIntegerField(default=0, editable=False)
    bytes_done = models.PositiveBigIntegerField(default=0, editable=False)
    bytes_total = models.PositiveBigIntegerField(default=0, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    asked_at = models.DateTimeField(default=now, editable=False)
    settled_at = models.DateTimeField(null=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release"],
                condition=Q(state="waiting"),
                name="releases_import_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def what(self) -> str:
        """From where, and which state of it, as a sentence names it."""
        if self.kind == self.Kind.WEB:
            return self.url
        known = f"revision {self.found}" if self.found else f"revision {self.at}"
        return f"{self.url}, {known if self.found or self.at != 'HEAD' else 'newest revision'}"

    @property
    def number(self) -> int | None:
        """The revision that came of it, when one has."""
        return self.arrival.revision if self.arrival else self.revision

    @property
    def stage(self) -> Stage:
        came = self.arrival
        if self.is_waiting:
            return self.Stage.FETCHING
        if self.is_failed or (came is not None and came.state == came.State.REFUSED):
            return self.Stage.FAILED
        return self.Stage.LOOKING if came is not None and came.is_waiting else self.Stage.DONE

    @property
    def why(self) -> str:
        """Why nothing of it is in the release, where that is so."""
        return self.problem or (self.arrival.problem if self.arrival else "")

    def record_progress(self, files: int, of_files: int, size: int, of_size: int) -> None:
        """How far the worker is, for the page."""
        Import.objects.filter(pk=self.pk).update(
            files_done=files, files_total=of_files, bytes_done=size, bytes_total=of_size
        )

    def record_fetched(
        self, blobs: Mapping[str, Blob], *, found: str, left_out: Collection[str]
    ) -> None:
        """All has come: give it to the release as one upload of who asked. Once; the second time
        changes nothing."""
        prefix = f"{self.folder}/" if self.folder else ""
        changes: dict[str, Blob | None] = {prefix + path: blob for path, blob in blobs.items()}
        with self.settling() as waits:
            if not waits:
                return
            try:
                made = self.release.receive(
                    changes, by=self.asked_by, way=Way.IMPORT, base=self.base
                )
            except (Refused, PermissionDenied) as error:
                self.record_failed(str(error))
                return
            self.settle(
                self.State.DONE,
                found=found[:500],
                left_out=sorted(left_out)[:LEFT_OUT],
                left_out_count=len(left_out),
                revision=made.number if isinstance(made, Revision) else None,
                arrival=made if isinstance(made, Arrival) else None,
            )
            self.tell(Tag.IMPORT_DONE, files=len(changes), found=self.found)

    def tell(self, tag: Tag, *, by: Person | None = None, **facts: Any) -> None:
        Event.objects.record(
            tag,
            by=by,
            subject=self,
            project=self.project,
            release=self.release,
            url=self.url,
            what=self.what,
            commit=self.commit,
            source_tag=self.source_tag,
            asked_by=self.asked_by.get_username(),
            **facts,
        )


class Importing(Arriving):
    """The part of `Release` that has files fetched from elsewhere."""

    if TYPE_CHECKING:
        imports: RelatedManager[Import]

    class Meta:
        abstract = True

    def import_obstacles(self, seen: int | None = None) -> Iterator[Obstacle]:
        """What stands in the way of an import."""
        yield from self.compose_obstacles(seen)
        yield from room_of(self).obstacles(1)
        waiting = self.imports.filter(state=Import.State.WAITING).first()
        if waiting is not None and waiting.is_in_hand:
            yield Obstacle(
                "import_pending", f"{waiting.what} is being imported. Wait until that is done."
            )

    @verb
    def import_files(
        self,
        kind: str,
        url: str,
        *,
        by: Person,
        at: str = "",
        folder: str = "",
        commit: str = "",
        source_tag: str = "",
        seen: int | None = None,
    ) -> Import:
        """Have a worker fetch files from an address; they become one revision, as if uploaded.

        `at` is the revision of Subversion, the newest where none is given. `commit` and
        `source_tag` say what they were built from, and are kept beside the revision.
        """
        by = authorise(by, "releases.change_files", self)
        if kind not in Import.Kind.values:
            raise BadInput("Files are imported from svn or from web.")
        folder = folder.strip().strip("/")
        given = {
            "kind": kind,
            "url": check_address(url, allowed_here()),
            "at": check_revision(at) if kind == Import.Kind.SVN else "",
            "folder": check_path(folder) if folder else "",
            "commit": check_commit(commit) if commit.strip() else "",
            "source_tag": check_tag(source_tag) if source_tag.strip() else "",
        }
        with self.held():
            require(self.import_obstacles(seen))
            for lost in self.imports.filter(state=Import.State.WAITING):
                lost.settle_lost()
            row = self.imports.create(asked_by=by, base=self.last_revision, **given)
            row.tell(Tag.IMPORT_ASKED, by=by)
            return row


def allowed_here() -> Allowed:
    """Where files may be imported from, by the settings."""
    return Allowed(
        tuple(settings.IMPORT_HOSTS), tuple(settings.IMPORT_SCHEMES), settings.IMPORT_PRIVATE
    )
