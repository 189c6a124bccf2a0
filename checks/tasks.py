"""Jobs about checks. Each may run twice, and then does nothing more.

The quick checks come first, on the queue of short jobs: names, checksums, signatures. Archives wait
for the heavy queue, where others may be in front: `checks.rest` goes on where the first job ended.
"""

import time
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q
from django.utils.timezone import now

from checks import keyuses
from checks.admitting import look_into
from checks.engine.child import FOLDER
from checks.engine.plan import rules_digest
from checks.models import Run
from checks.sources import Problem, fetch
from checks.working import QUICK, Rest, Work
from releases.models import Arrival, Publication, Release, Revision, Source
from releases.phases import Phase, Verdict
from trusted_releases.ledger.jobs import RunningJob, enqueue, job, schedule
from trusted_releases.ledger.models import Event
from trusted_releases.lib import testing
from trusted_releases.lib.errors import Stale
from trusted_releases.lib.held import clear_abandoned

LONGEST = 6 * 3600  # seconds for one revision; each file has its own, shorter limit
FETCHES = 3  # times that a fetch is tried before it has failed


@job("checks.run", limit=LONGEST)
def run(running: RunningJob, event: int) -> dict[str, Any]:
    """Begin to check the revision that this event made. A commit that could not be had is tried
    again."""
    revision = _revision(Event.objects.get(pk=event).key)
    if revision is not None:
        _ask_again(running, revision.release)
        time.sleep(testing.delay_of(_brought_by_operators(revision)))
    return _check(running, revision, Work)


def _brought_by_operators(revision: Revision) -> Any:
    """The paths of files that somebody with all rights has brought with this revision."""
    new = revision.release.entries.filter(since=revision.number, uploaded_by__is_superuser=True)
    return new.values_list("path", flat=True)


@job("checks.run_revision", limit=LONGEST)
def run_revision(running: RunningJob, revision: int) -> dict[str, Any]:
    """Begin to check a revision again: keys or policy have changed."""
    return _check(running, _revision(revision), Work)


@job("checks.rest", queue="heavy", limit=LONGEST)
def rest(running: RunningJob, revision: int) -> dict[str, Any]:
    """Do what the quick checks of a revision have left."""
    return _check(running, _revision(revision), Rest)


@job("checks.run_newest", limit=LONGEST)
def run_newest(running: RunningJob, event: int) -> dict[str, Any]:
    """Check the newest revision of the release that this event is about: its source is another."""
    release = Release.objects.filter(pk=Event.objects.get(pk=event).key).first()
    return _check(running, release and release.newest, Work)


@job("checks.admit", limit=LONGEST)
def admit(running: RunningJob, event: int) -> dict[str, Any]:
    """Look into the archives that this event says were sent; large ones wait for their like."""
    arrival = _arrival(Event.objects.get(pk=event).key)
    size = 0 if arrival is None else sum(each.held_blob.size for each in arrival.archives)
    if arrival is None or size <= QUICK:
        return _admit(running, arrival)
    with running.holding():
        enqueue(
            "checks.admit_large",
            key=f"admit-{arrival.pk}",
            release=arrival.release_id,
            subject=arrival,
            arrival=arrival.pk,
        )
    return {"large": size}


@job("checks.admit_large", queue="heavy", limit=LONGEST)
def admit_large(running: RunningJob, arrival: int) -> dict[str, Any]:
    """Look into large archives."""
    return _admit(running, _arrival(arrival))


def _arrival(key: str | int) -> Arrival | None:
    """The upload, while it waits."""
    waiting = Arrival.objects.waiting().select_related("release__project", "sent_by")
    found: Arrival | None = waiting.filter(pk=key).first()
    return found


def _admit(running: RunningJob, arrival: Arrival | None) -> dict[str, Any]:
    if arrival is None:
        return {"settled": True}
    problems = look_into(arrival)
    try:
        with running.holding():
            if problems:
                arrival.record_refused(problems)
            else:
                arrival.record_admitted()
    except Stale as error:
        return {"gone": str(error)}
    return {"state": str(arrival.state), "revision": arrival.revision, "problem": arrival.problem}


@job("checks.fetch_source", queue="source", max_attempts=FETCHES)
def fetch_source(running: RunningJob, event: int) -> dict[str, Any]:
    """Fetch the commit that this event says a release was made from."""
    return _fetch(running, Source.objects.filter(release=Event.objects.get(pk=event).key).first())


@job("checks.fetch_source_anew", queue="source", max_attempts=FETCHES)
def fetch_source_anew(running: RunningJob, source: int) -> dict[str, Any]:
    """Fetch a commit that waits, and whose first job is gone."""
    return _fetch(running, Source.objects.filter(pk=source).first())


def _ask_again(running: RunningJob, release: Release) -> None:
    """Fetch what could not be fetched before."""
    source = Source.objects.filter(release=release, state=Source.State.FAILED).first()
    if source is None:
        return
    with running.holding():
        if source.record_awaited():
            enqueue(
                "checks.fetch_source_anew",
                key=f"source-{source.pk}-{source.asked}",
                release=release.pk,
                subject=release,
                source=source.pk,
            )


def _fetch(running: RunningJob, source: Source | None) -> dict[str, Any]:
    if source is None or not source.is_waiting:
        return {"settled": True}
    asked = source.asked
    try:
        commit, inventory = fetch(source)
    except Problem as error:
        if error.again and running.attempt < FETCHES:
            raise
        with running.holding():
            source.record_failed(asked, problem=str(error))
        return {"problem": str(error)}
    with running.holding():
        kept = source.record_fetched(asked, commit=commit, inventory=inventory)
    return {"commit": commit, "kept": kept}


@job("checks.recheck")
def recheck(running: RunningJob, event: int) -> dict[str, Any]:
    """Keys or policy have changed: every draft that they matter to is checked again."""
    what = Event.objects.get(pk=event)
    drafts = Release.objects.in_phase(Phase.COMPOSE).filter(last_revision__gt=0)
    if what.project:
        drafts = drafts.filter(project__slug=what.project)
    elif what.committee:  # else the foundation's policy has changed, which is about all
        drafts = drafts.filter(project__committee__slug=what.committee)
    # A draft that was begun again after a deletion counts on, and may have no revision yet.
    revisions = [newest for release in drafts if (newest := release.newest)]
    for revision in revisions:
        _run_again(revision, f"recheck-{event}-{revision.pk}")
    return {"revisions": len(revisions)}


@job("checks.record_key_uses")
def record_key_uses(running: RunningJob, event: int = 0) -> dict[str, Any]:
    """A release is published, or its embargo is over: the keys that signed it are never lost.
    Without an event, all of which nothing is written down yet."""
    done: Iterable[Publication] = keyuses.unrecorded()
    if event:
        done = keyuses.public().filter(release=Event.objects.get(pk=event).release)
    found = [keyuses.record(each) for each in done]
    return {"releases": len(found), "signatures": sum(found)}


@job("checks.refresh")
def refresh(running: RunningJob) -> dict[str, Any]:
    """Check drafts again whose verdict is overtaken: by newer rules, by the clock, or by what is
    known of people, such as whose address that of a key is.

    What has not changed is known, so that this costs little; until it is done no vote begins.
    """
    newest = Q(release__phase=Phase.COMPOSE, number=F("release__last_revision"))
    judged = Revision.objects.filter(newest).exclude(verdict=Verdict.PENDING)
    by_others = Q(run__isnull=False) & ~Q(run__rules=rules_digest())
    late = list(judged.filter(Q(holds_until__lte=now()) | by_others))
    known = {each.pk for each in late}
    _refresh_under_another(
        each for each in judged.select_related("release") if each.pk not in known
    )
    for revision in late:
        key = f"refresh-{revision.pk}-{rules_digest()[:16]}-{revision.holds_until}"
        _run_again(revision, key)
    return {"revisions": len(late)}


def _run_again(revision: Revision, key: str) -> None:
    enqueue(
        "checks.run_revision",
        key=key,
        release=revision.release_id,
        subject=revision,
        revision=revision.pk,
    )


def _refresh_under_another(revisions: Iterable[Revision]) -> None:
    """What KEYS files say of people changes without an event about the committee."""
    for revision in revisions:
        basis = revision.release.check_basis()
        if revision.verdict_under_another(basis):
            key = f"basis-{revision.pk}-{revision.basis[:16]}-{basis[:16]}-{now():%Y%m%d%H}"
            _run_again(revision, key)


@job("checks.clean")
def clean(running: RunningJob) -> dict[str, Any]:
    """Remove the folders of check processes whose worker was killed before it could."""
    return {"removed": clear_abandoned(FOLDER)}


schedule("checks.clean", 6 * 3600)
schedule("checks.record_key_uses", 24 * 3600)
schedule("checks.refresh", 15 * 60)


def _revision(key: str | int) -> Revision | None:
    return Revision.objects.select_related("release").filter(pk=key).first()


def _check(running: RunningJob, revision: Revision | None, work: type["Work"]) -> dict[str, Any]:
    if revision is None:
        return {"gone": "The release was deleted before its checks ran."}
    release = revision.release
    try:
        with release.held():
            checked, _ = Run.objects.get_or_create(revision=revision)
            if revision.number != release.last_revision or release.phase != Phase.COMPOSE:
                if checked.state != Run.State.DONE:
                    checked.record_progress(state=Run.State.SUPERSEDED)
                return {"superseded": True}
        return work(running, revision, checked).do()
    except Stale as error:
        return {"gone": str(error)}
