"""Uploads with archives: looked into by a worker before they are part of a revision."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.timezone import now

from projects.lifecycle import authorise, verb
from projects.roles import Person
from releases.models.awaited import LONGEST_PROBLEM, Awaited
from releases.models.blob import Blob, store
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.archive_names import is_archive
from trusted_releases.lib.errors import Refused, Stale

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STORED_WITHIN = timedelta(hours=1)  # between the first byte that is stored and the row

Changes = Mapping[str, Blob | None]  # by path; None where a file is taken out


class Way(models.TextChoices):
    """How files come in. All lead to `release.receive`."""

    PAGE = "page", "by the page"
    API = "api", "by the API"
    RSYNC = "rsync", "by rsync"
    IMPORT = "import", "by import"


class ArrivalQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(state=Arrival.State.WAITING)

    def told(self) -> Self:
        """Those a page tells of: they wait, or were refused and nobody has dismissed that yet."""
        refused = models.Q(state=Arrival.State.REFUSED, dismissed_at=None)
        about = self.filter(models.Q(state=Arrival.State.WAITING) | refused)
        return about.select_related("sent_by").prefetch_related("files")


class Arrival(Awaited):
    """One upload on its way into a release: all of it becomes one revision, or none of it.

    waiting -> admitted, and there is a revision with it; or waiting -> refused, with the reason at
    each file, and its bytes are gone. Workers record which; the person decided when they sent it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being looked at"
        ADMITTED = "admitted", "Part of the files"
        REFUSED = "refused", "Refused"

    release = models.ForeignKey("Release", models.CASCADE, related_name="arrivals")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    sent_at = models.DateTimeField(default=now, editable=False)
    way = models.CharField(max_length=10, choices=Way, editable=False)
    base = models.PositiveIntegerField(editable=False)  # the newest revision when it began
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    revision = models.PositiveIntegerField(null=True, editable=False)  # that it was admitted with
    dismissed_at = models.DateTimeField(null=True, editable=False)

    objects = ArrivalQuerySet.as_manager()

    if TYPE_CHECKING:
        files: RelatedManager["ArrivedFile"]

        def get_way_display(self) -> str: ...

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["release", "state"], name="releases_arrival_state")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="admitted", revision__isnull=False)
                | (~models.Q(state="admitted") & models.Q(revision__isnull=True)),
                name="releases_arrival_admitted_with",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} for {self.release}"

    @property
    def title(self) -> str:
        """Its file, or how many: `a.zip`, `3 files (a.zip, …)`."""
        return title_of([each.path for each in self.files.all()])

    @property
    def changes(self) -> dict[str, Blob | None]:
        """What it does to the files, while it waits."""
        return {each.path: each.blob for each in self.files.select_related("blob")}

    @property
    def archives(self) -> list["ArrivedFile"]:
        """What must be looked into, while it waits."""
        files = self.files.exclude(blob=None).select_related("blob")
        return [each for each in files if is_archive(each.path)]

    def record_admitted(self) -> None:
        """It is safe and whole: make it part of the files, or refuse it when that is too late."""
        with self.settling() as waits:
            if not waits:
                return
            try:
                number = self.release.admit(self).number
            except Refused as error:
                self._refuse(str(error), {})
                return
            self.settle(self.State.ADMITTED, revision=number)

    def record_refused(self, problems: Mapping[str, str]) -> None:
        """It is not: why, by path. The reasons stay, for whoever sent it; the bytes go."""
        with self.settling() as waits:
            if waits:
                self._refuse(self._summed(problems), problems)

    @verb
    def dismiss(self, *, by: Person) -> None:
        """Take what was refused off the release's page. Its events stay."""
        by = authorise(by, "releases.change_files", self.release)
        known = Arrival.objects.filter(pk=self.pk, state=self.State.REFUSED, dismissed_at=None)
        if not known.update(dismissed_at=now()):
            raise Stale("There is nothing to dismiss any more.")
        self.tell(Tag.ARRIVAL_DISMISSED, by=by)

    def _summed(self, problems: Mapping[str, str]) -> str:
        path, problem = min(problems.items())
        if self.files.count() == 1:
            return problem
        others = f" And {len(problems) - 1} more." if len(problems) > 1 else ""
        return f"{path}: {problem}{others}"

    def _refuse(self, problem: str, problems: Mapping[str, str]) -> None:
        files = list(self.files.select_related("blob"))
        blobs = {each.blob for each in files if each.blob}
        for each in files:
            each.blob, each.problem = None, problems.get(each.path, "")[:LONGEST_PROBLEM]
        ArrivedFile.objects.bulk_update(files, ["blob", "problem"], batch_size=500)
        self.settle(self.State.REFUSED, problem=problem[:LONGEST_PROBLEM])
        self.tell(Tag.ARCHIVE_REFUSED, by=None, problem=self.problem)
        for blob in blobs:
            _forget(blob, unless_before=self)

    def tell(self, tag: Tag, *, by: Person | None = None, **facts: Any) -> None:
        Event.objects.record(
            tag,
            by=by,
            subject=self,
            project=self.project,
            release=self.release,
            path=self.title,
            way=self.way,
            **facts,
        )


class ArrivedFile(models.Model):
    """One file of an upload, and why it cannot be part of the release, if it cannot.

    It has its bytes while the upload waits. Without them it takes a file out, or was refused.
    """

    arrival = models.ForeignKey(Arrival, models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024, editable=False)
    blob = models.ForeignKey(
        Blob, models.PROTECT, null=True, editable=False, related_name="arrivals"
    )
    problem = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["arrival", "path"], name="releases_arrived_once")
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def held_blob(self) -> Blob:
        """Its bytes, which are there while the upload waits."""
        if self.blob is None:
            raise ValueError(f"There are no bytes of {self} any more.")
        return self.blob


def title_of(paths: Iterable[str]) -> str:
    """A few words for files: the one path, or how many and the first."""
    known = sorted(paths)
    return known[0] if len(known) == 1 else f"{len(known)} files ({known[0]}, …)"


def _forget(blob: Blob, *, unless_before: Arrival) -> None:
    """Remove bytes that came with this arrival alone. What was there before it is somebody's."""
    if blob.created_at < unless_before.sent_at - STORED_WITHIN:
        return
    try:
        with transaction.atomic():
            blob.delete()
    except ProtectedError:
        return
    transaction.on_commit(partial(_remove, blob.sha256))


def _remove(sha256: str) -> None:
    if not Blob.objects.filter(sha256=sha256).exists():
        store().delete(Blob.name_for(sha256))
