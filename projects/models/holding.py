"""Holding a project: nothing of it goes forward until an officer lets it."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from projects.lifecycle import Held, authorise, verb
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Obstacle, Stale
from trusted_releases.lib.text import given_reason


class Holding(Held):
    """The part of `Project` that a security officer can stop.

    Held, it starts no release, calls no vote, publishes and announces nothing. What is at the vote
    goes on being voted on, and what is published stays.
    """

    held_at = models.DateTimeField(null=True, blank=True, editable=False)
    held_reason = models.CharField(max_length=500, blank=True, editable=False)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(held_at__isnull=True, held_reason="", held_by__isnull=True)
                | (Q(held_at__isnull=False, held_by__isnull=False) & ~Q(held_reason="")),
                name="%(app_label)s_%(class)s_held_for_a_reason",
            )
        ]

    @property
    def is_held(self) -> bool:
        return self.held_at is not None

    def held_obstacles(self) -> Iterator[Obstacle]:
        """What a held project puts in the way of every step to the public."""
        if self.held_at is not None:
            yield Obstacle(
                "held",
                f"{self} is held since {self.held_at:%Y-%m-%d %H:%M} UTC: {self.held_reason} "
                "Until an officer of this site lets it go on, nothing of it is started, put to "
                "the vote, published or announced. Write to the operators of this site.",
            )

    @verb
    def hold(self, *, by: Person, reason: str) -> None:
        """Stop the project. `unhold` takes it back."""
        by = authorise(by, "projects.hold_project", self)
        reason = given_reason(reason)
        with self.held():
            if self.is_held:
                raise Stale(f"{self} is held already: {self.held_reason}")
            self._write(Tag.PROJECT_HELD, reason, by, at=now(), kept=reason, holder=by)

    @verb
    def unhold(self, *, by: Person, reason: str) -> None:
        """Let the project go on."""
        by = authorise(by, "projects.hold_project", self)
        reason = given_reason(reason)
        with self.held():
            if not self.is_held:
                raise Stale(f"{self} is not held, so there is nothing to let go.")
            self._write(Tag.PROJECT_UNHELD, reason, by, at=None, kept="", holder=None)

    def _write(self, tag: Tag, reason: str, by: Any, *, at: Any, kept: str, holder: Any) -> None:
        self.held_at, self.held_reason, self.held_by = at, kept, holder
        self.save(update_fields=["held_at", "held_reason", "held_by"])
        Event.objects.record(tag, by=by, subject=self, reason=reason)
