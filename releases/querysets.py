"""The questions people ask about releases."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from projects.roles import Person, may, roles_granting
from releases.phases import Outcome, Phase


class ReleaseQuerySet(models.QuerySet):
    def visible_to(self, person: Person) -> Self:
        """From the vote on a release is public; a draft is for committers."""
        public = ~Q(phase=Phase.COMPOSE)
        if may(person, "releases.view_draft"):
            return self
        if not person.is_authenticated or not person.is_active:
            return self.filter(public)
        ours = Q(
            project__committee__memberships__user=person,
            project__committee__memberships__role__in=roles_granting("releases.view_draft"),
        )
        return self.filter(public | ours).distinct()

    def of_key(self, project: str, version: str) -> Self:
        return self.filter(project__slug=project, version=version)

    def in_phase(self, *phases: Phase) -> Self:
        return self.filter(phase__in=phases)

    def unfinished(self) -> Self:
        return self.exclude(phase=Phase.RELEASED)

    def for_listing(self) -> Self:
        """All that a list row shows, in one query."""
        return self.select_related("project__committee", "candidate").order_by("-created_at")


class VoteQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(outcome=Outcome.OPEN)

    def over(self, at: datetime | None = None) -> Self:
        """Open votes whose time is up."""
        return self.open().filter(ends_at__lte=at or now())


class EntryQuerySet(models.QuerySet):
    def at(self, number: int) -> Self:
        """The files as revision `number` has them.

        An entry is one path with one content for a run of revisions: from `since` up to, not
        including, `until`.
        """
        return self.filter(since__lte=number).filter(Q(until__isnull=True) | Q(until__gt=number))

    def with_blobs(self) -> Self:
        return self.select_related("blob").order_by("path")
