"""The questions people ask about committees and projects."""

from typing import Self

from django.db import models
from django.db.models import Count, Q

from projects.roles import Person, Role, is_out_of_reach, roles_granting
from trusted_releases.lib import testing


class CommitteeQuerySet(models.QuerySet):
    def of(self, person: Person) -> Self:
        """Where the person has a role, whichever."""
        if not person.is_authenticated:
            return self.none()
        return self.filter(pk__in=person.memberships.values("committee"))

    def for_listing(self) -> Self:
        return self.annotate(project_count=Count("projects", distinct=True)).order_by("name")


class ProjectQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(status="active")

    def where_may(self, person: Person, perm: str) -> Self:
        """Where one of the person's roles grants `perm`: what `may` says, asked of all at once."""
        if not person.is_authenticated or not person.is_active or is_out_of_reach(person, perm):
            return self.none()
        granting = roles_granting(perm)
        theirs = person.memberships.filter(role__in=granting)
        where = Q(committee__in=theirs.values("committee"))
        if testing.everybody_is_in(testing.COMMITTEE) and Role.MEMBER in granting:
            where |= Q(committee__slug=testing.COMMITTEE)
        if (bound := getattr(person, "bound_to", None)) is not None:
            where &= Q(pk=bound.pk)
        return self.filter(where)

    def for_listing(self) -> Self:
        return self.select_related("committee").order_by("name")
