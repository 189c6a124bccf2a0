"""The child's side: `python -m checks.engine`, one job on standard input, JSON lines out.

Lines are `{"ready": …}` once, `{"progress": {unit, done, total}}` at most five a second, and
`{"result": …}` for each unit as it is ready. Limits are set before a byte of a release is read.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from checks.engine.child import candidate_of
from checks.engine.plan import Unit, plan
from checks.engine.run import run

PR_SET_PDEATHSIG = 1  # prctl(2)
MAX_WRITTEN = 256 << 20  # bytes of any file a check may write: keyrings of gpg are a few MB
NICENESS = 10
PROGRESS_EVERY = 0.2  # seconds


def main(argv: list[str]) -> int:
    """Run the job on standard input. 0 when all units have a result, 2 for an unusable job."""
    if len(argv) > 1:
        die_with_parent(int(argv[1]))
    job = json.loads(sys.stdin.buffer.read())
    limit(job["limits"])
    candidate = candidate_of(job)
    units = _wanted(plan(candidate), job.get("units"))
    _say({"ready": {"units": len(units)}})
    progress = _throttled()
    for unit in units:
        allow_cpu(job["limits"]["cpu_seconds"])
        for result in run(candidate, [unit], progress):
            _say({"result": result.as_json()})
    return 0


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends, however the parent ends."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it had ended before we could ask
        os.kill(os.getpid(), signal.SIGKILL)


def limit(limits: dict[str, int]) -> None:
    """Bound what this process and its children may take: memory, files, core dumps, priority."""
    memory = limits["memory_bytes"]
    for name, bound in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN),
    ):
        hard = resource.getrlimit(name)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(name, (bound, bound))
    os.nice(NICENESS)


def allow_cpu(seconds: int) -> None:
    """Give this process `seconds` more of CPU time than it has used: an allowance for one unit."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    if hard != resource.RLIM_INFINITY:
        until = min(until, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def _wanted(units: tuple[Unit, ...], keys: list[str] | None) -> list[Unit]:
    """The units asked for, in the order asked for; all where none are named."""
    if keys is None:
        return list(units)
    by_key = {unit.key: unit for unit in units}
    return [by_key[key] for key in keys]


def _throttled() -> Callable[[str, int, int], None]:
    """A progress function that speaks at most five times a second."""
    last = 0.0

    def progress(unit: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PROGRESS_EVERY:
            last = now
            _say({"progress": {"unit": unit, "done": done, "total": total}})

    return progress


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
