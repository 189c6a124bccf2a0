"""Jobs about checks. Each may run twice, and then does nothing more."""

import shutil
import time
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from checks.engine.child import FOLDER
from checks.engine.model import Level
from checks.engine.plan import Unit, plan
from checks.engine.run import UnitResult
from checks.examine import candidate_of, examine, known_results
from checks.models import Result, Run
from releases.models import Release, Revision
from releases.phases import Phase, Verdict
from trusted_releases.ledger.jobs import RunningJob, enqueue, job, schedule
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import Stale

TICK = 0.5  # seconds between two writes of how far it is
LONGEST = 6 * 3600  # seconds for one revision; each file has its own, shorter limit
LEFTOVER_AGE = 24 * 3600  # seconds; a folder of a check that is older belongs to nobody


@job("checks.run", queue="heavy", limit=LONGEST)
def run(running: RunningJob, event: int) -> dict[str, Any]:
    """Check the revision that this event made."""
    key = Event.objects.get(pk=event).key
    return _check(running, _revision(key))


@job("checks.run_revision", queue="heavy", limit=LONGEST)
def run_revision(running: RunningJob, revision: int) -> dict[str, Any]:
    """Check a revision again: keys or policy have changed."""
    return _check(running, _revision(revision))


@job("checks.recheck")
def recheck(running: RunningJob, event: int) -> dict[str, Any]:
    """Keys or policy have changed: every draft that they matter to is checked again."""
    what = Event.objects.get(pk=event)
    drafts = Release.objects.in_phase(Phase.COMPOSE).filter(last_revision__gt=0)
    if what.project:
        drafts = drafts.filter(project__slug=what.project)
    else:
        drafts = drafts.filter(project__committee__slug=what.committee)
    # A draft that was begun again after a deletion counts on, and may have no revision yet.
    revisions = [newest for release in drafts if (newest := release.newest)]
    for revision in revisions:
        enqueue(
            "checks.run_revision",
            key=f"recheck-{event}-{revision.pk}",
            release=revision.release_id,
            subject=revision,
            revision=revision.pk,
        )
    return {"revisions": len(revisions)}


@job("checks.clean")
def clean(running: RunningJob) -> dict[str, Any]:
    """Remove the folders of check processes whose worker was killed before it could."""
    oldest = time.time() - LEFTOVER_AGE
    gone = 0
    for folder in Path(gettempdir()).glob(f"{FOLDER}*"):
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return {"removed": gone}


schedule("checks.clean", 6 * 3600)


def _revision(key: str | int) -> Revision | None:
    return Revision.objects.select_related("release").filter(pk=key).first()


def _check(running: RunningJob, revision: Revision | None) -> dict[str, Any]:
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
        units = _Work(running, revision, checked).do()
    except Stale as error:
        return {"gone": str(error)}
    return {"units": units, "verdict": revision.verdict}


class _Work:
    """One attempt at checking one revision."""

    def __init__(self, running: RunningJob, revision: Revision, checked: Run) -> None:
        self.running = running
        self.revision = revision
        self.run = checked
        self._bytes = 0
        self._told = 0.0

    def do(self) -> int:
        """Check until a verdict is recorded; how many units that were.

        Keys or policy may change meanwhile, and another worker may judge by the new ones first.
        Its verdict must not be replaced by one under the old: what is outdated is done again.
        """
        while True:
            basis = self.revision.release.check_basis()
            results = self._examine()
            if self._finish(results, basis):
                return len(results)

    def _examine(self) -> list[int]:
        """The keys of the results of all units; those that are not known yet are made."""
        candidate = candidate_of(self.revision)
        units = plan(candidate)
        known = known_results(units)
        missing = [unit for unit in units if unit.key not in known]
        self._begin(units, missing, list(known.values()))
        fresh = examine(self.revision, candidate, missing, self._progress)
        return [row.pk for row in known.values()] + [self._keep(each) for each in fresh]

    def _begin(self, units: tuple[Unit, ...], missing: list[Unit], known: list[Result]) -> None:
        with self.running.holding(), self.revision.release.held():
            self.run.begin(
                len(units),
                sum(unit.size for unit in missing),
                known,
                attempt=self.running.attempt,
            )
            if self.running.previous_lost:
                note = (
                    "The worker that ran these checks stopped in the middle. "
                    f"Another one took over (attempt {self.running.attempt}) and kept "
                    f"{len(known)} of {len(units)} results."
                )
                self.run.record_progress(note=note)
                self.run.note = note
        self._sizes = {unit.key: unit.size for unit in missing}

    def _keep(self, result: UnitResult) -> int:
        """Store one result as soon as it is there: a worker that dies loses the rest only."""
        # The release first, as everywhere: who waits for it must not hold a result that others use.
        with self.running.holding(), self.revision.release.held():
            row = Result.objects.keep(result)
            self.run.results.add(row)
            self._bytes += self._sizes[result.key]
            self.run.units_done += 1
            self.run.record_progress(units_done=self.run.units_done, bytes_done=self._bytes)
        return row.pk

    def _progress(self, key: str, done: int, total: int) -> None:
        if time.monotonic() - self._told > TICK:
            self._told = time.monotonic()
            self.run.record_progress(bytes_done=self._bytes + done)

    def _finish(self, results: list[int], basis: str) -> bool:
        """Record the verdict; False, and nothing recorded, when keys or policy have changed.

        Findings are counted by the database: hostile files can have more than memory holds.
        """
        with self.running.holding(), self.revision.release.held():
            if self.revision.release.check_basis() != basis:
                return False
            self.run.results.set(results)  # another attempt may have put others there
            errors = self.run.errors().count()
            counts = self.run.findings.counts() | {"error": errors}
            concerns = self.run.findings.at_level(Level.CONCERN).order_by()
            self.run.finish()
            self.revision.record_verdict(
                Verdict.FAILED if errors or counts[Level.BLOCKER] else Verdict.PASSED,
                counts=counts,
                concerns=concerns.values_list("rule", flat=True).distinct(),
                basis=basis,
            )
        return True
