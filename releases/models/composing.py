"""Verbs about files: what may be done to a release while it is composed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from projects.lifecycle import Lifecycle, authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases import manifest
from releases.models.blob import Blob
from releases.models.revision import Entry, Revision
from releases.phases import Phase
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle
from trusted_releases.lib.paths import check_path

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

Files = dict[str, Blob]

# What follows a file's name in the names of its signatures, checksums and provenance, any number
# of times (`x.zip.asc.sha512`). A `x.tar.gz` beside `x.tar` is a file of its own.
_COMPANION = re.compile(
    r"\.(asc|sig|md5|mds|sha|sh1|sha1|sha256|sha512|sha512sum|prov|cdx\.json|cdx\.xml)\Z",
    re.IGNORECASE,
)


class Composing(Lifecycle):
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
    def add_files(self, files: Mapping[str, Blob], *, by: Person) -> Revision:
        """Put uploaded files into the release, as one revision.

        Merges with whatever was uploaded meanwhile: files that are not named stay. A file of the
        same path is replaced; earlier revisions keep the old one. Raises BadInput when all files
        are already there with the same content.
        """
        by = authorise(by, "releases.change_files", self)
        for path in files:
            check_path(path)
        with self.held():
            require(self.compose_obstacles())
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
            gone = {*_with_companions(paths, files)}
            kept = {path: blob for path, blob in files.items() if path not in gone}
            what = min(gone) if len(gone) == 1 else f"{len(gone)} files"
            return self._revise(files, kept, by=by, description=f"Deleted {what}")

    @verb
    def rename_file(self, path: str, to: str, *, by: Person, seen: int | None = None) -> Revision:
        """Give a file another path; its signatures and checksums go with it."""
        by = authorise(by, "releases.change_files", self)
        check_path(to)
        with self.held():
            require(self.compose_obstacles(seen))
            files = self._files()
            moves = {
                each: check_path(to + each[len(path) :]) for each in _with_companions([path], files)
            }
            if taken := sorted((set(moves.values()) & set(files)) - set(moves)):
                raise BadInput(f"{taken[0]} exists already. Delete it first, or choose another.")
            renamed = {moves.get(each, each): blob for each, blob in files.items()}
            return self._revise(files, renamed, by=by, description=f"Renamed {path} to {to}")

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

    def _revise(self, before: Files, files: Files, *, by: User, description: str) -> Revision:
        """Seal `files` as the next revision after `before`. Call it inside held().

        Writes only what differs from the revision before. The checks begin because of the event.
        """
        _check_set(files)
        changed = {path for path in before | files if before.get(path) != files.get(path)}
        if not changed:
            raise BadInput("Nothing changes: these files are already there, byte for byte.")
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

    def _write_entries(self, files: Files, changed: set[str], by: User) -> None:
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


def _with_companions(paths: Iterable[str], files: Files) -> list[str]:
    """The files and what belongs to them: `x.tar.gz` with its `.asc`, `.sha512` and so on."""
    chosen = set(paths)
    if unknown := sorted(chosen - set(files)):
        raise BadInput(f"There is no file {unknown[0]} in this revision.")
    return [each for each in files if not chosen.isdisjoint(_owners(each))]


def _owners(path: str) -> Iterator[str]:
    """The file itself, and each that it is a companion of: `x.asc.sha512`, `x.asc`, `x`."""
    yield path
    while found := _COMPANION.search(path):
        path = path[: found.start()]
        yield path


def _check_set(files: Files) -> None:
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
