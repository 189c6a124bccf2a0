"""An app with jobs for tests: what real worker processes are given to do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "tests.ledger"
    label = "ledger_test_jobs"

    def ready(self) -> None:
        register()


def register() -> None:
    """The test's jobs, under names that begin with `test.`."""
    from trusted_releases.ledger.jobs import GiveUp, RunningJob, job

    @job("test.write")
    def write(running: RunningJob, path: str, **more: object) -> dict:
        """Append one line to a file: whoever counts lines counts runs."""
        with Path(path).open("a") as out:
            out.write(f"{running.attempt}\n")
        return {"pid": os.getpid()}

    @job("test.heavy", queue="heavy")
    def heavy(running: RunningJob, path: str) -> dict:
        return write(running, path)

    @job("test.slow")
    def slow(running: RunningJob, path: str, seconds: int = 60, attempts: int = 1) -> dict:
        """Writes its pid, then takes its time in the first `attempts`; then writes `done`."""
        with Path(path).open("a") as out:
            out.write(f"{os.getpid()}\n")
        if running.attempt <= attempts:
            time.sleep(seconds)
        with Path(path).open("a") as out:
            out.write("done\n")
        return {"attempt": running.attempt, "lost": running.previous_lost}

    @job("test.poison")
    def poison(running: RunningJob, path: str) -> None:
        """Takes its worker down with it."""
        with Path(path).open("a") as out:
            out.write(f"{running.attempt}\n")
        os.kill(os.getpid(), signal.SIGKILL)

    @job("test.hang", limit=1, max_attempts=1)
    def hang(running: RunningJob) -> None:
        time.sleep(600)

    @job("test.broken")
    def broken(running: RunningJob) -> None:
        raise RuntimeError("no such luck")

    @job("test.impossible")
    def impossible(running: RunningJob) -> None:
        raise GiveUp("The file is gone; upload it again.")

    @job("test.child")
    def child(running: RunningJob) -> dict:
        """A worker may start programs."""
        done = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True)
        return {"answer": int(done.stdout)}
