"""A release as it stands: the compose page, later the finish page; its revisions."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from releases.models import Revision
from releases.phases import Phase
from releases.views.common import ReleasePage, failed_jobs, newest_events
from trusted_releases.lib.errors import Obstacle
from trusted_releases.lib.views import PER_PAGE

FILES_SHOWN = 500  # rows of the table of files; the manifest has them all


class Detail(ReleasePage):
    """What the release needs next: files and checks, ballots, publication, or nothing more."""

    tab = "now"

    def get_template_names(self) -> list[str]:
        return [f"releases/{PAGES[Phase(self.object.phase)]}.html"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        if self.object.phase == Phase.VOTE:
            return redirect("releases:vote", *self.object.url_args)
        if self.object.phase == Phase.RELEASED:
            return redirect("releases:download", *self.object.url_args)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        revision = release.candidate or release.newest
        publication = getattr(release, "publication", None)
        return super().get_context_data(**kwargs) | {
            "revision": revision,
            "entries": revision.entries[:FILES_SHOWN] if revision else [],
            "obstacles": self.obstacles(),
            "publication": publication,
            "vote": release.vote,
            "events": newest_events(release),
            "failed_jobs": failed_jobs(release),
        }

    def obstacles(self) -> list[Obstacle]:
        if self.object.phase == Phase.COMPOSE:
            return list(self.object.vote_obstacles())
        return list(self.object.announce_obstacles())


PAGES = {Phase.COMPOSE: "compose", Phase.FINISH: "finish"}


class RevisionPage(ReleasePage):
    """One sealed set of files: which, and what changed against the revision before."""

    tab = "revisions"
    template_name = "releases/revision.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        revision = _revision(self)
        return super().get_context_data(**kwargs) | {
            "revision": revision,
            "entries": revision.entries[:FILES_SHOWN],
            "is_newest": revision.number == self.object.last_revision,
            "changes": _changes(revision),
        }


class Revisions(ReleasePage):
    """Every revision, newest first."""

    tab = "revisions"
    template_name = "releases/revisions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = Paginator(self.object.revisions.select_related("made_by"), PER_PAGE)
        page = pages.get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {"page_obj": page}


class Manifest(ReleasePage):
    """The manifest of a revision, in the bytes whose digest everything names."""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        revision = _revision(self)
        name = f"{self.object.project.slug}-{self.object.version}-{revision.number}.manifest.json"
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(revision.manifest(), "application/json", headers=headers)


def _revision(page: ReleasePage) -> Revision:
    number = page.kwargs["number"]
    found = page.object.revisions.select_related("made_by").filter(number=number).first()
    if found is None:
        raise Http404(f"{page.object} has no revision {number}.")
    found.release = page.object
    return found


def _changes(revision: Revision) -> dict[str, list[str]]:
    """Paths that are new, different or gone since the revision before."""
    entries = revision.release.entries
    came = set(entries.filter(since=revision.number).values_list("path", flat=True)[:FILES_SHOWN])
    went = set(entries.filter(until=revision.number).values_list("path", flat=True)[:FILES_SHOWN])
    return {
        "Added": sorted(came - went),
        "Replaced": sorted(came & went),
        "Removed": sorted(went - came),
    }
