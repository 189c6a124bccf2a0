"""Uploads in parts, for page and API: begun, sent as it suits, asked about, ended or cancelled.

Whatever is cut, on whichever side, what has come whole stays and is not sent again. Nothing of it
is part of the release before its end: see `releases.assembling`.
"""

import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import now

from projects.lifecycle import authorise, require
from projects.models import User
from projects.roles import Person
from releases import expecting
from releases.expecting import Wanted
from releases.leftovers import remove_folder
from releases.models import Blob, OpenFile, OpenUpload, Release, Way
from releases.models.blob import scratch
from releases.models.open_upload import PREFIX, digest_of_files, known_to
from trusted_releases.ledger.models import Event
from trusted_releases.lib.digests import BLOCK, Digest, Digester, Readable
from trusted_releases.lib.errors import BadInput, Refused, Stale

RIGHT = "releases.change_files"
KEY = re.compile(r"[0-9a-f]{32}")
ORPHANED = 3600  # seconds that a folder without an upload is left alone


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one file is: `known` when the store has it, else by the numbers of its parts."""

    file: OpenFile
    known: bool
    present: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        return self.known or len(self.present) == self.file.part_count

    @property
    def size_here(self) -> int:
        if self.known:
            return self.file.size
        return sum(self.file.length_of(part) for part in self.present)


@contextmanager
def recorded(verb: str, by: Person, release: Release) -> Iterator[None]:
    """A refusal in the block leaves an event, after all else of it is undone."""
    try:
        yield
    except (Refused, PermissionDenied) as error:
        Event.objects.record_refusal(verb, by=by, subject=release, error=error)
        raise


def begin(
    release: Release, wanted: Sequence[Wanted], *, by: Person, way: Way, seen: int | None = None
) -> OpenUpload:
    """Begin an upload of these files, or go on with the one that this person has begun with the
    very same. Raises a Refused before a byte is sent where it could not become part of the release.
    """
    with recorded("begin_upload", by, release):
        person = authorise(by, RIGHT, release)
        require(release.compose_obstacles(seen))
        expecting.check(release, wanted)
        size = settings.UPLOAD_PART_SIZE
        digest = digest_of_files(((each.path, each.size, each.sha256) for each in wanted), size)
        with transaction.atomic():
            # One after the other counts right. Not its key: who holds a release names this person.
            User.objects.select_for_update(no_key=True).get(pk=person.pk)
            again = _again(release, person, wanted, digest, seen)
            if again is not None:
                return again
            require(expecting.room_obstacles(person, sum(each.size for each in wanted)))
            upload = release.open_uploads.create(
                begun_by=person,
                way=way,
                base=release.last_revision,
                seen=seen,
                files_digest=digest,
                size=sum(each.size for each in wanted),
                part_size=size,
            )
            OpenFile.objects.bulk_create(
                [
                    OpenFile(upload=upload, number=n, path=w.path, size=w.size, sha256=w.sha256)
                    for n, w in enumerate(wanted)
                ],
                batch_size=500,
            )
        _adopt(upload, person)
        return upload


def _again(
    release: Release, person: User, wanted: Sequence[Wanted], digest: str, seen: int | None
) -> OpenUpload | None:
    """The upload that goes on. Without digests nobody knows whether the bytes are the same."""
    if not all(each.sha256 for each in wanted):
        return None
    mine: OpenUpload | None = (
        release.open_uploads.unended().filter(begun_by=person, files_digest=digest).first()
    )
    if mine is None:
        return None
    changes: dict[str, Any] = {"seen": seen, "touched_at": now()}
    if mine.refused:  # they were told what is there now, and send it all the same
        changes |= {"base": release.last_revision, "refused": False, "problems": []}
    if not release.open_uploads.unended().filter(pk=mine.pk).update(**changes):
        return None  # cancelled, or ended, just now
    mine.refresh_from_db(fields=[*changes])
    return mine


def _adopt(upload: OpenUpload, person: User) -> None:
    """Take over what the person has sent of the same files in other uploads that have not ended:
    one that is begun anew with a file more sends that one only."""
    wanted = {(each.sha256, each.size): each for each in upload.files.all() if each.sha256}
    mine = OpenUpload.objects.unended().begun_by_person(person).exclude(pk=upload.pk)
    for other in mine.filter(part_size=upload.part_size).prefetch_related("files"):
        theirs = {each.number: wanted.get((each.sha256, each.size)) for each in other.files.all()}
        for (number, part), path in other.parts().items():
            if (file := theirs.get(number)) is not None:
                file.upload = upload
                upload.folder.mkdir(exist_ok=True)
                with suppress(OSError):  # gone meanwhile, or there already
                    os.link(path, file.place_of(part, path.name.rpartition("-")[2]))


def find(key: str, by: Person) -> OpenUpload | None:
    """The upload of this key, if it is this person's."""
    if not KEY.fullmatch(key):  # what no database takes, too
        return None
    rows = OpenUpload.objects.select_related("release__project__committee__parent", "begun_by")
    found: OpenUpload | None = rows.begun_by_person(by).filter(key=key).first()
    return found


def open_to(release: Release, person: Person) -> list[OpenUpload]:
    """What this person has begun to send to the release and not ended, newest first."""
    return list(release.open_uploads.unended().begun_by_person(person))


def progress_of(upload: OpenUpload, by: Person) -> list[Progress]:
    """How far each file is, in their order."""
    files = list(upload.files.all())
    known = known_to(by, (each.sha256 for each in files))
    present: dict[int, list[int]] = {}
    for number, part in upload.parts():
        present.setdefault(number, []).append(part)
    for each in files:
        each.upload = upload
    return [
        Progress(
            file=each,
            known=_is_known(each, known),
            present=tuple(sorted(present.get(each.number, ()))),
        )
        for each in files
    ]


def _is_known(file: OpenFile, known: dict[str, Blob]) -> bool:
    return file.sha256 in known and known[file.sha256].size == file.size


def put(
    upload: OpenUpload, number: int, offset: int, sha256: str, body: Readable, *, by: Person
) -> bool:
    """Take one part of a file, if it is what its digest says; False where it was there already, and
    nothing was read. Parts may come in any order, and several at once."""
    with recorded("put_part", by, upload.release):
        authorise(by, RIGHT, upload.release)
        require(upload.release.compose_obstacles())
        if upload.ended_at:
            raise Stale("This upload has ended, and takes no more parts.")
    file = upload.files.filter(number=number).first()
    expecting.require_digest(sha256)
    if file is None:
        raise BadInput(f"This upload has no file {number}.")
    file.upload = upload
    part, rest = divmod(offset, upload.part_size)
    if rest or not file.length_of(part):
        raise BadInput(
            f"{file.path} has no part that begins at {offset}: parts have {upload.part_size} bytes."
        )
    if _claims(file, part) == [file.place_of(part, sha256)]:
        return False
    if upload.is_in_hand:
        raise Stale("All of this upload has come, and it is being put together.")
    _write(file, part, sha256, body)
    for other in _claims(file, part):  # the later one counts
        if other != file.place_of(part, sha256):
            other.unlink(missing_ok=True)
    upload.touch()
    return True


def _claims(file: OpenFile, part: int) -> list[Path]:
    """What lies at the place of this part; more than one only while two are sent at once."""
    return list(file.upload.folder.glob(f"{file.number}-{part}-*"))


def _write(file: OpenFile, part: int, sha256: str, body: Readable) -> None:
    folder = file.upload.folder
    folder.mkdir(exist_ok=True)
    arriving = folder / f".{secrets.token_hex(8)}"
    try:
        got = _stream(body, arriving, file.length_of(part))
        if got.size != file.length_of(part):
            raise BadInput("The part was cut short, or has too many bytes. Send it again.")
        if got.sha256 != sha256:
            raise BadInput(
                f"A part of {file.path} is not what its digest says. Has the file changed while it "
                "was sent? Then begin again."
            )
        arriving.replace(file.place_of(part, sha256))
    except FileNotFoundError as error:
        raise Stale("This upload was cancelled, or has expired. Begin again.") from error
    finally:
        arriving.unlink(missing_ok=True)


def _stream(body: Readable, to: Path, most: int) -> Digest:
    """Write what comes, and not more than one byte too many."""
    digester = Digester()
    with to.open("xb") as target:
        while digester.size <= most and (block := body.read(min(BLOCK, most + 1 - digester.size))):
            digester.feed(block)
            target.write(block)
    return digester.digest()


def discard(upload: OpenUpload, *, by: Person) -> None:
    """Throw away what has come, at somebody's word; not by a token that is for reading only."""
    authorise(by, RIGHT, upload.release)
    cancel(upload)


def cancel(upload: OpenUpload) -> None:
    """Throw away what has come. One that has ended is what it is; only its row goes."""
    upload.delete()
    remove_folder(upload.folder)


def sweep() -> int:
    """Throw away the uploads that nobody has gone on with, and folders that no upload has."""
    gone = 0
    for upload in OpenUpload.objects.expired():
        cancel(upload)
        gone += 1
    known = set(OpenUpload.objects.unended().values_list("key", flat=True))
    oldest = time.time() - ORPHANED
    for folder in scratch().glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):
            unknown = folder.name.removeprefix(PREFIX) not in known
            if unknown and folder.lstat().st_mtime < oldest:
                remove_folder(folder)
                gone += 1
    return gone
