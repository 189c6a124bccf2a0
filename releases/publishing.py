"""Bringing the voted files into the download area, so that what was voted is what goes out.

The steps, each of which may be the last one before the power goes:

1. take the voted manifest, and check that the revision's files still have its digest;
2. write every file under a staging name that nobody serves, from blobs that are verified as
   they are read;
3. write the proof beside them (`_proof/`: manifest, checksums, KEYS, result of the vote);
4. read everything back from the disk and compare it with the manifest;
5. rename the staging directory to its public name: the one step by which it becomes visible
   (under an embargo to a name that nobody serves, until the release is announced);
6. write the committee's KEYS file, by rename as well; and record that it is done.

Run again after a crash anywhere, the end is the same: what lies in place is verified, never
trusted, and never overwritten.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.core.files.storage import storages

from keys.models import keys_document, public_document
from projects.models import Committee, Project
from releases import manifest
from releases.models import Corrupt, Publication, Release
from releases.models.blob import sync_directory
from releases.sealed import place_of
from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.digests import digest_of
from trusted_releases.lib.paths import RESERVED

STAGING = ".staging"
TOLD_EVERY = 32 << 20  # bytes of one file; smaller files are told when they are complete
Progress = Callable[[int, int], None]  # bytes and files that are placed


class Impossible(Exception):
    """Publication cannot go on without a person; the text says why and what to do."""


def checkpoint(step: str) -> None:
    """Called before every write. Does nothing: tests stop the process here."""


@dataclass(frozen=True)
class Area:
    """The download area: a directory that a web server may serve as it is."""

    root: Path

    @classmethod
    def configured(cls) -> "Area":
        return cls(Path(storages["downloads"].path("")))

    def home_of(self, release: Release) -> Path:
        return place_of(location_of(release), sealed=release.embargoed)

    @contextmanager
    def staging(self, publication: Publication) -> Iterator[Path]:
        """A place for one attempt, which nobody serves and no other attempt writes to.

        It is gone afterwards, or a full disk would stay full. Places of attempts that were killed
        are removed as well: nobody holds their lock any more.
        """
        place = self.root / STAGING / f"{publication.pk}-{secrets.token_hex(8)}"
        place.parent.mkdir(parents=True, exist_ok=True)
        with _lock_of(place).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            place.mkdir()
            self._clear_abandoned(publication)
            try:
                yield place
            finally:
                shutil.rmtree(place, ignore_errors=True)
                _lock_of(place).unlink(missing_ok=True)

    def _clear_abandoned(self, publication: Publication) -> None:
        for path in (self.root / STAGING).glob(f"{publication.pk}-*.lock"):
            with suppress(OSError), path.open() as lock:  # it may be ending just now
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                path.unlink(missing_ok=True)


def _lock_of(staging: Path) -> Path:
    return staging.with_suffix(".lock")


def location_of(release: Release) -> str:
    """Where a release lies in the download area: committee/project/version."""
    return f"{release.committee.slug}/{release.project.slug}/{release.version}"


def materialise(publication: Publication, progress: Progress = lambda done, files: None) -> str:
    """Put the voted files in place and return their location in the download area.

    Raises Impossible when a person has to look: damaged blobs, other files in the place.
    """
    release = publication.release
    lines = voted_lines(publication)
    area = Area.configured()
    home = area.home_of(release)
    with area.staging(publication) as staging:
        if not home.exists():
            files = staging / "files"
            _stage(publication, lines, files, progress)
            verify(files, lines)
            refuse_while_held(release)
            _switch(files, home)
        verify(home, lines)
        keys = area.root / release.committee.slug / "KEYS"
        # A first KEYS file would tell that something is on its way: it comes with the files.
        if not release.embargoed or keys.exists():
            _write_keys(keys, release.committee, staging)
    return location_of(release)


def refuse_while_held(release: Release) -> None:
    """Impossible while the project is held: it may have been, since the publication was asked for.

    Asked right before the files become visible. What is in place already stays, and is recorded.
    """
    project = Project.objects.get(pk=release.project_id)
    for obstacle in project.held_obstacles():
        raise Impossible(f"Nothing was published: {obstacle.text} After that, publish again.")


def voted_lines(publication: Publication) -> list[manifest.Line]:
    """The lines of the voted manifest; Impossible if the revision no longer has its digest."""
    lines = publication.release.voted.lines()
    if manifest.digest(lines) != publication.manifest_digest:
        raise Impossible(
            "The files of the voted revision are not those of the voted manifest any more: the "
            "database was changed from outside. Nothing was published. Compare it with a backup."
        )
    return lines


def proof_files(
    publication: Publication, lines: list[manifest.Line]
) -> Iterator[tuple[str, bytes]]:
    """What lies beside the voted files for whoever wants to verify them."""
    vote = publication.release.vote
    yield "manifest.json", manifest.document(lines)
    yield "SHA512SUMS", manifest.sums(lines).encode()
    yield "KEYS", keys_document(publication.committee)
    yield "vote.json", canonical(vote.counted if vote else {})


def _stage(
    publication: Publication,
    lines: list[manifest.Line],
    staging: Path,
    progress: Progress,
) -> None:
    entries = {entry.path: entry.blob for entry in publication.release.voted.entries}
    done = 0
    for count, line in enumerate(lines):
        checkpoint(f"stage {line.path}")
        tell = partial(_tell, progress, done, count)
        try:
            _write(staging / line.path, _told(entries[line.path].stream(), tell))
        except (Corrupt, FileNotFoundError) as error:
            raise Impossible(
                f"{line.path} cannot be read from the blob store: {error} Restore blob "
                f"{line.sha256} from a backup, then publish again."
            ) from error
        done += line.size
        progress(done, count + 1)
    for name, content in proof_files(publication, lines):
        checkpoint(f"stage {RESERVED}/{name}")
        _write(staging / RESERVED / name, [content])
    for directory in _directories(staging):
        sync_directory(directory)


def _tell(progress: Progress, before: int, files: int, of_this: int) -> None:
    progress(before + of_this, files)


def _told(blocks: Iterable[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    """The same blocks; `tell` hears now and then how many bytes of this file have gone by."""
    gone = told = 0
    for block in blocks:
        yield block
        gone += len(block)
        if gone - told >= TOLD_EVERY:
            told = gone
            tell(gone)


def _write(target: Path, content: Iterable[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        for block in content:
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    target.chmod(0o444)


def _directories(top: Path) -> list[Path]:
    return [Path(where) for where, _, _ in os.walk(top)]


def verify(directory: Path, lines: list[manifest.Line]) -> None:
    """Read the directory back and compare it with the manifest: same files, same bytes, no more."""
    checkpoint(f"verify {directory.name}")
    expected = {line.path: line for line in lines}
    found = {
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if not path.is_dir() or path.is_symlink()
    }
    found = {path for path in found if not path.startswith(RESERVED + "/")}
    links = {path for path in found if (directory / path).is_symlink()}
    if odd := sorted((found ^ set(expected)) | links):
        raise Impossible(
            f"{directory} does not hold the voted files: {odd[0]} is missing or does not belong "
            "there. Nothing was overwritten. Move the directory away, then publish again."
        )
    for path, line in expected.items():
        with (directory / path).open("rb") as stream:
            digest = digest_of(stream)
        if (digest.sha256, digest.sha512, digest.size) != (line.sha256, line.sha512, line.size):
            raise Impossible(
                f"{directory / path} is not the voted file: its digest differs. Nothing was "
                "overwritten. Move the directory away, check the disk, then publish again."
            )


def _switch(staging: Path, home: Path) -> None:
    """Make the whole directory visible in one step."""
    checkpoint("switch")
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        staging.rename(home)
    except OSError:
        # Another attempt may have been faster. What it placed is verified next, like all else.
        if not home.exists():
            raise
    for directory in (home.parent, home.parent.parent, home.parent.parent.parent):
        sync_directory(directory)
    checkpoint("switched")


def write_keys(committee: Committee) -> bool:
    """Bring the committee's KEYS file in the download area up to date; say whether there is one.

    A committee that never had keys gets none.
    """
    area = Area.configured()
    target = area.root / committee.slug / "KEYS"
    if not (target.exists() or committee.key_links.exists()):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    (area.root / STAGING).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="keys-", dir=area.root / STAGING) as place:
        _write_keys(target, committee, Path(place))
    return True


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """The directory itself is the lock: there is no file of one to be left behind or served."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_keys(target: Path, committee: Committee, staging: Path) -> None:
    """The committee's KEYS file, where downstreams have always looked for it."""
    checkpoint("keys")
    arriving = staging / "KEYS"
    # Who reads the keys first is in place first: an older file never comes after a newer one.
    with _locked(target.parent):
        _write(arriving, [public_document(committee)])
        checkpoint("keys written")
        arriving.replace(target)
    sync_directory(target.parent)
    checkpoint("done")
