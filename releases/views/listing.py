"""Lists of releases, and where one begins."""

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from projects.models import Committee, Project
from releases.forms import StartRelease
from releases.forms_embargo import StartExpedited
from releases.models import Release
from releases.phases import Phase
from trusted_releases.lib.views import Listing, VerbView, granted, words_of

LATEST = 8  # versions shown beside the form that asks for the next


class ReleaseList(Listing):
    """All releases the person may see, newest first; by phase, committee, or words in names."""

    policy = "public"
    template_name = "releases/list.html"
    context_object_name = "releases"

    def get_queryset(self) -> QuerySet[Release]:
        asked = self.request.GET
        found = Release.objects.visible_to(self.request.user).for_listing()
        if (phase := asked.get("phase")) in Phase.values:
            found = found.in_phase(Phase(phase))
        if committee := asked.get("committee", "").replace("\0", ""):
            found = found.filter(project__committee__slug=committee)
        if asked.get("mine") and self.request.user.is_authenticated:
            ours = Committee.objects.of(self.request.user)
            found = found.filter(project__committee__in=ours)
        for word in words_of(asked.get("q", "")):
            named = Q(version__icontains=word) | Q(project__name__icontains=word)
            found = found.filter(named | Q(project__slug__icontains=word))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = ("q", "phase", "committee", "mine")
        asked = {name: self.request.GET.get(name, "").replace("\0", "") for name in names}
        return super().get_context_data(**kwargs) | {"asked": asked, "phases": Phase.choices}


class Start(VerbView):
    """Begin a release of a project, as an empty draft."""

    policy = "releases.start_release"
    action = "release.create"
    form_class = StartRelease
    template_name = "releases/start.html"
    done = "The draft is there. Upload the files of the release."

    def get_object(self, queryset: QuerySet[Project] | None = None) -> Project:
        found = Project.objects.select_related("committee")
        return get_object_or_404(found, slug=self.kwargs["project"])

    def get_form_class(self) -> type[StartRelease]:
        if self.object.committee.is_podling:
            return StartRelease
        may = granted(self.request.user, "releases.start_expedited", self.object)
        return StartExpedited if may else StartRelease

    def run(self, version: str, expedited: bool = False) -> None:
        person = self.request.user
        self.begun = Release.objects.start(self.object, version, by=person, expedited=expedited)

    def get_success_url(self) -> str:
        return self.begun.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        latest = self.object.releases.visible_to(self.request.user).order_by("-created_at")
        return super().get_context_data(**kwargs) | {
            "project": self.object,
            "obstacles": list(self.object.start_obstacles()),
            "latest": latest.select_related("project")[:LATEST],
            "back": reverse("projects:project", args=[self.object.slug]),
        }
