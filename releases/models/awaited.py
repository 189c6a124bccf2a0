"""What people ask for and a worker does: rows that wait, and are settled once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.db import models
from django.utils.timezone import now

from releases.models.part import PartOfRelease
from trusted_releases.ledger.facts import clean
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.tags import Tag

LONGEST_PROBLEM = 1_000
LOST = "Its worker was lost."
WAITING, FAILED = "waiting", "failed"


class Waiting(PartOfRelease):
    """A row that begins as `waiting`, and ends in another state of its own, with the reason in
    `problem` where nothing came of it."""

    state: Any  # of the subclass, which knows its states
    problem = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_waiting(self) -> bool:
        return bool(self.state == WAITING)

    @property
    def is_failed(self) -> bool:
        return bool(self.state == FAILED)


class Awaited(Waiting):
    """One that is settled once: workers record how it ended, while the release is held, and whoever
    comes second changes nothing.

    `SETTLED_AT` names the column that says when that was, and `FAILED_TAG` the event of a failure.
    """

    SETTLED_AT: ClassVar[str] = ""
    FAILED_TAG: ClassVar[Tag]

    class Meta:
        abstract = True

    @property
    def is_in_hand(self) -> bool:
        """Whether a worker has it, or will. One that died for good leaves it waiting."""
        return self.is_waiting and Job.objects.about(self).unsettled().exists()

    @contextmanager
    def settling(self) -> Iterator[bool]:
        """Hold the release to the end of the block: whether this row, freshly read, still waits."""
        with self.release.held():
            self.refresh_from_db()
            yield self.is_waiting

    def settle(self, state: str, **changes: Any) -> None:
        """Write down how it ended. Call it while the release is held."""
        if self.SETTLED_AT:
            changes = {self.SETTLED_AT: now(), **changes}
        for name, value in {"state": state, **changes}.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *changes])  # type: ignore[misc]

    def settle_lost(self) -> None:
        """The job that had it is gone for good. Call it while the release is held."""
        self.settle(FAILED, problem=LOST)

    def record_failed(self, problem: str) -> bool:
        """Nothing came of it. False when it was settled before."""
        with self.settling() as waits:
            if waits:
                self.settle(FAILED, problem=clean(problem, LONGEST_PROBLEM))
                self.tell(self.FAILED_TAG, problem=self.problem)
        return waits

    def tell(self, tag: Tag, **facts: Any) -> None:
        """Write an event about it."""
        raise NotImplementedError
