"""Runs units in a child process with limits, so that a hostile file costs the child, not us.

The child reads one job from its standard input and writes one JSON value a line (see
`checks.engine.__main__`). A child that dies takes one unit with it: the one it was at. The rest
goes on in a fresh child. That unit is run again to see which rule it dies of, and then without that
rule: what the others say stands.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any

from checks.engine.culprit import culprit
from checks.engine.model import Candidate, File, Policy, Source, UnitResult
from checks.engine.plan import Unit, rules_of
from checks.engine.run import Progress
from trusted_releases.lib.held import HeldFolder

ROOT = Path(__file__).resolve().parents[2]
MODULE = "checks.engine"  # what a child runs
MAX_LINE = 64 << 20  # bytes of one result; a child that writes more is broken
FOLDER = "trusted-checks-"  # how the folders of children are called, for whoever cleans up
ERROR_TAIL = 2_000  # bytes kept of what a child wrote to its standard error


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What a child may use. Memory, and CPU time for each unit; the rest is the same for all.

    `memory_bytes` is address space, which is more than what is resident: xz alone may ask for
    100 MB, a fresh interpreter for as much.
    """

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 300


def job_json(
    candidate: Candidate, units: Iterable[Unit], keys_path: Path, limits: ChildLimits
) -> dict[str, Any]:
    """The job a child is given: all that the candidate is, and the keys of the units to run."""
    return {
        "files": [
            {
                "path": file.path,
                "location": str(file.location),
                "size": file.size,
                "sha256": file.sha256,
                "sha512": file.sha512,
            }
            for file in candidate.files
        ],
        "policy": candidate.policy.as_json(),
        "keys_path": str(keys_path),
        "source": candidate.source
        and {"sha256": candidate.source.sha256, "location": str(candidate.source.location)},
        "units": [unit.key for unit in units],
        "limits": {"memory_bytes": limits.memory_bytes, "cpu_seconds": limits.cpu_seconds},
    }


def candidate_of(job: dict[str, Any]) -> Candidate:
    """The candidate a job describes; the inverse of `job_json`."""
    files = tuple(File(**{**each, "location": Path(each["location"])}) for each in job["files"])
    keys = Path(job["keys_path"]).read_bytes() if job.get("keys_path") else b""
    given = job.get("source")
    source = Source(given["sha256"], Path(given["location"])) if given else None
    return Candidate(files, Policy.from_json(job["policy"]), keys, source)


def run_in_child(
    candidate: Candidate,
    units: Iterable[Unit],
    *,
    timeout: float = 600,
    on_progress: Progress | None = None,
    limits: ChildLimits = ChildLimits(),
) -> Iterator[UnitResult]:
    """Run units in child processes and yield each result as it comes, in the order of the units.

    `timeout` is in seconds of wall clock for one unit. A unit whose child dies has a result whose
    `error` says how it died. Closing the iterator ends the child.
    """
    waiting = list(units)
    with HeldFolder(FOLDER) as held:
        keys_path = held.path / "KEYS"
        keys_path.write_bytes(candidate.keys)
        while waiting:
            job = job_json(candidate, waiting, keys_path, limits)
            with Child(job, str(held.path), timeout, on_progress) as child:
                for result in child.results(len(waiting)):
                    waiting.pop(0)
                    yield result
                if not waiting:
                    return
                death = child.death(limits)
            if child.never_started:
                yield from (UnitResult(u.key, u.path, u.rules, error=death) for u in waiting)
                return
            again = partial(_again, job, str(held.path), timeout, on_progress, limits)
            yield _without_culprits(waiting.pop(0), death, again)


Again = Callable[[Unit, Path], tuple[UnitResult | None, str]]


def _without_culprits(unit: Unit, death: str, again: Again) -> UnitResult:
    """What a unit comes to without the rules that end the process; `death` is how it ended first.

    The process may also end between rules, in the reader: then nothing can be said of the file.
    """
    left, faults = unit.rules if len(unit.rules) > 1 else (), ""
    while left:
        with HeldFolder(FOLDER) as held:
            marker = held.path / "marker"
            attempt = replace(unit, rules=left)
            result, death = again(attempt, marker)
            if result is not None:
                error = f"{faults} {result.error}".strip()
                return replace(result, rules=unit.rules, error=error)
            guilty = culprit(rules_of(attempt), marker)
        if not guilty:
            break
        left = tuple(slug for slug in left if slug != guilty)
        faults = f"{faults} The rule '{guilty}' did not come to an end. {death}".strip()
    return UnitResult(unit.key, unit.path, unit.rules, error=faults or death)


def _again(
    job: dict[str, Any],
    folder: str,
    timeout: float,
    on_progress: Progress | None,
    limits: ChildLimits,
    unit: Unit,
    marker: Path,
) -> tuple[UnitResult | None, str]:
    """Run some rules of one unit in a child that marks which is at work; or how that one died."""
    marked = {**job, "units": [unit.key], "rules": list(unit.rules), "marker": str(marker)}
    with Child(marked, folder, timeout, on_progress) as child:
        for result in child.results(1):
            return result, ""
        return None, child.death(limits)


class Child:
    """One child process: give it a job, take its results, and learn how it ended."""

    def __init__(
        self,
        job: dict[str, Any],
        folder: str,
        timeout: float,
        on_progress: Progress | None,
        module: str = "",
    ) -> None:
        self._timeout = timeout
        self._left = timeout
        self._on_progress = on_progress
        self._pending = b""
        self._errors = b""
        self._stopped = ""  # why we ended it, as a sentence
        self.never_started = True
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", module or MODULE, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=_environment(folder),
            start_new_session=True,
            close_fds=True,
        )
        self._give(job)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        _pipe(self._process.stdout).close()
        _pipe(self._process.stderr).close()

    def results(self, count: int) -> Iterator[UnitResult]:
        """Up to `count` results. Fewer mean that the child died or took too long over one."""
        yield from map(UnitResult.from_json, self.answers(count))

    def answers(self, count: int) -> Iterator[dict[str, Any]]:
        """The same as the child wrote them, which for other modules is theirs to say."""
        for line in self._lines():
            message = json.loads(line)
            if "ready" in message:
                self.never_started = False
            elif "progress" in message:
                self._report(message["progress"])
            else:
                yield message["result"]
                count -= 1
                if not count:
                    return

    def death(self, limits: ChildLimits) -> str:
        """How the child ended, as a sentence."""
        if not self._stopped:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)  # its output has ended: it is on its way out
        self._kill()
        if self._stopped:
            return f"The check was stopped: {self._stopped}"
        code = self._process.returncode
        said = self._errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
        tail = f" It said: {said}" if said else ""
        if code == -signal.SIGXCPU:
            return f"The check was stopped: it used more than {limits.cpu_seconds} seconds of CPU."
        if code < 0:
            return f"The check's process was ended by {signal.Signals(-code).name}.{tail}"
        return f"The check's process ended early with code {code}.{tail}"

    def _give(self, job: dict[str, Any]) -> None:
        """Write the job; a child that died at once is noticed when its output is read."""
        try:
            with _pipe(self._process.stdin) as stdin:
                stdin.write(json.dumps(job).encode())
        except BrokenPipeError:
            self._errors += b"It did not take its job."

    def _lines(self) -> Iterator[bytes]:
        """Whole lines of the child's output, until it ends or is silent over a unit for too long.

        Only waiting counts: whoever takes the results may take their time over each.
        """
        while chunk := self._read():
            *whole, self._pending = (self._pending + chunk).split(b"\n")
            for line in whole:
                if line.startswith(b'{"result"'):
                    self._left = self._timeout
                yield line
            if len(self._pending) > MAX_LINE:
                self._stopped = f"it wrote a line of more than {MAX_LINE:,} bytes."
                return

    def _read(self) -> bytes:
        """The next output; b"" at its end, or when the time is over."""
        out, err = _pipe(self._process.stdout).fileno(), _pipe(self._process.stderr).fileno()
        watched = [out, err]
        while self._left > 0:
            started = time.monotonic()
            ready = select.select(watched, [], [], self._left)[0]
            self._left -= time.monotonic() - started
            if err in ready and not self._note_errors(err):
                watched.remove(err)
            if out in ready:
                return os.read(out, 1 << 16)
        self._stopped = f"it took more than {self._timeout:g} seconds."
        return b""

    def _note_errors(self, err: int) -> bool:
        said = os.read(err, 1 << 16)
        self._errors = (self._errors + said)[-ERROR_TAIL:]
        return bool(said)

    def _report(self, progress: dict[str, Any]) -> None:
        if self._on_progress:
            self._on_progress(progress["unit"], progress["done"], progress["total"])

    def _kill(self) -> None:
        """End the child and everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """A stream of a process that was started with pipes."""
    if stream is None:
        raise RuntimeError("the child was started without a pipe")
    return stream


def _environment(folder: str) -> dict[str, str]:
    """What a child sees of our environment: no secrets, no settings, a folder of its own."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "TMPDIR": folder,
        "HOME": folder,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
