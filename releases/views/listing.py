"""Lists of releases, and where one begins."""

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from projects.models import Project
from releases.forms import StartRelease
from releases.models import Release
from releases.phases import Phase
from trusted_releases.lib.views import Listing, VerbView


class ReleaseList(Listing):
    """All releases the person may see, newest first; by phase, or by words in their names."""

    policy = "public"
    template_name = "releases/list.html"
    context_object_name = "releases"

    def get_queryset(self) -> QuerySet[Release]:
        found = Release.objects.visible_to(self.request.user).for_listing()
        if (phase := self.request.GET.get("phase")) in Phase.values:
            found = found.in_phase(Phase(phase))
        for word in self.request.GET.get("q", "").replace("\0", "").split()[:5]:
            named = Q(version__icontains=word) | Q(project__name__icontains=word)
            found = found.filter(named | Q(project__slug__icontains=word))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = {"q": self.request.GET.get("q", ""), "phase": self.request.GET.get("phase", "")}
        return super().get_context_data(**kwargs) | {"asked": asked, "phases": Phase.choices}


class Start(VerbView):
    """Begin a release of a project, as an empty draft."""

    policy = "releases.start_release"
    form_class = StartRelease
    template_name = "releases/start.html"
    done = "The draft is there. Upload the files of the release."

    def get_object(self, queryset: QuerySet[Project] | None = None) -> Project:
        found = Project.objects.select_related("committee")
        return get_object_or_404(found, slug=self.kwargs["project"])

    def run(self, version: str) -> None:
        self.begun = Release.objects.start(self.object, version, by=self.request.user)

    def get_success_url(self) -> str:
        return self.begun.get_absolute_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        latest = self.object.releases.visible_to(self.request.user).order_by("-created_at")[:5]
        return super().get_context_data(**kwargs) | {
            "project": self.object,
            "obstacles": list(self.object.start_obstacles()),
            "latest": latest,
            "back": reverse("projects:project", args=[self.object.slug]),
        }
