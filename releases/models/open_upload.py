"""Uploads that take several requests: their files in parts, which wait until all have come."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.timezone import now

from projects.roles import Person
from releases.models.arrival import Arrival, Way
from releases.models.blob import Blob, scratch
from releases.models.release import Release
from releases.models.revision import Entry, Revision
from trusted_releases.ledger.models import Job
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle, Stale

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

PREFIX = "open-"  # of the folders' names
AT_ONCE = 500  # digests in one question to the database
BUSY = timedelta(minutes=1)  # how exactly it is known when the last part came
GONE = "This upload was cancelled, or has expired. Begin again."
LOST = Obstacle(
    "worker_lost",
    "Whoever put this upload together has ended for good. All of it is here still: end the upload "
    "once more, and nothing is sent again.",
)


def new_key() -> str:
    return secrets.token_hex(16)


class OpenUploadQuerySet(models.QuerySet):
    def unended(self) -> Self:
        return self.filter(ended_at=None)

    def begun_by_person(self, person: Person) -> Self:
        return self.filter(begun_by=person.pk)

    def expired(self) -> Self:
        """Those of which nothing was heard for so long that nobody waits for them."""
        return self.filter(touched_at__lt=now() - timedelta(hours=settings.UPLOAD_HOURS))


class State(models.TextChoices):
    """How far an upload in parts is."""

    OPEN = "open", "Parts are missing, or nobody has ended it"
    ASSEMBLING = "assembling", "Being put together"
    REFUSED = "refused", "Its end was refused"
    ENDED = "ended", "Part of the files, or being looked at"


class OpenUpload(models.Model):
    """Files on their way in parts: begun, then ended as one revision or arrival, or gone.

    What it is to become part of knows nothing of it before its end. Its parts are files of the
    scratch folder, each under its place and its digest; a part is there whole or not at all.
    """

    release = models.ForeignKey(Release, models.CASCADE, related_name="open_uploads")
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="+"
    )
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    way = models.CharField(max_length=10, choices=Way, editable=False)
    base = models.PositiveIntegerField(editable=False)  # the newest revision when it began
    seen = models.PositiveIntegerField(null=True, editable=False)  # that must be the newest still
    files_digest = models.CharField(max_length=64, editable=False)  # what it is to bring
    size = models.PositiveBigIntegerField(editable=False)
    part_size = models.PositiveIntegerField(editable=False)
    begun_at = models.DateTimeField(default=now, editable=False)
    touched_at = models.DateTimeField(default=now, editable=False)
    refused = models.BooleanField(default=False, editable=False)  # its end was, and it can be again
    # A large one is put together by a worker: since when that is asked for, in whose name by whom,
    # how far it is, and why nothing came of it, until whoever asks has been told.
    asked_at = models.DateTimeField(null=True, editable=False)
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    bytes_done = models.PositiveBigIntegerField(default=0, editable=False)
    problems = models.JSONField(default=list, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    revision = models.ForeignKey(
        Revision, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    arrival = models.ForeignKey(
        Arrival, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = OpenUploadQuerySet.as_manager()

    if TYPE_CHECKING:
        files: RelatedManager["OpenFile"]

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["begun_by", "ended_at"], name="releases_open_by"),
            models.Index(fields=["touched_at"], name="releases_open_touched"),
        ]

    def __str__(self) -> str:
        return f"Upload in parts to {self.release}"

    @property
    def folder(self) -> Path:
        return scratch() / f"{PREFIX}{self.key}"

    @property
    def expires_at(self) -> datetime:
        return self.touched_at + timedelta(hours=settings.UPLOAD_HOURS)

    @property
    def made(self) -> Revision | Arrival | None:
        """What became of it, once it has ended."""
        return self.revision or self.arrival

    @property
    def is_in_hand(self) -> bool:
        """Whether a worker puts it together, or will."""
        return self.asked_at is not None and Job.objects.about(self).unsettled().exists()

    @property
    def state(self) -> State:
        if self.ended_at is not None:
            return State.ENDED
        if self.is_in_hand:
            return State.ASSEMBLING
        return State.REFUSED if self.obstacles else State.OPEN

    @property
    def obstacles(self) -> list[Obstacle]:
        """Why nothing has come of putting it together, while nobody who asked was told."""
        if self.problems:
            return [Obstacle(code, text) for code, text in self.problems]
        is_lost = self.asked_at is not None and self.ended_at is None and not self.is_in_hand
        return [LOST] if is_lost else []

    @property
    def problem(self) -> str:
        """The same in one line; nothing while there is none."""
        return " ".join(each.text for each in self.obstacles)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold this row, freshly read, to the end of the block; Stale when it is gone."""
        with transaction.atomic():
            try:
                self.refresh_from_db(
                    from_queryset=OpenUpload.objects.select_for_update(of=("self",))
                )
            except OpenUpload.DoesNotExist as error:
                raise Stale(GONE) from error
            yield

    def record_progress(self, size: int) -> None:
        """How far the worker is, for whoever waits."""
        OpenUpload.objects.filter(pk=self.pk).update(bytes_done=size)

    def record_refused(self, error: Exception) -> None:
        """Nothing came of putting it together. What has come stays, and it can be ended again."""
        code = getattr(error, "code", "forbidden")
        found = getattr(error, "obstacles", ()) or [Obstacle(code, str(error))]
        self.refused, self.asked_at = True, None
        self.problems = [list(each) for each in found]
        OpenUpload.objects.filter(pk=self.pk, ended_at=None).update(
            refused=True, asked_at=None, problems=self.problems
        )

    def take_problems(self) -> Exception | None:
        """Why nothing has come of it, as an error to raise; once, for then it can be tried anew.
        Call it while the row is held."""
        found = self.obstacles
        if found:
            self.asked_at, self.problems = None, []
            self.save(update_fields=["asked_at", "problems"])
        return error_of(found)

    def parts(self) -> dict[tuple[int, int], Path]:
        """The parts that are there, by the number of their file and their own.

        Where two claim one place nobody knows which is right, and both count as missing.
        """
        found: dict[tuple[int, int], list[Path]] = {}
        if self.folder.is_dir():
            for path in self.folder.glob("*-*-*"):
                file, part, _ = path.name.split("-")
                found.setdefault((int(file), int(part)), []).append(path)
        return {place: paths[0] for place, paths in found.items() if len(paths) == 1}

    def touch(self) -> None:
        """Something of it has come: it does not expire."""
        late = OpenUpload.objects.filter(pk=self.pk, touched_at__lt=now() - BUSY)
        late.update(touched_at=now())


class OpenFile(models.Model):
    """One file of an upload in parts: where it goes, how large it is, and which bytes it is to be,
    where the sender knows."""

    upload = models.ForeignKey(OpenUpload, models.CASCADE, related_name="files")
    number = models.PositiveIntegerField(editable=False)
    path = models.CharField(max_length=1024, editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="releases_open_file_number"),
            models.UniqueConstraint(fields=["upload", "path"], name="releases_open_file_path"),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def part_count(self) -> int:
        return -(-self.size // self.upload.part_size)

    def length_of(self, part: int) -> int:
        """How many bytes this part has; 0 where there is none of that number."""
        left = self.size - part * self.upload.part_size
        return max(0, min(self.upload.part_size, left)) if part >= 0 else 0

    def place_of(self, part: int, sha256: str) -> Path:
        return self.upload.folder / f"{self.number}-{part}-{sha256}"


def error_of(obstacles: Sequence[Obstacle]) -> Exception | None:
    """What was raised where it was put together, for who asks now."""
    if not obstacles:
        return None
    said = " ".join(each.text for each in obstacles)
    match obstacles[0].code:
        case "forbidden":
            return PermissionDenied(said)
        case "bad_input":
            return BadInput(said)
        case _:
            return NotReady(obstacles)


def known_to(person: Person, digests: Iterable[str]) -> dict[str, Blob]:
    """Which of these bytes are in the store, and this person can read them in a release already.

    Others count as unknown: whoever has no more than the digest of somebody's file must not learn
    that it is here, and far less get it.
    """
    readable = Release.objects.visible_to(person).values("pk")
    found: dict[str, Blob] = {}
    wanted = sorted({each for each in digests if each})
    for part in _in_parts(wanted):
        entries = Entry.objects.filter(blob__sha256__in=part, release__in=readable)
        blobs = Blob.objects.filter(pk__in=entries.values("blob"))
        found |= {blob.sha256: blob for blob in blobs}
    return found


def _in_parts(digests: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(digests), AT_ONCE):
        yield digests[start : start + AT_ONCE]


def digest_of_files(files: Iterable[tuple[str, int, str]], part_size: int) -> str:
    """What an upload is to bring, as one digest: by it the same one is found again."""
    lines = [f"{path} {size} {sha256}\n" for path, size, sha256 in sorted(files)]
    return hashlib.sha256(f"{part_size}\n{''.join(lines)}".encode()).hexdigest()
