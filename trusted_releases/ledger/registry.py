"""The jobs there are, and when some of them run by themselves. Nothing else can be queued.

A list in code, not in the database: who may write a row must not thereby run code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

QUEUES = ("default", "mail", "heavy", "source")
LEASE = 30  # seconds; the default of settings.JOB_LEASE
TIME_LIMIT = 3600  # seconds; the default for one attempt of one job
BACK_OFF = (5, 60, 600)  # seconds before the second, third, … attempt; the last one repeats


class GiveUp(Exception):
    """Raised by a job that will never succeed, with a sentence that says why. No retry follows."""


class Later(Exception):
    """Raised by a job that shall run again after `wait` seconds. That costs it no attempt."""

    def __init__(self, wait: float, why: str) -> None:
        self.wait = wait
        super().__init__(why)


class UnknownJob(LookupError):
    """A name that no `@job` has registered."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What is known of a job before any of it runs. Times are in seconds."""

    name: str
    function: Callable[..., dict[str, Any] | None]
    queue: str
    max_attempts: int
    lease: float | None
    limit: float
    back_off: tuple[float, ...] = BACK_OFF

    @property
    def lease_seconds(self) -> float:
        """How long a worker may be silent before another one takes the job over."""
        if self.lease is not None:
            return self.lease
        return float(getattr(settings, "JOB_LEASE", LEASE))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that runs once in each period of `every` seconds, if `when()` says so."""

    name: str
    every: float
    when: Callable[[], bool] | None = None


_JOBS: dict[str, JobSpec] = {}
_SCHEDULES: dict[str, Schedule] = {}

Function = Callable[..., dict[str, Any] | None]


def job(
    name: str,
    *,
    queue: str = "default",
    max_attempts: int = 3,
    lease: float | None = None,
    limit: float = TIME_LIMIT,
    back_off: tuple[float, ...] = BACK_OFF,
) -> Callable[[Function], Function]:
    """Register a function under `name`. It is called with a RunningJob and the job's arguments.

    It may run twice, and must then do nothing more. It returns a small JSON object or None. While
    it runs, its lease is renewed; after `limit` seconds its process is killed and the attempt
    counts as lost. An exception is a failed attempt, and the next follows after its place in
    `back_off`; `GiveUp` is the last one, and `Later` is none.
    """
    if queue not in QUEUES:
        raise ValueError(f"Job {name}: there is no queue {queue!r}, only {', '.join(QUEUES)}.")

    def register(function: Function) -> Function:
        known = _JOBS.get(name)
        if known and _place(known.function) != _place(function):
            raise ValueError(f"Job {name} is registered by {_place(known.function)} already.")
        _JOBS[name] = JobSpec(name, function, queue, max_attempts, lease, limit, back_off)
        return function

    return register


def schedule(name: str, every_seconds: float, when: Callable[[], bool] | None = None) -> None:
    """Run the job `name`, without arguments, once in every period of that many seconds.

    Periods are counted from the epoch, so that all supervisors agree on them. `when` is asked
    first and must be cheap. A period in which no worker lived is not made up for.
    """
    if every_seconds <= 0:
        raise ValueError(f"Schedule {name}: a period is longer than {every_seconds} seconds.")
    _SCHEDULES[name] = Schedule(name, every_seconds, when)


def spec_of(name: str) -> JobSpec:
    """The registered job, or UnknownJob with a sentence."""
    try:
        return _JOBS[name]
    except KeyError:
        raise UnknownJob(
            f"There is no job {name!r}. Register it with @job in a tasks.py that its app imports."
        ) from None


def known_jobs() -> dict[str, JobSpec]:
    """Name to job. A copy."""
    return dict(_JOBS)


def known_schedules() -> tuple[Schedule, ...]:
    return tuple(_SCHEDULES.values())


def _place(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__qualname__}"
