"""What one run of rsync means for a release: who may, the folder it works in, what becomes of it.

The folder is made for this run and gone after it. Files that are sent come into one that holds no
byte of the release, so nothing of it can be overwritten, and a run that is cut short leaves
nothing. With --delete the names of the release's files are there: rsync itself knows which of them
the sender's filters keep. Nothing here knows of SSH; all of it blocks, and belongs into a thread.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from projects.lifecycle import authorise, require
from projects.models import Project, User
from releases.leftovers import remove_folder
from releases.models import Arrival, Blob, Release, Revision, Way
from releases.models.arrival import Changes
from releases.models.blob import scratch
from releases.models.usage import obstacles_before
from releases.phases import Phase
from releases.ssh import contents
from releases.ssh.commands import Command
from releases.ssh.contents import Full
from trusted_releases.ledger.limits import actor_of, spend
from trusted_releases.ledger.models import Event
from trusted_releases.lib.digests import digest_of
from trusted_releases.lib.errors import BadInput, Refused
from trusted_releases.lib.paths import check_path

PREFIX = "rsync-"  # of the folders' names
RIGHT = "releases.change_files"


@dataclass(frozen=True)
class Session:
    """One run that may begin. `begun` is the release's newest revision at that moment."""

    person: User
    command: Command
    project: Project
    release: Release | None  # None: the first files make it
    begun: int
    place: Path  # ours; rsync gives the folder below it the time and the mode of theirs

    @property
    def folder(self) -> Path:
        return self.place / "files"

    def discard(self) -> None:
        remove_folder(self.place)


def begin(person: User, command: Command) -> Session:
    """Look whether the person may, and make the folder. Raises a Refused, also limits.TooMany, or
    PermissionDenied with a sentence for their terminal; a refused upload is on record."""
    _require_here(person, command)
    release = Release.objects.visible_to(person).of_key(command.project, command.version)
    found = release.select_related("project__committee__parent", "candidate").first()
    project = found.project if found else _project(command)
    if command.gives:
        _require_gift(found, command)
    else:
        spend(actor_of(person, ""), "release.upload")
        if found is None:
            spend(actor_of(person, ""), "release.create")
        _require_draft(found, project, command, person)
    place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=scratch()))
    begun = found.last_revision if found else 0
    session = Session(person, command, project, found, begun, place)
    try:
        session.folder.mkdir()
        if command.gives:
            _lay_out(session)
        elif command.deletes:
            _name_all(session)
    except BaseException:
        session.discard()
        raise
    return session


def _require_here(person: User, command: Command) -> None:
    """Who comes by what is for one project learns nothing of others."""
    bound = person.bound_to
    if bound is None or bound.slug == command.project:
        return
    error = PermissionDenied(f"What you come by is for the project {bound.slug} only.")
    Event.objects.record_refusal("receive", by=person, subject=bound, error=error)
    raise error


def _project(command: Command) -> Project:
    found: Project | None = (
        Project.objects.select_related("committee__parent").filter(slug=command.project).first()
    )
    if found is None:
        raise BadInput(f"There is no project {command.project}.")
    return found


def _require_gift(release: Release | None, command: Command) -> None:
    if release is None:
        raise BadInput(f"There is no release {command.project} {command.version} that you may see.")
    if release.phase == Phase.RELEASED:
        address = f"{settings.SITE_URL}{release.get_absolute_url()}"
        raise BadInput(f"{release} is released. Download it: {address}")


def _require_draft(
    release: Release | None, project: Project, command: Command, person: User
) -> None:
    """This person may send files there now, or may begin the release by it."""
    subject = release or project
    try:
        if release is not None:
            authorise(person, RIGHT, release)
            require(release.compose_obstacles())
        else:
            authorise(person, "releases.start_release", project)
            new = Release(project=project, version=command.version)
            new.clean_version()
            require(new.start_obstacles())
    except (Refused, PermissionDenied) as error:
        Event.objects.record_refusal("receive", by=person, subject=subject, error=error)
        raise


def _lay_out(session: Session) -> None:
    """Put the files that somebody wants into the folder, each under another name for its bytes
    where the file system allows."""
    release, wanted = session.release, session.command.folder
    assert release is not None  # noqa: S101 - looked at before
    number = release.candidate.number if release.candidate else release.last_revision
    for entry in release.entries.at(number).with_blobs():
        if not entry.path.startswith(wanted):
            continue
        target = session.folder / entry.path.removeprefix(wanted)
        target.parent.mkdir(parents=True, exist_ok=True)
        with entry.blob.local_file() as stored:
            try:
                os.link(stored, target)
            except OSError:
                shutil.copy2(stored, target)


def _name_all(session: Session) -> None:
    """Have the release's files in the folder by their names only, for rsync to delete there."""
    if session.release is not None:
        wanted = session.command.folder
        paths = session.release.entries.at(session.begun).values_list("path", flat=True)
        below = (path.removeprefix(wanted) for path in paths if path.startswith(wanted))
        contents.name_all(session.folder, below)


def full(session: Session) -> Full:
    """How much has come until now; NotReady when it is more than a release may have, or than its
    project has room for."""
    found = contents.full(session.folder)
    subject = session.release or Release(project=session.project)
    require(obstacles_before(subject, found.size))
    return found


def end(session: Session) -> str:
    """Take what has come, as one revision; what became of it, in a sentence. Raises a Refused or
    PermissionDenied when nothing was taken."""
    if session.command.gives:
        return ""
    try:
        arrived = _arrived(session)
        left = {path for path, file in arrived if file.is_symlink()}
        kept = {path: _kept(file, path) for path, file in arrived if path not in left}
        return _told(session, *_received(session, kept, left))
    except (Refused, PermissionDenied) as error:
        subject = session.release or session.project
        Event.objects.record_refusal("receive", by=session.person, subject=subject, error=error)
        raise


def _arrived(session: Session) -> list[tuple[str, Path]]:
    """Every file in the folder with its path in the release, also those that are there by name
    only: rsync has neither replaced nor deleted them. BadInput for what is none."""
    found = [
        (check_path(f"{session.command.folder}{file.relative_to(session.folder).as_posix()}"), file)
        for file in sorted(contents.files_below(session.folder))
    ]
    if len(found) > settings.MAX_FILES:
        raise contents.too_much(f"{settings.MAX_FILES} files")
    return found


def _kept(file: Path, path: str) -> Blob:
    size = file.stat().st_size
    if size > settings.MAX_FILE_SIZE:
        raise BadInput(f"{path} has {size} bytes; a file has at most {settings.MAX_FILE_SIZE}.")
    with file.open("rb") as stream:
        digest = digest_of(stream)
    return Blob.objects.keep(file, digest)


def _received(
    session: Session, kept: dict[str, Blob], left: set[str]
) -> tuple[Release | None, Revision | Arrival | None]:
    """The release, and what came of the files; None where they change nothing."""
    with transaction.atomic():
        release = session.release or _release(session, kept)
        if release is None:
            return None, None
        before = _blobs(release, session.begun)
        changes: dict[str, Blob | None] = {
            path: blob for path, blob in kept.items() if before.get(path) != blob
        }
        if session.command.deletes:
            there = {path for path in before if path.startswith(session.command.folder)}
            changes |= dict.fromkeys(there - set(kept) - left)
        if not changes:
            return release, None
        return release, _receive(release, changes, session)


def _receive(release: Release, changes: Changes, session: Session) -> Revision | Arrival:
    begun = session.begun if session.release else release.last_revision
    return release.receive(changes, by=session.person, way=Way.RSYNC, base=begun)


def _release(session: Session, kept: dict[str, Blob]) -> Release | None:
    """The release that the first files begin; it may have been begun meanwhile."""
    if not kept:
        return None
    key = (session.command.project, session.command.version)
    visible = Release.objects.visible_to(session.person).of_key(*key)
    known: Release | None = visible.select_related("project__committee").first()
    return known or Release.objects.start(
        session.project, session.command.version, by=session.person
    )


def _blobs(release: Release, number: int) -> dict[str, Blob]:
    return {each.path: each.blob for each in release.entries.at(number).with_blobs()}


def _told(session: Session, release: Release | None, made: Revision | Arrival | None) -> str:
    if release is None:
        return "No file has come, so nothing was begun."
    address = f"{settings.SITE_URL}{release.get_absolute_url()}"
    if made is None:
        return f"Nothing has changed: {release} has these files already. {address}"
    if isinstance(made, Revision):
        return f"Revision {made.number} of {release}: {made.description}. {address}"
    return (
        f"Received {made.title} for {release}. It becomes a revision when each archive in it was "
        f"found safe and whole: {address}"
    )
