"""Keeps the clusters of this host running, and does what must happen by the clock."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

from django.conf import settings
from django.db import Error, connections
from django.utils.timezone import now

from trusted_releases.ledger.models import WorkerBeat
from trusted_releases.ledger.processes import ClusterProcess
from trusted_releases.ledger.registry import QUEUES
from trusted_releases.ledger.ticking import Ticker, sweep
from trusted_releases.ledger.wakeup import cluster_of

logger = logging.getLogger(__name__)

STEP = 0.5  # seconds between two looks at everything
SWEEP = 5.0  # default of settings.JOB_SWEEP
HANG = 10.0  # default of settings.JOB_HANG
BEAT = 5.0


class Supervisor:
    """One `manage.py worker`: its clusters, its clock, and how it ends.

    The first SIGTERM or SIGINT lets running jobs finish, the second one kills them. When this
    process is killed itself, its clusters die with it, and another worker takes the jobs over.
    """

    def __init__(self, queues: Sequence[str] = QUEUES) -> None:
        hang = float(getattr(settings, "JOB_HANG", HANG))
        served: dict[str, list[str]] = {}
        for queue in QUEUES if getattr(settings, "SINGLE_QUEUE", False) else queues:
            served.setdefault(cluster_of(queue), []).append(queue)
        self.clusters = [ClusterProcess(name, its, hang) for name, its in served.items()]
        self.queues = [queue for its in served.values() for queue in its]
        self._signals = 0
        self._restarts = 0
        self._woken = threading.Event()
        self._ticker = Ticker()
        self._swept = self._beaten = float("-inf")
        self._host = socket.gethostname()[:255]

    def run(self) -> int:
        """Work until told to stop. Returns the exit code: 1 when jobs were killed, else 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            while not self._signals:
                self._guarded(self.step)
                self._pause()
            self._stop()
        finally:
            for cluster in self.clusters:
                cluster.kill()
        self._guarded(self._farewell)
        return int(self._signals > 1)

    def step(self) -> None:
        """One look at everything. A failing database is tried again at the next step."""
        for cluster in self.clusters:
            self._watch(cluster)
        at = time.monotonic()
        if at - self._beaten >= BEAT:
            self._beat()
            self._beaten = at
        self._ticker.tick()
        if at - self._swept >= float(getattr(settings, "JOB_SWEEP", SWEEP)):
            sweep()
            self._swept = at

    def _watch(self, cluster: ClusterProcess) -> None:
        if not cluster.is_alive():
            if cluster.process is not None:
                self._bury(cluster, "died")
            cluster.start()
            return
        quiet = cluster.quiet_for()
        if quiet > cluster.hang:
            self._bury(cluster, f"left due jobs alone for {quiet:.0f} s")
            cluster.start()
        elif quiet > cluster.hang / 2:
            # Perhaps the calls went astray with an earlier cluster, and this one is well.
            sweep(patience=0)

    def _bury(self, cluster: ClusterProcess, what: str) -> None:
        logger.error("The cluster %s %s; it is started again.", cluster.name, what)
        cluster.kill()
        self._restarts += 1
        sweep(patience=0)  # what it had fetched and not begun

    def _beat(self) -> None:
        WorkerBeat.objects.update_or_create(
            host=self._host,
            pid=os.getpid(),
            defaults={"queues": self.queues, "at": now(), "restarts": self._restarts},
            create_defaults={"queues": self.queues, "at": now(), "started_at": now()},
        )

    def _stop(self) -> None:
        """Let running jobs finish. A cluster that has none and still does not end is killed."""
        logger.info("Stopping: running jobs finish first. A second signal kills them.")
        for cluster in self.clusters:
            cluster.terminate()
        while self._signals == 1 and any(cluster.is_alive() for cluster in self.clusters):
            for cluster in self.clusters:
                if cluster.is_alive() and cluster.idle_for() > cluster.hang:
                    logger.error("The cluster %s does not stop; it is killed.", cluster.name)
                    cluster.kill()
            self._guarded(self._beat)
            self._pause()

    def _farewell(self) -> None:
        WorkerBeat.objects.filter(host=self._host, pid=os.getpid()).delete()

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Error:
            logger.warning("The database did not answer; trying again.", exc_info=True)
            connections.close_all()

    def _pause(self) -> None:
        self._woken.wait(STEP)
        self._woken.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1
        self._woken.set()
