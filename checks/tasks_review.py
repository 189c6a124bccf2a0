"""Jobs about candidates from elsewhere. Each may run twice, and then does nothing more.

Small ones are checked at once on the queue of short jobs; large ones wait among their like, and
what is fetched waits where other people's servers are waited for.
"""

from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from checks import review_files, reviewing
from checks.models import Review
from checks.models.review import LOST, UNENDED
from checks.tasks import FETCHES, LONGEST
from checks.working import QUICK
from trusted_releases.ledger.jobs import RunningJob, enqueue, job, schedule
from trusted_releases.ledger.models import Event

ORPHANED = timedelta(hours=6)  # how long files may be there before their row is


class TryAgain(Exception):
    """The other server could not be asked just now. It says no more: operators read this."""


@job("checks.review", limit=LONGEST)
def review(running: RunningJob, event: int) -> dict[str, Any]:
    """Begin with what this event asks for."""
    row = _waiting(Event.objects.get(pk=event).key)
    if row is None:
        return {"settled": True}
    if row.url or row.keys_url:
        return _hand_on(running, row, "checks.fetch_review")
    if row.size > QUICK:
        return _hand_on(running, row, "checks.check_review")
    return _check(running, row)


@job("checks.fetch_review", queue="source", max_attempts=FETCHES, limit=LONGEST)
def fetch_review(running: RunningJob, review: int) -> dict[str, Any]:
    """Fetch what is to be checked."""
    row = _waiting(review)
    if row is None or not row.record_begun(Review.State.FETCHING):
        return {"settled": True}
    try:
        files = reviewing.fetch(row, row.record_progress)
    except reviewing.Abandoned:
        return _gone(row)
    except reviewing.Problem as error:
        if error.again and running.attempt < FETCHES:
            raise TryAgain("The server at the address could not be asked.") from None
        return _failed(running, row, str(error))
    with running.holding():
        kept = row.record_fetched(files)
        if kept:
            _enqueue("checks.check_review", row)
    return {"files": len(files)} if kept else _gone(row)


@job("checks.check_review", queue="heavy", limit=LONGEST)
def check_review(running: RunningJob, review: int) -> dict[str, Any]:
    """Check what is there."""
    row = _waiting(review)
    return {"settled": True} if row is None else _check(running, row)


@job("checks.sweep_reviews")
def sweep(running: RunningJob) -> dict[str, int]:
    """Delete what has expired, end what lost its worker, and remove the files of what is gone."""
    expired = [row.record_expired() for row in Review.objects.expired().for_listing()]
    unended = Review.objects.unended().for_listing().select_related("owner")
    lost = [row.record_failed(LOST) for row in unended if not row.is_in_hand]
    return {"expired": sum(expired), "lost": sum(lost), "folders": _sweep_folders()}


def _sweep_folders() -> int:
    """Remove the folders that no review waits with; how many."""
    keys = review_files.folders()
    states = dict(Review.objects.filter(key__in=keys).values_list("key", "state"))
    removed = 0
    for key in keys:
        state = states.get(key)
        if state in UNENDED or (state is None and _may_be_arriving(key)):
            continue
        review_files.remove(key)
        removed += 1
    return removed


def _may_be_arriving(key: str) -> bool:
    """Whether somebody may be about to write the row that this folder is for."""
    at = review_files.newest(key)
    return at is not None and at > now() - ORPHANED


schedule("checks.sweep_reviews", 3600)


def _waiting(key: str | int) -> Review | None:
    rows = Review.objects.unended().select_related("owner", "keys_committee")
    found: Review | None = rows.filter(pk=key).first()
    return found


def _enqueue(name: str, row: Review) -> None:
    enqueue(name, key=f"{name}-{row.pk}", subject=row, review=row.pk)


def _hand_on(running: RunningJob, row: Review, name: str) -> dict[str, Any]:
    with running.holding():
        _enqueue(name, row)
    return {"handed_on": name}


def _check(running: RunningJob, row: Review) -> dict[str, Any]:
    if not row.record_begun(Review.State.CHECKING):
        return _gone(row)
    try:
        report = reviewing.check(row, row.record_progress)
    except reviewing.Abandoned:
        return _gone(row)
    except reviewing.Problem as error:
        return _failed(running, row, str(error))
    with running.holding():
        kept = row.record_done(report)
    return {"files": row.file_count} if kept else _gone(row)


def _failed(running: RunningJob, row: Review, problem: str) -> dict[str, Any]:
    with running.holding():
        kept = row.record_failed(problem)
    return {"failed": True} if kept else _gone(row)


def _gone(row: Review) -> dict[str, Any]:
    """Nobody waits for it any more: what this worker has put there goes as well."""
    if not Review.objects.unended().filter(pk=row.pk).exists():
        review_files.remove(row.key)
    return {"gone": True}
