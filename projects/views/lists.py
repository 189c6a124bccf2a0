"""Lists of projects and committees: searched, narrowed, counted, in pages."""

from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from projects.models import Committee, Project
from trusted_releases.lib.views import Listing, words_of


class ProjectList(Listing):
    """All projects by name; by words, status, committee, or only those of one's committees."""

    policy = "public"
    template_name = "projects/list.html"
    context_object_name = "projects"

    def get_queryset(self) -> QuerySet[Project]:
        asked = self.request.GET
        found = Project.objects.for_listing()
        if (status := asked.get("status")) in Project.Status.values:
            found = found.filter(status=status)
        if asked.get("mine"):
            found = found.filter(committee__in=Committee.objects.of(self.request.user))
        for word in words_of(asked.get("q", "")):
            named = Q(name__icontains=word) | Q(slug__icontains=word)
            found = found.filter(named | Q(committee__name__icontains=word))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        asked = {name: self.request.GET.get(name, "") for name in ("q", "status", "mine")}
        rows = with_last_release(list(context["projects"]))
        return context | {"asked": asked, "statuses": Project.Status.choices, "rows": rows}


class CommitteeList(Listing):
    """All committees by name; by words, podlings or not, or only one's own."""

    policy = "public"
    template_name = "projects/committees.html"
    context_object_name = "committees"

    def get_queryset(self) -> QuerySet[Committee]:
        asked = self.request.GET
        found = Committee.objects.for_listing().select_related("parent")
        if (kind := asked.get("kind")) in KINDS:
            found = found.filter(is_podling=kind == "podling")
        if asked.get("mine"):
            found = found.filter(pk__in=Committee.objects.of(self.request.user))
        for word in words_of(asked.get("q", "")):
            found = found.filter(Q(name__icontains=word) | Q(slug__icontains=word))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "") for name in ("q", "kind", "mine")}
        return super().get_context_data(**kwargs) | {"asked": asked, "kinds": KINDS.items()}


KINDS = {"committee": "Committees", "podling": "Podlings"}


def with_last_release(projects: list[Project]) -> list[dict[str, Any]]:
    """The projects, each with how many releases are out and when the last was: one question."""
    known = Project.objects.filter(pk__in=[project.pk for project in projects]).order_by()
    # Drafts and candidates have no date, so neither of the two counts them.
    told = known.annotate(
        count=Count("releases__released_at"), last=Max("releases__released_at")
    ).in_bulk()
    return [
        {"project": each, "count": told[each.pk].count, "last": told[each.pk].last}
        for each in projects
    ]
