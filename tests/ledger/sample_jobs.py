"""The test's jobs, under names that begin with `test.`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from trusted_releases.ledger.jobs import GiveUp, RunningJob, job


def add(path: str, line: object) -> None:
    with Path(path).open("a") as out:
        out.write(f"{line}\n")


def lines(path: object) -> list[str]:
    """What jobs have written until now."""
    found = Path(str(path))
    return found.read_text().split() if found.exists() else []


@job("test.write")
def write(running: RunningJob, path: str) -> dict:
    """Append one line to a file: whoever counts lines counts runs."""
    add(path, running.attempt)
    return {"pid": os.getpid()}


@job("test.heavy", queue="heavy")
def heavy(running: RunningJob, path: str) -> dict:
    return write(running, path)


@job("test.event")
def event(running: RunningJob, event: int) -> dict:
    running.log(f"Looked at event {event}.")
    return {"event": event}


@job("test.other")
def other(running: RunningJob, event: int) -> None:
    """Another reaction to the same event."""


@job("test.slow")
def slow(running: RunningJob, path: str, seconds: int = 60, attempts: int = 1) -> dict:
    """Writes its pid, then takes its time in the first `attempts`; then writes `done`."""
    add(path, os.getpid())
    if running.attempt <= attempts:
        time.sleep(seconds)
    add(path, "done")
    return {"attempt": running.attempt, "lost": running.previous_lost}


@job("test.poison")
def poison(running: RunningJob, path: str) -> None:
    """Takes its worker down with it."""
    add(path, running.attempt)
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.endless", limit=1, max_attempts=1)
def endless(running: RunningJob) -> None:
    time.sleep(600)


@job("test.broken")
def broken(running: RunningJob) -> None:
    raise RuntimeError("no such luck")


@job("test.impossible")
def impossible(running: RunningJob, event: int | None = None) -> None:
    raise GiveUp("The file is gone; upload it again.")


@job("test.child")
def child(running: RunningJob) -> dict:
    """A worker may start programs."""
    done = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, check=True)
    return {"answer": int(done.stdout)}


@job("test.leased", lease=90)
def leased(running: RunningJob) -> None:
    """Its worker may be silent for longer than others."""
