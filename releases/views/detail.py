"""A release as it stands: the compose page, later the finish page; its revisions."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from releases.comparing import Comparison, compare
from releases.models import Import, Revision
from releases.phases import Phase
from releases.views.arrivals import arrivals_of, assembling_in
from releases.views.common import ReleasePage, failed_jobs, newest_events
from releases.views.importing import newest_import
from trusted_releases.lib.errors import Obstacle
from trusted_releases.lib.views import PER_PAGE

FILES_SHOWN = 50  # rows of the table of files on a page
# While these stand, a source is fetched or compared: the page asks again how far that is.
SOURCE_AWAITED = ("source_pending", "checks_outdated", "checks_running")
OTHERS_SHOWN = 200  # revisions to choose from when comparing


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
        obstacles = self.obstacles()
        arrivals, assembling = arrivals_of(release), assembling_in(release)
        return super().get_context_data(**kwargs) | {
            "revision": revision,
            "page_obj": (page := files_of(revision, self.request.GET.get("page"))),
            "entries": page.object_list if page else [],
            "changes": self.changes(revision),
            "obstacles": obstacles,
            "source_awaited": release.source is not None
            and any(each.code in SOURCE_AWAITED for each in obstacles),
            "arrivals": arrivals,
            "imported": newest_import(release, revision),
            "assembling": assembling,
            "arrivals_awaited": bool(assembling) or any(each["in_hand"] for each in arrivals),
            "publication": publication,
            "vote": release.vote,
            "events": newest_events(release),
            "failed_jobs": failed_jobs(release),
        }

    def changes(self, revision: Revision | None) -> Comparison | None:
        """What is new in a draft since the revision before; None for the first one."""
        if self.object.phase != Phase.COMPOSE or revision is None or revision.number < 2:
            return None
        return compare(self.object, revision.number - 1, revision.number)

    def obstacles(self) -> list[Obstacle]:
        if self.object.phase == Phase.COMPOSE:
            return list(self.object.vote_obstacles())
        return list(self.object.announce_obstacles())


PAGES = {Phase.COMPOSE: "compose", Phase.FINISH: "finish"}


class RevisionPage(ReleasePage):
    """One sealed set of files, and what changed: against the one before, or `?against=M`."""

    tab = "revisions"
    template_name = "releases/revision.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        revision = _revision(self)
        changes = compare(self.object, _against(self, revision), revision.number)
        others = self.object.revisions.exclude(pk=revision.pk).values_list("number", "tag")
        return super().get_context_data(**kwargs) | {
            "revision": revision,
            "page_obj": (page := files_of(revision, self.request.GET.get("page"))),
            "entries": page.object_list if page else [],
            "kept": f"against={changes.old}",
            "imports": Import.objects.of_revisions([revision.number]).filter(release=self.object),
            "is_newest": revision.number == self.object.last_revision,
            "is_voted": revision.pk == self.object.candidate_id,
            "others": others[:OTHERS_SHOWN],
            "changes": changes,
        }


class Revisions(ReleasePage):
    """Every revision, newest first."""

    tab = "revisions"
    template_name = "releases/revisions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = Paginator(self.object.revisions.select_related("made_by"), PER_PAGE)
        page = pages.get_page(self.request.GET.get("page"))
        page.object_list = list(page.object_list)
        imports = Import.objects.of_revisions([each.number for each in page])
        came = {each.number: each for each in imports.filter(release=self.object)}
        for each in page:
            each.came_by = came.get(each.number)  # type: ignore[attr-defined]  # for the page
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


def _against(page: ReleasePage, revision: Revision) -> int:
    """The number of the revision to compare with: `?against=M`, else the one before.

    0 is the empty draft that every release begins as.
    """
    asked = page.request.GET.get("against", "")
    if not asked:
        return revision.number - 1
    if not asked.isdecimal() or len(asked) > 9 or int(asked) > page.object.last_revision:
        raise Http404(f"{page.object} has no revision {asked[:20]} to compare with.")
    return int(asked)


def files_of(revision: Revision | None, number: str | None) -> Page | None:
    """A page of the files, each with who uploaded it and when; a number that is none leads to the
    first page, or the last."""
    if revision is None:
        return None
    pages = Paginator(revision.entries.select_related("uploaded_by"), FILES_SHOWN)
    pages.count = revision.file_count  # known, so not counted again
    page = pages.get_page(number)
    page.object_list = list(page.object_list)
    numbers = {entry.since for entry in page.object_list}
    revisions = Revision.objects.filter(release=revision.release_id, number__in=numbers)
    made = dict(revisions.values_list("number", "made_at"))
    for entry in page.object_list:
        entry.uploaded_at = made.get(entry.since)
        entry.is_new = entry.since == revision.number
    return page
