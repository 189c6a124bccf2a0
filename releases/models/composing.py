"""Verbs about files: what may be done to a release while it is composed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import models

from projects.lifecycle import Lifecycle, authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases import manifest
from releases.models.blob import Blob
from releases.models.generated import Generated, outdated
from releases.models.hidden import Hidden
from releases.models.revision import Entry, Revision
from releases.models.usage import new_bytes, quota_obstacles
from releases.phases import Phase
from releases.renaming import with_companions
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Unchanged
from trusted_releases.lib.paths import check_path

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

Files = dict[str, Blob]


class Composing(Hidden, Lifecycle):
    """The part of `Release` that changes its files. Each change makes one revision."""

    last_revision = models.PositiveIntegerField(default=0, editable=False)

    if TYPE_CHECKING:
        revisions: RelatedManager[Revision]
        entries: Any  # the related manager of Entry, with its questions

        def get_phase_display(self) -> str: ...

    class Meta:
        abstract = True

    @property
    def newest(self) -> "Revision | None":
        """The revision that people look at, or None before the first upload."""
        return self.revisions.order_by("-number").first()

    def compose_obstacles(self, seen: int | None = None) -> Iterator[Obstacle]:
        """What stands in the way of changing files. `seen`: the revision a person looked at."""
        if self.phase != Phase.COMPOSE:
            yield Obstacle(
                "files_frozen",
                f"The files of {self} are frozen: the release is in phase "
                f"“{self.get_phase_display()}”. Only a failed or cancelled vote opens them again.",
            )
        if seen is not None and seen != self.last_revision:
            yield Obstacle(
                "newer_revision",
                f"Revision {self.last_revision} has appeared since you looked at revision {seen}. "
                "Reload the page, look at the files again, and repeat.",
            )

    @verb
    def add_files(
        self, files: Mapping[str, Blob], *, by: Person, seen: int | None = None
    ) -> Revision:
        """Put uploaded files into the release, as one revision.

        Merges with whatever was uploaded meanwhile, unless the sender names the revision they have
        `seen`: files that are not named stay. A file of the same path is replaced; earlier
        revisions keep the old one. Raises BadInput when all files are already there with the same
        content.
        """
        by = authorise(by, "releases.change_files", self)
        for path in files:
            check_path(path)
        with self.held():
            require(self.compose_obstacles(seen))
            what = next(iter(files)) if len(files) == 1 else f"{len(files)} files"
            before = self._files()
            return self._revise(before, {**before, **files}, by=by, description=f"Uploaded {what}")

    @verb
    def delete_files(
        self, paths: Iterable[str], *, by: Person, seen: int | None = None
    ) -> Revision:
        """Take files out, each with the signatures and checksums that belong to it."""
        by = authorise(by, "releases.change_files", self)
        with self.held():
            require(self.compose_obstacles(seen))
            files = self._files()
            gone = {*with_companions(paths, files)}
            kept = {path: blob for path, blob in files.items() if path not in gone}
            what = min(gone) if len(gone) == 1 else f"{len(gone)} files"
            return self._revise(files, kept, by=by, description=f"Deleted {what}")

    @verb
    def restore_revision(self, number: int, *, by: Person, seen: int | None = None) -> Revision:
        """Make the files again what they were in an earlier revision, as a new revision."""
        by = authorise(by, "releases.change_files", self)
        with self.held():
            require(self.compose_obstacles(seen))
            if not self.revisions.filter(number=number).exists():
                raise BadInput(f"{self} has no revision {number}.")
            files = self._files(number)
            return self._revise(
                self._files(), files, by=by, description=f"Restored revision {number}"
            )

    def _files(self, number: int | None = None) -> Files:
        at = self.last_revision if number is None else number
        return {each.path: each.blob for each in self.entries.at(at).with_blobs()}

    def _revise(
        self, before: Files, files: Files, *, by: User | None, description: str
    ) -> Revision:
        """Seal `files` as the next revision after `before`. Call it inside held().

        Writes only what differs from the revision before. The checks begin because of the event.
        """
        changed = self._changed(before, files)
        coming = self._coming(changed, files)
        revision = self._seal(files, changed, by=by, description=description)
        require(quota_obstacles(self, coming))
        return revision

    def _changed(self, before: Files, files: Files) -> set[str]:
        """The paths that differ, where `files` may follow on `before`; else a refusal."""
        check_set(files)
        require(outdated(Generated.objects.filter(release=self.pk).made(), files))
        changed = {path for path in before | files if before.get(path) != files.get(path)}
        if not changed:
            raise Unchanged("Nothing changes: these files are already there, byte for byte.")
        return changed

    def _coming(self, changed: set[str], files: Files) -> int:
        """Bytes among these changes that are new to the project."""
        return new_bytes(self, [files[path] for path in changed if path in files])

    def _seal(
        self, files: Files, changed: set[str], *, by: User | None, description: str
    ) -> Revision:
        """Write the next revision, without a look at whether it may be."""
        self.last_revision += 1
        self.save(update_fields=["last_revision"])
        self._write_entries(files, changed, by)
        lines = [manifest.Line(path, b.sha256, b.sha512, b.size) for path, b in files.items()]
        revision = self.revisions.create(
            number=self.last_revision,
            manifest_digest=manifest.digest(lines),
            file_count=len(lines),
            total_size=sum(line.size for line in lines),
            description=description[:200],
            made_by=by,
        )
        Event.objects.record(
            Tag.REVISION_MADE,
            by=by,
            subject=revision,
            project=self.project,
            release=self,
            revision=revision.number,
            manifest=revision.manifest_digest,
            description=revision.description,
            changed=len(changed),
        )
        return revision

    def _write_entries(self, files: Files, changed: set[str], by: User | None) -> None:
        number = self.last_revision
        ended = self.entries.filter(until__isnull=True, path__in=changed)
        ended.update(until=number)
        Entry.objects.bulk_create(
            [
                Entry(
                    release_id=self.pk,
                    path=path,
                    blob=files[path],
                    since=number,
                    uploaded_by=by,
                )
                for path in sorted(changed)
                if path in files
            ],
            batch_size=500,
        )


class Sized(Protocol):
    @property
    def size(self) -> int: ...


def check_set(files: Mapping[str, Sized]) -> None:
    """Limits and clashes that only show in the whole set."""
    if len(files) > settings.MAX_FILES:
        raise BadInput(f"A release has at most {settings.MAX_FILES} files; this has {len(files)}.")
    size = sum(blob.size for blob in files.values())
    if size > settings.MAX_REVISION_SIZE:
        raise BadInput(
            f"The files of a release take at most {settings.MAX_REVISION_SIZE} bytes together; "
            f"these take {size}."
        )
    folded: dict[str, str] = {}
    for path in sorted(files):
        other = folded.setdefault(path.lower(), path)
        if other != path:
            raise BadInput(
                f"{path} and {other} differ in case only: on many systems they are one file."
            )
    for path in files:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if file := folded.get("/".join(parts[:depth]).lower()):
                raise BadInput(f"{file} is a file, so {path} cannot lie below it.")
