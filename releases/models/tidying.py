"""Verbs that put the files of a draft in order: other names, checksums, tags."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases.models.blob import Blob, keep_text
from releases.models.composing import Composing, Files
from releases.models.revision import Revision
from releases.renaming import (
    Moves,
    conflicts,
    folder_moves,
    is_companion,
    rename_moves,
    strip_moves,
)
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.archive_names import is_archive
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle, Stale, Unchanged
from trusted_releases.lib.paths import check_path

CHECKSUM = ".sha512"
DOWNLOADS = (
    *(".bin", ".crate", ".deb", ".dmg", ".exe", ".far", ".gem", ".msi", ".nupkg", ".pkg", ".pom"),
    *(".rar", ".rpm", ".sh", ".snupkg", ".taco", ".pack.gz", ".slingosgifeature"),
)
TOLD = 10  # conflicts that are told one by one
LONGEST_TAG = 256
_TAG = re.compile(r"[A-Za-z0-9+_.-]+\Z")
_LARGEST = 4096  # bytes of a checksum file that is read to see whether it names its file
_LINE = re.compile(r"\s*([0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})[ \t]+\*?(?:\./)?(\S+)\s*\Z")

Texts = dict[str, str]  # the content of small files, by path
Plan = Callable[[Files], Moves]


class Tidying(Composing):
    """The part of `Release` that gives its files other names, and makes checksums of them."""

    class Meta:
        abstract = True

    @verb
    def rename_file(self, path: str, to: str, *, by: Person, seen: int | None = None) -> Revision:
        """Give a file another path; its signatures and checksums go with it.

        A checksum file that names the file inside is written anew with the new name; all other
        bytes stay as they are. To undo it, restore the revision before.
        """
        by = authorise(by, "releases.change_files", self)
        check_path(to)
        told = f"Renamed {path} to {to}"
        return self._give_paths(
            lambda files: rename_moves(path, to, files), by, seen, lambda _: told
        )

    @verb
    def move_files(
        self, paths: Iterable[str], folder: str, *, by: Person, seen: int | None = None
    ) -> Revision:
        """Put files, with what belongs to them, or whole folders into another folder; "" is the
        top. To undo it, restore the revision before."""
        by = authorise(by, "releases.change_files", self)
        chosen, where = list(paths), folder.strip().strip("/")
        return self._give_paths(
            lambda files: folder_moves(chosen, where, files),
            by,
            seen,
            lambda moves: f"Moved {_count(len(moves))} to {where or 'the top folder'}",
        )

    @verb
    def strip_candidate_tags(self, *, by: Person, seen: int | None = None) -> Revision:
        """Take `-rc1` and its like out of all names, so that what is voted on can go out under the
        names that it will have for ever. To undo it, restore the revision before."""
        by = authorise(by, "releases.change_files", self)
        return self._give_paths(
            strip_moves,
            by,
            seen,
            lambda moves: f"Took release-candidate tags out of {_count(len(moves), 'name')}",
        )

    @verb
    def generate_checksums(
        self, paths: Iterable[str] | None, *, by: Person, seen: int | None = None
    ) -> Revision:
        """Put a `.sha512` beside each of these files, of the bytes that are stored.

        None: beside all that people download, and that have none. A checksum that is there is
        never replaced. To undo it, delete what was made.
        """
        by = authorise(by, "releases.change_files", self)
        before = self._files()
        chosen = sorted(set(_lacking_downloads(before) if paths is None else paths))
        if not chosen and paths is None:
            raise Unchanged("Every file that people download has a checksum already.")
        if not chosen:
            raise BadInput("Choose at least one file.")
        ready = _kept(_checksums(chosen, before))
        with self.held():
            require(self.compose_obstacles(seen))
            files = self._files()
            made = _blobs(_checksums(chosen, files), ready)
            what = min(made) if len(made) == 1 else f"{len(made)} checksums"
            return self._revise(files, {**files, **made}, by=by, description=f"Generated {what}")

    @verb
    def tag_revision(self, number: int, tag: str, *, by: Person) -> Revision:
        """Give a revision a name that people know it by. It keeps that name for good, and no other
        revision of the release can have it."""
        by = authorise(by, "releases.change_files", self)
        tag = check_tag(tag)
        with self.held():
            require(self.compose_obstacles())
            revision = self.revisions.filter(number=number).first()
            if revision is None:
                raise BadInput(f"{self} has no revision {number}.")
            if revision.tag == tag:
                raise Unchanged(f"Revision {number} has this tag already.")
            if revision.tag:
                raise Stale(f"Revision {number} is tagged {revision.tag}, and tags never change.")
            if other := self.revisions.filter(tag=tag).first():
                raise BadInput(
                    f"Revision {other.number} is tagged {tag}, and tags never change. Choose "
                    "another."
                )
            revision.tag = tag
            revision.save(update_fields=["tag"])
            Event.objects.record(
                Tag.REVISION_TAGGED,
                by=by,
                subject=revision,
                project=self.project,
                release=self,
                revision=number,
                label=tag,
            )
            return revision

    def _give_paths(
        self, plan: Plan, by: User, seen: int | None, told: Callable[[Moves], str]
    ) -> Revision:
        """Give files other paths, as one revision."""
        before = self._files()
        ready = _kept(rewritten(plan(before), before))
        with self.held():
            require(self.compose_obstacles(seen))
            files = self._files()
            moves = plan(files)
            _require_free(moves, files)
            moved = {moves.get(path, path): blob for path, blob in files.items()}
            moved |= _blobs(rewritten(moves, files), ready)
            return self._revise(files, moved, by=by, description=told(moves))


def check_tag(tag: str) -> str:
    """The tag of a revision as it is stored; BadInput with what to change."""
    tag = tag.strip()
    if not _TAG.match(tag) or len(tag) > LONGEST_TAG:
        raise BadInput(
            f"A tag has up to {LONGEST_TAG} letters, digits and + _ . - such as rc1 or "
            "after-review."
        )
    return tag


def lacking_checksums(files: Iterable[str]) -> list[str]:
    """The files without a `.sha512` beside them that could have one."""
    known = {path.lower() for path in files}
    return sorted(
        path
        for path in files
        if not is_companion(path) and f"{path}{CHECKSUM}".lower() not in known
    )


def is_download(path: str) -> bool:
    """Whether people download it for itself, by its name."""
    return is_archive(path) or path.lower().endswith(DOWNLOADS)


def _lacking_downloads(files: Iterable[str]) -> list[str]:
    return [path for path in lacking_checksums(files) if is_download(path)]


def rewritten(moves: Mapping[str, str], files: Files) -> Texts:
    """The checksum files that name what goes elsewhere, by their new path, for the new name.

    Only those that hold one line, with the right digest, and that nobody has signed.
    """
    return {
        moves[path]: text
        for path in moves
        if (text := _for_the_new_name(path, moves, files)) and f"{path}.asc" not in files
    }


def _for_the_new_name(path: str, moves: Mapping[str, str], files: Files) -> str:
    of, _, algorithm = path.rpartition(".")
    blob, subject = files[path], files.get(of)
    name, new = PurePosixPath(of).name, PurePosixPath(moves.get(of, of)).name
    if algorithm.lower() not in ("sha256", "sha512") or subject is None or name == new:
        return ""
    if blob.size > _LARGEST:
        return ""
    found = _LINE.match(b"".join(blob.stream()).decode("utf-8", "replace"))
    digest = getattr(subject, algorithm.lower())
    if found is None or found[1].lower() != digest or found[2] != name:
        return ""
    return f"{digest}  {new}\n"


def _checksums(chosen: Iterable[str], files: Files) -> Texts:
    """The content of the checksum file of each, by its path; BadInput where it cannot be made."""
    lacking, made = set(lacking_checksums(files)), {}
    for path in chosen:
        if path not in files:
            raise BadInput(f"There is no file {path} in this revision.")
        if is_companion(path):
            raise BadInput(f"{path} says something about another file, and needs no checksum.")
        if path not in lacking:
            raise BadInput(f"{path}{CHECKSUM} is there already. Delete it first to have it anew.")
        name = PurePosixPath(path).name
        made[check_path(path + CHECKSUM)] = f"{files[path].sha512}  {name}\n"
    return made


def _kept(texts: Texts) -> dict[str, Blob]:
    """The texts, stored, before anything is held: writing to a store takes its time."""
    return {text: keep_text(text) for text in set(texts.values())}


def _blobs(texts: Texts, ready: Mapping[str, Blob]) -> Files:
    try:
        return {path: ready[text] for path, text in texts.items()}
    except KeyError:
        raise Stale("The files have changed meanwhile. Look at them again, and repeat.") from None


def _require_free(moves: Moves, files: Files) -> None:
    found = list(conflicts(moves, files))
    if len(found) == 1:
        raise BadInput(found[0])
    if found:
        raise NotReady([Obstacle("name_taken", each) for each in found[:TOLD]])


def _count(number: int, what: str = "file") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
