"""A project: its releases, the keys that sign them, its rules, its people, its policy."""

from itertools import groupby
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.views.generic import DetailView

from projects.models import Project
from projects.roster import acts, people_of
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.views import rights

NEWEST_EVENTS = 8
RELEASES_SHOWN = 50
KEYS_SHOWN = 100
# What follows from another event, or leads to one: the page has room for few.
FOLLOWING = (Tag.MAIL_SENT, Tag.WORKFLOW_KEY_ADDED, Tag.TICKET_MADE)
RIGHTS = ("releases.start_release", "projects.change_policy", "keys.add_keys")


class OneProject:
    """Finds the project of the address, and says what the person may do there."""

    request: HttpRequest
    kwargs: dict[str, Any]
    object: Project
    tab: ClassVar[str] = ""

    def get_object(self, queryset: QuerySet[Project] | None = None) -> Project:
        found = Project.objects.select_related("committee__parent")
        return get_object_or_404(found, slug=self.kwargs["project"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {  # type: ignore[misc]
            "project": self.object,
            "tab": self.tab,
            "may": rights(self.request.user, self.object, *RIGHTS),
        }


class ProjectPage(OneProject, DetailView):
    """Its releases, line by line of maintenance, and what happened lately."""

    policy: ClassVar[str] = "public"
    template_name = "projects/project.html"
    context_object_name = "project"
    tab = "releases"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project, person = self.object, self.request.user
        visible = project.releases.visible_to(person).for_listing().select_related("cycle")
        releases = list(visible[:RELEASES_SHOWN])
        for each in releases:
            each.project = project
        return super().get_context_data(**kwargs) | {
            "cycles": by_cycle(releases),
            "cut": len(releases) == RELEASES_SHOWN,
            "rules": project.rules,
            "obstacles": list(project.start_obstacles()),
            # Events of drafts are for those who may see drafts; those of the project for all.
            "events": _events(project, releases)[:NEWEST_EVENTS],
        }


class ProjectKeys(OneProject, DetailView):
    """The keys that may sign its releases: those of its committee."""

    policy: ClassVar[str] = "public"
    template_name = "projects/keys.html"
    tab = "keys"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = self.object.committee.key_links.select_related("certificate__owner", "added_by")
        return super().get_context_data(**kwargs) | {
            "committee": self.object.committee,
            "links": links.order_by("certificate__fingerprint")[:KEYS_SHOWN],
            "now": now(),
        }


class ProjectPeople(OneProject, DetailView):
    """Who works on it, and what each of their roles lets them do."""

    policy: ClassVar[str] = "public"
    template_name = "projects/people.html"
    tab = "people"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        committee = self.object.committee
        return super().get_context_data(**kwargs) | {
            "committee": committee,
            "people": (page := people_of(committee, self.request.GET.get("page"))).object_list,
            "page_obj": page,
            "acts": acts(),
        }


def by_cycle(releases: list[Any]) -> list[dict[str, Any]]:
    """The releases under the lines they belong to: the line with the newest release first."""
    order: dict[Any, int] = {}
    for each in releases:
        order.setdefault(each.cycle_id, len(order))
    grouped = groupby(sorted(releases, key=lambda r: order[r.cycle_id]), key=lambda r: r.cycle)
    return [{"cycle": cycle, "releases": list(rows)} for cycle, rows in grouped]


def _events(project: Project, releases: list[Any]) -> QuerySet[Event]:
    keys = ["", *(str(each.pk) for each in releases)]
    events = Event.objects.of_project(project.slug).accepted().filter(release__in=keys)
    return events.exclude(tag__in=FOLLOWING)
