"""The questions people ask about releases."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from projects.models import Project
from projects.roles import SEES_EMBARGOED, Person, may
from releases.phases import Outcome, Phase


def unless_embargoed(person: Person, prefix: str = "") -> Q:
    """What leaves out the embargoed releases of others; `prefix` leads from a row to its release.

    Running the site is no reason to see one on its pages: operators have the console.
    """
    theirs = Project.objects.where_may(person, SEES_EMBARGOED).values("pk")
    return Q(**{f"{prefix}embargoed": False}) | Q(**{f"{prefix}project__in": theirs})


class ReleaseQuerySet(models.QuerySet):
    def visible_to(self, person: Person) -> Self:
        """From the vote on a release is public; a draft is for committers, unless this
        installation shows drafts to everybody."""
        return self._seen_by(person, draft_for_all=settings.PUBLIC_DRAFTS)

    def readable_by(self, person: Person) -> Self:
        """What a program may read: clients of the contract read drafts without a token, and find
        them in lists. No page leads a visitor to one."""
        return self._seen_by(
            person, draft_for_all=settings.PUBLIC_DRAFTS or settings.API_SHOWS_DRAFTS
        )

    def _seen_by(self, person: Person, *, draft_for_all: bool) -> Self:
        """Both ways of looking. What nobody else may see in any phase is left out here."""
        public = ~Q(phase=Phase.COMPOSE)
        known = self.known_to(person)
        if draft_for_all or may(person, "releases.view_draft"):
            return known
        theirs = Project.objects.where_may(person, "releases.view_draft").values("pk")
        return known.filter(public | Q(project__in=theirs))

    def known_to(self, person: Person) -> Self:
        """All but those under an embargo that is not the person's: for them there are no such.

        Whatever asks for releases in another way than the two above asks this too.
        """
        return self.filter(unless_embargoed(person))

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
    def public(self) -> Self:
        """Those that anybody may know of.

        A vote stays public when its release goes back to composing; drafts themselves are not.
        """
        releases: Any = self.model._meta.get_field("release").related_model
        shown = releases.objects.visible_to(AnonymousUser()).values("pk")
        over = Q(release__phase=Phase.COMPOSE, release__embargoed=False)
        return self.filter(Q(release__in=shown) | over)

    def known_to(self, person: Person) -> Self:
        """All but those on releases under an embargo that is not the person's."""
        return self.filter(unless_embargoed(person, "release__"))

    def open(self) -> Self:
        return self.filter(outcome=Outcome.OPEN)

    def over(self, at: datetime | None = None) -> Self:
        """Open votes whose time is up."""
        return self.open().filter(ends_at__lte=at or now())

    def ending_today(self, at: datetime | None = None) -> Self:
        """Open votes whose time is up later on this day, as UTC has days."""
        at = at or now()
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return self.open().filter(ends_at__gt=at, ends_at__lt=midnight)


class EntryQuerySet(models.QuerySet):
    def at(self, number: int) -> Self:
        """The files as revision `number` has them.

        An entry is one path with one content for a run of revisions: from `since` up to, not
        including, `until`.
        """
        return self.filter(since__lte=number).filter(Q(until__isnull=True) | Q(until__gt=number))

    def with_blobs(self) -> Self:
        return self.select_related("blob").order_by("path")
