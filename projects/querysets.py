"""The questions people ask about committees and projects."""

from typing import Self

from django.db import models
from django.db.models import Count, Q

from projects.roles import Person, roles_granting


class CommitteeQuerySet(models.QuerySet):
    def of(self, person: Person) -> Self:
        """Where the person has a role, whichever."""
        if not person.is_authenticated:
            return self.none()
        return self.filter(memberships__user=person).distinct()

    def for_listing(self) -> Self:
        return self.annotate(project_count=Count("projects", distinct=True)).order_by("name")


class ProjectQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(status="active")

    def where_may(self, person: Person, perm: str) -> Self:
        """Projects of committees in which one of the person's roles grants `perm`.

        One filter call: two would be two joins, and could pair the user of one membership with
        the role of another.
        """
        if not person.is_authenticated or not person.is_active:
            return self.none()
        ours = Q(
            committee__memberships__user=person,
            committee__memberships__role__in=roles_granting(perm),
        )
        return self.filter(ours).distinct()

    def for_listing(self) -> Self:
        return self.select_related("committee").order_by("name")
