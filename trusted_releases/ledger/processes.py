"""A cluster's processes, seen from outside: started, watched, stopped, killed."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.utils.timezone import now
from django_q.conf import Conf

from trusted_releases.ledger.models import Job

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
PROC = Path("/proc")
BUSY = " processing "  # in the title of a django-q2 worker that has a job (setproctitle)
FRESH = timedelta(seconds=2)  # a job that became due just now is not a sign of anything
LONGEST_PAUSE = 30.0  # seconds between two starts of a cluster that dies at once


class ClusterProcess:
    """One `ledger.cluster` child in a process group of its own, serving some queues.

    `hang` is how many seconds it may leave due jobs alone, with no worker busy, before it counts
    as hung. django-q2 hangs like that when an idle worker of it is killed (its issues 23, 339).
    """

    def __init__(self, name: str, queues: Sequence[str], hang: float) -> None:
        self.name = name
        self.queues = tuple(queues)
        self.hang = hang
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._quiet_since = 0.0
        self._oldest: int | None = None

    def start(self) -> None:
        """Start it, or wait a little longer when it has just died more than once."""
        pause = min(LONGEST_PAUSE, 0.5 * 2**self.starts) if self.starts else 0.0
        if time.monotonic() - self._began < pause:
            return
        env = {**os.environ, "Q_CLUSTER_NAME": self.name}
        if self.name == Conf.PREFIX:
            del env["Q_CLUSTER_NAME"]
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH", "")]))
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "trusted_releases.ledger.cluster", str(os.getpid())],
            env=env,
            start_new_session=True,  # Ctrl-C is for the supervisor, which lets running jobs finish
        )
        self.starts += 1
        self._began = self._quiet_since = time.monotonic()
        self._oldest = None

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def quiet_for(self) -> float:
        """Seconds for which due jobs have been left alone. 0 while there is nothing to do."""
        oldest = self._oldest_due()
        if oldest is None or oldest != self._oldest or self.is_busy():
            self._oldest, self._quiet_since = oldest, time.monotonic()
        if time.monotonic() - self._began > LONGEST_PAUSE:
            self.starts = min(self.starts, 1)  # it has proven itself: the next start is at once
        return time.monotonic() - self._quiet_since

    def is_busy(self) -> bool:
        """Whether one of its workers has a job. Always, where the system has no /proc to tell."""
        if self.process is None or not PROC.is_dir():
            return True
        return any(BUSY in _title(pid) for pid in _descendants(self.process.pid))

    def terminate(self) -> None:
        """Ask the main process alone: it lets jobs finish. (The group would kill them and hang.)"""
        if self.is_alive() and self.process is not None:
            self.process.terminate()
            self._quiet_since = time.monotonic()

    def idle_for(self) -> float:
        """Seconds since a worker of it was busy, while it is asked to stop."""
        if self.is_busy():
            self._quiet_since = time.monotonic()
        return time.monotonic() - self._quiet_since

    def kill(self) -> None:
        """End all that is left of it, at once."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):  # gone already, with all its children
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _oldest_due(self) -> int | None:
        due = Job.objects.ready(now() - FRESH).filter(queue__in=self.queues)
        return due.order_by("due_at", "pk").values_list("pk", flat=True).first()


def _descendants(pid: int) -> Iterator[int]:
    todo = [pid]
    while todo:
        for children in (PROC / str(todo.pop()) / "task").glob("*/children"):
            try:
                found = [int(child) for child in children.read_text().split()]
            except OSError:
                continue  # it has just ended
            todo += found
            yield from found


def _title(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode("utf-8", "replace")
