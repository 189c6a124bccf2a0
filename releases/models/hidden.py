"""What an embargo is in the database: two columns of a release, and a row that outlives it."""

from typing import Self, TypeVar

from django.db import models

from projects.models import Project
from projects.roles import SEES_EMBARGOED, Person
from trusted_releases.ledger.querysets import EventQuerySet

Events = TypeVar("Events", bound=EventQuerySet)


class Hidden(models.Model):
    """The part of `Release` that says whether it may be known of."""

    # How it was started, for good; and whether the embargo is still in force.
    expedited = models.BooleanField(default=False, editable=False)
    embargoed = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


class EmbargoQuerySet(models.QuerySet["Embargo"]):
    def kept_from(self, person: Person) -> Self:
        """Those of which the person is to know nothing."""
        theirs = Project.objects.where_may(person, SEES_EMBARGOED).values("pk")
        return self.exclude(project__in=theirs)


class Embargo(models.Model):
    """An embargo in force. It stays when the draft is deleted: what happened to it stays secret.

    Events name a release by its key, and outlive it.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", editable=False)
    release_key = models.CharField(max_length=100, unique=True, editable=False)

    objects = EmbargoQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Embargo on a release of {self.project}"


def told_to(person: Person, events: Events) -> Events:
    """The events but for those of releases that the person is to know nothing of."""
    hidden = Embargo.objects.kept_from(person).order_by().values("release_key")
    return events.exclude(release__in=hidden)
