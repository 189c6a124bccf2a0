"""The end of an upload in parts: its files put together, and made part of the release at once.

A small one is ended while its sender waits. A large one is a job: reading gigabytes takes longer
than proxies wait for an answer.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from projects.lifecycle import authorise, require
from projects.roles import Person
from releases.landing import Landing
from releases.leftovers import remove_folder
from releases.models import Arrival, Blob, OpenFile, OpenUpload, Revision, Way
from releases.models.open_upload import GONE, known_to
from releases.resuming import RIGHT, Progress, progress_of, recorded
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.lib.digests import Digester, blocks
from trusted_releases.lib.errors import NotReady, Obstacle, Refused, Stale

SHOWN = 3  # files that a refusal names

Made = Revision | Arrival
Told = Callable[[int], None]  # bytes that have been read


def finish(upload: OpenUpload, *, by: Person) -> Made | None:
    """Make all its files part of the release, as one revision, or as an arrival where there is an
    archive among them. None while a worker puts them together: ask again, or for its state.

    Asked again it answers the same, and makes nothing more. What the worker could not do is raised
    once; asked after that, it is tried anew.
    """
    with upload.held():
        if upload.made:
            return upload.made
        if upload.is_in_hand:
            return None
        error = upload.take_problems()
    if error is not None:
        raise error
    with recorded("receive", by, upload.release):
        files = _whole(upload, by)
    if sum(each.file.size for each in files if not each.known) > settings.ASSEMBLE_AT_ONCE:
        return _ask(upload, by)
    return end(upload, by=by)


def _ask(upload: OpenUpload, by: Person) -> Made | None:
    """Have a worker do it. Of two who ask at once one does, and both get the same answer."""
    with upload.held():
        if not upload.made and not upload.is_in_hand:
            upload.asked_at = upload.touched_at = now()
            upload.acted_by, upload.bytes_done = getattr(by, "acted_by", None), 0
            upload.save(update_fields=["asked_at", "touched_at", "acted_by", "bytes_done"])
            enqueue(
                "releases.assemble", release=upload.release_id, subject=upload, upload=upload.pk
            )
    return upload.made


def end(
    upload: OpenUpload,
    *,
    by: Person,
    told: Told = lambda _: None,
    holding: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Made:
    """Put it together, and make it part of the release. May be done twice, at once or after a
    crash: there is one revision. `holding` says whether the one who does it still may."""
    release = upload.release
    with recorded("receive", by, release):
        try:
            blobs = dict(_blobs(_whole(upload, by), by, told))
        except FileNotFoundError as error:
            return _ended(upload, error)
    made, refused = None, None
    with holding(), release.held(), upload.held():
        if upload.made:
            return upload.made
        try:
            way, base = Way(upload.way), upload.base
            made = release.receive(blobs, by=by, way=way, base=base, seen=upload.seen)
        except (Refused, PermissionDenied) as error:  # its event is to stay
            refused = error
            upload.refused = True
            upload.save(update_fields=["refused"])
        else:
            _end(upload, made)
    if refused is not None:
        raise refused
    assert made is not None  # noqa: S101 - one of the two
    remove_folder(upload.folder)
    return made


def _end(upload: OpenUpload, made: Made) -> None:
    upload.ended_at, upload.refused = now(), False
    upload.revision = made if isinstance(made, Revision) else None
    upload.arrival = made if isinstance(made, Arrival) else None
    upload.save(update_fields=["refused", "ended_at", "revision", "arrival"])


def _ended(upload: OpenUpload, error: FileNotFoundError) -> Made:
    """What became of an upload whose parts went while they were read: somebody else has ended it,
    or cancelled it."""
    found = OpenUpload.objects.filter(pk=upload.pk).select_related("revision", "arrival").first()
    if found is None or found.made is None:
        raise Stale(GONE) from error
    return found.made


def _whole(upload: OpenUpload, by: Person) -> list[Progress]:
    """Its files, all of which have come, if this person may give them to the release now."""
    authorise(by, RIGHT, upload.release)
    require(upload.release.compose_obstacles(upload.seen))
    files = progress_of(upload, by)
    if missing := [each.file.path for each in files if not each.is_whole]:
        raise NotReady([_missing(missing)])
    return files


def _blobs(files: Sequence[Progress], by: Person, told: Told) -> Iterator[tuple[str, Blob]]:
    """Each file in the store, put together where it came in parts."""
    known = known_to(by, (each.file.sha256 for each in files if each.known))
    parts = files[0].file.upload.parts()
    done = 0
    for each in files:
        file = each.file
        told(done)
        if file.sha256 in known:
            yield file.path, known[file.sha256]
        else:
            places = [_there(parts, file, part) for part in each.present]
            yield file.path, _together(file, places, partial(_told, told, done))
        done += file.size  # of those that are here already too: they are part of the whole


def _told(told: Told, before: int, size: int) -> None:
    told(before + size)


def _there(parts: dict[tuple[int, int], Path], file: OpenFile, part: int) -> Path:
    """Where a part lies that was there a moment ago."""
    try:
        return parts[file.number, part]
    except KeyError as error:
        raise FileNotFoundError from error


def _missing(paths: list[str]) -> Obstacle:
    others = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return Obstacle(
        "parts_missing",
        f"Not all has come: parts of {', '.join(paths[:SHOWN])}{others} are missing. Ask "
        "which, and send them.",
    )


def _together(file: OpenFile, places: Iterable[Path], told: Told) -> Blob:
    """The file, put together of its parts, each of which is looked at again on the way."""
    with Landing() as landing:
        for place in places:
            digester = Digester()
            with place.open("rb") as stream:
                for block in blocks(stream):
                    digester.feed(block)
                    landing.feed(block)
                    told(landing.size)
            if digester.digest().sha256 != place.name.rpartition("-")[2]:
                place.unlink(missing_ok=True)  # the disk has damaged it: it is to come again
                raise NotReady([_missing([file.path])])
        return landing.keep(file.sha256)
