"""Jobs about checks. Each may run twice, and then does nothing more."""

import shutil
import time
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from checks.engine.child import FOLDER
from checks.engine.document import failed
from checks.engine.model import Level
from checks.engine.plan import Unit, plan
from checks.engine.run import UnitResult
from checks.examine import candidate_of, examine, known_results
from checks.models import Result, Run
from releases.models import Release, Revision
from releases.phases import Phase, Verdict
from trusted_releases.ledger.jobs import RunningJob, enqueue, job, schedule
from trusted_releases.ledger.models import Event

TICK = 0.5  # seconds between two writes of how far it is
LONGEST = 6 * 3600  # seconds for one revision; each file has its own, shorter limit
LEFTOVER_AGE = 24 * 3600  # seconds; a folder of a check that is older belongs to nobody


@job("checks.run", queue="heavy", limit=LONGEST)
def run(running: RunningJob, event: int) -> dict[str, Any]:
    """Check the revision that this event made."""
    key = Event.objects.get(pk=event).key
    return _check(running, Revision.objects.filter(pk=key).first())


@job("checks.run_revision", queue="heavy", limit=LONGEST)
def run_revision(running: RunningJob, revision: int) -> dict[str, Any]:
    """Check a revision again: keys or policy have changed."""
    return _check(running, Revision.objects.filter(pk=revision).first())


@job("checks.recheck")
def recheck(running: RunningJob, event: int) -> dict[str, Any]:
    """Keys or policy have changed: every draft that they matter to is checked again."""
    what = Event.objects.get(pk=event)
    drafts = Release.objects.in_phase(Phase.COMPOSE).filter(last_revision__gt=0)
    if what.project:
        drafts = drafts.filter(project__slug=what.project)
    else:
        drafts = drafts.filter(project__committee__slug=what.committee)
    revisions = [release.newest for release in drafts]
    for revision in revisions:
        enqueue(
            "checks.run_revision",
            key=f"recheck-{event}-{revision.pk}",
            release=revision.release_id,
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


def _check(running: RunningJob, revision: Revision | None) -> dict[str, Any]:
    if revision is None:
        return {"gone": "The release was deleted before its checks ran."}
    release = revision.release
    checked, _ = Run.objects.get_or_create(revision=revision)
    if revision.number != release.last_revision or release.phase != Phase.COMPOSE:
        if checked.state != Run.State.DONE:
            checked.record_progress(state=Run.State.SUPERSEDED)
        return {"superseded": True}
    results = _Work(running, revision, checked).do()
    return {"units": len(results), "verdict": revision.verdict}


class _Work:
    """One attempt at checking one revision."""

    def __init__(self, running: RunningJob, revision: Revision, checked: Run) -> None:
        self.running = running
        self.revision = revision
        self.run = checked
        self._bytes = 0
        self._told = 0.0

    def do(self) -> list[UnitResult]:
        # First: keys that are added between the two make this verdict outdated, never wrong.
        basis = self.revision.release.check_basis()
        candidate = candidate_of(self.revision)
        units = plan(candidate)
        known = known_results(units)
        missing = [unit for unit in units if unit.key not in known]
        self._begin(units, missing, list(known.values()))
        fresh = [self._keep(unit) for unit in examine(self.revision, missing, self._progress)]
        rows = Result.objects.filter(pk__in=[row.pk for row in known.values()])
        old = [row.as_unit_result() for row in rows.prefetch_related("findings")]
        self._finish(old + fresh, basis)
        return old + fresh

    def _begin(self, units: tuple[Unit, ...], missing: list[Unit], known: list[Result]) -> None:
        with self.running.holding():
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

    def _keep(self, result: UnitResult) -> UnitResult:
        """Store one result as soon as it is there: a worker that dies loses the rest only."""
        with self.running.holding():
            self.run.results.add(Result.objects.keep(result))
            self._bytes += self._sizes[result.key]
            self.run.units_done += 1
            self.run.record_progress(units_done=self.run.units_done, bytes_done=self._bytes)
        return result

    def _progress(self, key: str, done: int, total: int) -> None:
        if time.monotonic() - self._told > TICK:
            self._told = time.monotonic()
            self.run.record_progress(bytes_done=self._bytes + done)

    def _finish(self, results: list[UnitResult], basis: str) -> None:
        findings = [finding for result in results for finding in result.findings]
        counts = {str(level): 0 for level in Level}
        for finding in findings:
            counts[str(finding.level)] += 1
        counts["error"] = sum(1 for result in results if result.error)
        concerns = {each.rule for each in findings if each.level == Level.CONCERN}
        with self.running.holding():
            self.run.finish()
            self.revision.record_verdict(
                Verdict.FAILED if failed(results) else Verdict.PASSED,
                counts=counts,
                concerns=concerns,
                basis=basis,
            )
