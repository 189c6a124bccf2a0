"""One attempt at checking one revision, which may end at any line and be begun again."""

import time
from typing import Any

from checks.engine.model import Candidate, UnitResult
from checks.engine.plan import Unit, plan, rules_of
from checks.engine.rule import FileRule
from checks.examine import candidate_of, examine, known_results
from checks.models import Ignore, Result, Run, Sbom
from checks.sources import fault_of
from releases.models import Revision
from trusted_releases.ledger.jobs import RunningJob, enqueue
from trusted_releases.ledger.models import Job

TICK = 0.5  # seconds between two writes of how far it is
QUICK = 256 << 20  # bytes that are read within a second or two


class Work:
    """One attempt at checking one revision: what is quick, and all where nothing else is left."""

    def __init__(self, running: RunningJob, revision: Revision, checked: Run) -> None:
        self.running = running
        self.revision = revision
        self.run = checked
        self._bytes = 0
        self._told = 0.0

    def do(self) -> dict[str, Any]:
        """Check until a verdict is recorded, or the rest is handed on.

        Keys or policy may change meanwhile, and another worker may judge by the new ones first.
        Its verdict must not be replaced by one under the old: what is outdated is done again.
        """
        while True:
            basis = self.revision.release.check_basis()
            results, left = self._examine()
            if left:
                self._hand_on()
                return {"units": len(results), "left": left}
            if self._finish(results, basis):
                return {"units": len(results), "verdict": self.revision.verdict}

    def _examine(self) -> tuple[list[int], int]:
        """The keys of the results there are now, after those that are for us to make were made;
        and how many are left to be made."""
        candidate = candidate_of(self.revision)
        units = plan(candidate)
        known = known_results(units)
        missing = [unit for unit in units if unit.key not in known]
        self._begin(units, missing, list(known.values()))
        ours = [unit for unit in missing if self.is_ours(unit, candidate)]
        fresh = examine(self.revision, candidate, ours, self._progress)
        results = [row.pk for row in known.values()] + [self._keep(each) for each in fresh]
        if fault := fault_of(self.revision.release):
            results.append(self._keep(fault))
        return results, len(missing) - len(ours)

    def is_ours(self, unit: Unit, candidate: Candidate) -> bool:
        """Whether this is quick: the release as a whole, and files that are small as those that
        they speak of are. A signature over a large archive takes as long as reading that."""
        if unit.kind not in ("release", "file"):
            return False
        about = candidate.file(unit.path.rpartition(".")[0])
        weights = [rule.weight for rule in rules_of(unit) if isinstance(rule, FileRule)]
        return unit.size * max(weights, default=1) + (about.size if about else 0) <= QUICK

    def _hand_on(self) -> None:
        """Have the rest done, once; one that waits already will see what we see."""
        with self.running.holding():
            waiting = Job.objects.about(self.revision).filter(name="checks.rest")
            if not waiting.filter(state=Job.State.QUEUED).exists():
                enqueue(
                    "checks.rest",
                    key=f"rest-{self.running.pk}",
                    release=self.revision.release_id,
                    subject=self.revision,
                    revision=self.revision.pk,
                )

    def _begin(self, units: tuple[Unit, ...], missing: list[Unit], known: list[Result]) -> None:
        with self.running.holding(), self.revision.release.held():
            self._open(len(units), sum(unit.size for unit in missing), known)
            Ignore.objects.hide(self.revision.release, known)
            if self.running.previous_lost:
                note = (
                    "The worker that ran these checks stopped in the middle. "
                    f"Another one took over (attempt {self.running.attempt}) and kept "
                    f"{len(known)} of {len(units)} results."
                )
                self.run.record_progress(note=note)
                self.run.note = note
        self._sizes = {unit.key: unit.size for unit in missing}

    def _open(self, units: int, size: int, known: list[Result]) -> None:
        """Say on the page that it begins."""
        self._bytes = 0
        self.run.begin(units, size, known, attempt=self.running.attempt)

    def _keep(self, result: UnitResult) -> int:
        """Store one result as soon as it is there: a worker that dies loses the rest only."""
        # The release first, as everywhere: who waits for it must not hold a result that others use.
        with self.running.holding(), self.revision.release.held():
            row = Result.objects.keep(result, self.revision.release.version)
            if result.content:
                Sbom.objects.keep(row, result.content)
            self.run.results.add(row)
            Ignore.objects.hide(self.revision.release, [row])
            self._bytes += self._sizes.get(result.key, 0)
            self.run.units_done += 1
            self.run.record_progress(units_done=self.run.units_done, bytes_done=self._bytes)
        return row.pk

    def _progress(self, key: str, done: int, total: int) -> None:
        if time.monotonic() - self._told > TICK:
            self._told = time.monotonic()
            self.run.record_progress(bytes_done=self._bytes + done)

    def _finish(self, results: list[int], basis: str) -> bool:
        """Record the verdict; False, and nothing recorded, when keys or policy have changed."""
        with self.running.holding(), self.revision.release.held():
            if self.revision.release.check_basis() != basis:
                return False
            self.run.results.set(results)  # another attempt may have put others there
            self.run.finish()
            Ignore.objects.judge(self.run, basis)
        return True


class Rest(Work):
    """What the quick checks have left: all of it."""

    def __init__(self, running: RunningJob, revision: Revision, checked: Run) -> None:
        super().__init__(running, revision, checked)
        self._goes_on = running.attempt == 1 and checked.state == Run.State.RUNNING

    def is_ours(self, unit: Unit, candidate: Candidate) -> bool:
        return True

    def _open(self, units: int, size: int, known: list[Result]) -> None:
        """Go on counting where the quick checks ended; who begins again begins at nothing."""
        if self._goes_on:
            self._goes_on = False
            self._bytes = self.run.go_on(units, size, known)
        else:
            super()._open(units, size, known)
