"""What happened: in one release, in one project, everywhere."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from projects.models import Project
from releases.models import Release
from releases.models.hidden import told_to
from releases.views.common import steps_of
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.querysets import SEARCHED
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.views import Listing, granted, rights
from trusted_releases.templatetags.access import may_search_events


class EventList(Listing):
    """What happened, for those who may search all events; by words, person and kind."""

    policy = "projects.search_events"
    template_name = "site/events.html"
    context_object_name = "events"
    place: Any = None
    sees_refusals = False

    def get_queryset(self) -> QuerySet[Event]:
        if not may_search_events(self.request.user):
            raise PermissionDenied(
                "Searching all events is for committee members, members of the foundation and "
                "operators. The events of a release stand on its page."
            )
        return self.asked(told_to(self.request.user, Event.objects.all()))

    def asked(self, events: Any) -> QuerySet[Event]:
        if who := self.wanted("by"):
            events = events.filter(actor=who[:150])
        if (tag := self.request.GET.get("tag")) in Tag.values:
            events = events.filter(tag=tag)
        # Last, because words are looked for in the newest of those that the rest has chosen.
        if words := self.wanted("q"):
            events = events.search(words[:200])
        return events.order_by("-id")

    def wanted(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\0", "").strip()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "asked": {name: self.request.GET.get(name, "") for name in ("q", "by", "tag")},
            "tags": Tag.choices,
            "looked_through": SEARCHED,
            "place": self.place,
            "sees_refusals": self.sees_refusals,
        }


class ReleaseEvents(EventList):
    """All that happened to one release, for whoever may see the release."""

    policy = "public"
    template_name = "site/release_events.html"

    def get_queryset(self) -> QuerySet[Event]:
        visible = Release.objects.visible_to(self.request.user).select_related("project__committee")
        wanted = visible.of_key(self.kwargs["project"], self.kwargs["version"])
        self.place = get_object_or_404(wanted)
        events = Event.objects.of_release(self.place.pk)
        self.sees_refusals = granted(self.request.user, "releases.change_files", self.place)
        return self.asked(events if self.sees_refusals else events.accepted())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.place
        return super().get_context_data(**kwargs) | {
            "release": release,
            "project": release.project,
            "steps": steps_of(release),
            "tab": "events",
        }


class ProjectEvents(EventList):
    """All that happened in a project, drafts and refusals included: for its own people."""

    policy = "releases.start_release"
    template_name = "site/project_events.html"

    def get_queryset(self) -> QuerySet[Event]:
        self.place = get_object_or_404(
            Project.objects.select_related("committee"), slug=self.kwargs["project"]
        )
        if not granted(self.request.user, self.policy, self.place):
            raise PermissionDenied(
                f"The events of {self.place} are for its own people. What happened to a release "
                "that is public stands on the page of the release, under “Events”."
            )
        self.sees_refusals = True
        theirs = Event.objects.of_project(self.place.slug)
        return self.asked(told_to(self.request.user, theirs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project = self.place
        may = rights(self.request.user, project, self.policy)
        frame = {"project": project, "tab": "events", "may": may}
        return super().get_context_data(**kwargs) | frame
