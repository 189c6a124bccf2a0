"""The thread that keeps a job ours while its function runs."""

import logging
import os
import signal
import threading
import time
from typing import Self

from django.db import Error, connections

from trusted_releases.ledger.claim import RunningJob, lease_of
from trusted_releases.ledger.registry import TIME_LIMIT, UnknownJob

logger = logging.getLogger(__name__)


class Heartbeat:
    """Renews the lease of a running job three times within it, on a connection of its own.

    When the job has run longer than its limit, this process is killed: a function that hangs can
    be stopped in no other way, and the next attempt says in the log what became of this one.
    """

    def __init__(self, running: RunningJob) -> None:
        self._running = running
        self._every = lease_of(running._job) / 3
        try:
            self._limit = running._job.spec.limit
        except UnknownJob:
            self._limit = TIME_LIMIT
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {running}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(self._every)

    def _beat(self) -> None:
        end = time.monotonic() + self._limit
        try:
            while not self._stop.wait(self._every):
                if time.monotonic() > end:
                    self._kill()
                try:
                    if not self._running.renew():
                        return
                except Error:
                    logger.warning("The lease of %s was not renewed", self._running, exc_info=True)
                    connections.close_all()
        finally:
            connections.close_all()

    def _kill(self) -> None:
        logger.error("%s ran longer than %s s; its process ends.", self._running, self._limit)
        os.kill(os.getpid(), signal.SIGKILL)
