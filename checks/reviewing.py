"""A review between the row that asks for it, what fetches, and the engine that checks."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from checks import review_files
from checks.engine.child import ChildLimits, run_in_child
from checks.engine.folder import MAX_KEYS
from checks.engine.model import Candidate, File, Policy
from checks.engine.plan import plan
from checks.examine import UNIT_SECONDS
from checks.models import Review
from checks.review_files import KEYS, Stored
from checks.review_report import Collector, Report
from keys.models import keys_document
from releases.importing import web
from releases.importing.address import Problem
from releases.importing.fetched import Bounds, Fetched
from releases.models.importing import allowed_here
from trusted_releases.lib.digests import Digest

__all__ = ["Abandoned", "Problem", "check", "fetch"]

TICK = 0.5  # seconds between two writes of how far it is
Tell = Callable[[int, int], bool]  # bytes, bytes in all; False when nobody waits any more


class Abandoned(Exception):
    """Nobody waits for it any more: it was deleted, or has ended elsewhere."""


class _Progress:
    """Tells now and then how far it is, and ends the work that nobody waits for."""

    def __init__(self, tell: Tell, total: int = 0) -> None:
        self._tell, self._total = tell, total
        self._last = 0.0
        self.before = 0

    def __call__(self, done: int, total: int = 0) -> None:
        if time.monotonic() - self._last < TICK:
            return
        self._last = time.monotonic()
        if not self._tell(self.before + done, self._total or total):
            raise Abandoned


def fetch(row: Review, tell: Tell) -> list[Stored]:
    """Fetch what it names by address, and store it. Raises Problem and Abandoned.

    Call it outside transactions: it takes as long as others' servers take.
    """
    progress = _Progress(tell)
    found = {each.path: each for each in row.stored}
    if row.url:
        came = _fetched(
            row,
            row.url,
            Bounds(
                seconds=settings.IMPORT_SECONDS,
                total_bytes=min(settings.MAX_REVIEW_SIZE, settings.IMPORT_BYTES),
                file_bytes=settings.MAX_FILE_SIZE,
                files=settings.MAX_REVIEW_FILES,
            ),
            progress,
        )
        found |= {path: _named(each, path) for path, each in came.blobs.items()}
    if row.keys_url:
        bounds = Bounds(settings.IMPORT_SECONDS, MAX_KEYS, MAX_KEYS, 1)
        came = _fetched(row, row.keys_url, bounds, progress)
        if row.keys_url.endswith("/") or not came.blobs:
            raise Problem("The address of KEYS is that of a file, not of a folder.")
        found[KEYS] = _named(next(iter(came.blobs.values())), KEYS)
    if set(found) <= {KEYS}:
        raise Problem(
            f"There is no file at {row.url} that a release could hold. Give the address of the "
            "folder with the artifacts."
        )
    return list(found.values())


def _fetched(row: Review, url: str, bounds: Bounds, progress: _Progress) -> Fetched:
    def store(file: Path, digest: Digest) -> Stored:
        return review_files.put(row.key, "", file, digest)

    def told(files: int, of_files: int, size: int, of_size: int) -> None:
        progress(size, of_size)

    fetched = Fetched(bounds, told, store)
    web.fetch(url, allowed_here(), fetched)
    return fetched


def _named(stored: Stored, path: str) -> Stored:
    return Stored(path, stored.name, stored.size, stored.sha256, stored.sha512)


def policy_of(row: Review) -> Policy:
    """What a candidate is judged by that belongs to no project of ours."""
    return Policy(version=row.version, podling=row.podling, foundation=settings.FOUNDATION)


def check(row: Review, tell: Tell) -> Report:
    """Check what is stored, in a child process with the limits that releases have too.

    Raises Problem where nothing can be said, and Abandoned.
    """
    stored = [each for each in row.stored if each.path != KEYS]
    try:
        with ExitStack() as stack:
            places = [stack.enter_context(review_files.local(each)) for each in stored]
            files = tuple(map(_placed, stored, places))
            keys, origin = _keys(row)
            candidate = Candidate(files, policy_of(row), keys)
            return _run(candidate, tell).report(candidate, **_about(row, origin))
    except review_files.Gone as error:
        raise Problem(
            "The files were gone before they were checked. Have them checked again."
        ) from error


def _placed(stored: Stored, place: Path) -> File:
    return File(stored.path, place, stored.size, stored.sha256, stored.sha512)


def _run(candidate: Candidate, tell: Tell) -> Collector:
    units = plan(candidate)
    progress = _Progress(tell, sum(unit.size for unit in units))
    sizes = {unit.key: unit.size for unit in units}
    found = Collector()
    results = run_in_child(
        candidate,
        units,
        timeout=UNIT_SECONDS,
        on_progress=lambda key, done, total: progress(done),
        limits=ChildLimits(settings.CHECK_MEMORY, settings.CHECK_SECONDS),
    )
    for result in results:
        found.take(result)
        progress.before += sizes[result.key]
        progress(0)
    return found


def _keys(row: Review) -> tuple[bytes, dict[str, str]]:
    """The certificates that signatures are held against, and where they are from."""
    if row.keys_committee is not None:
        committee = row.keys_committee
        return keys_document(committee), {"from": "committee", "name": committee.name}
    for each in row.stored:
        if each.path == KEYS:
            if each.size > MAX_KEYS:
                raise Problem(f"KEYS is larger than {MAX_KEYS >> 20} MB, and no KEYS file is.")
            with review_files.local(each) as place:
                found = place.read_bytes()
            if row.keys_url:
                return found, {"from": "address", "name": row.keys_url}
            return found, {"from": "files", "name": KEYS}
    return b"", {"from": "nowhere", "name": ""}


def _about(row: Review, origin: dict[str, str]) -> dict[str, object]:
    return {
        "title": row.title,
        "source": row.url or "files that were sent",
        "asked_at": row.asked_at.isoformat(timespec="seconds"),
        "expires_at": row.expires_at.isoformat(timespec="seconds"),
        "keys": origin,
    }
