"""The page from which the world downloads a release, and the files themselves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.generic import View

from releases import verifying
from releases.artifacts import artifacts, grouped
from releases.models import Publication, Release
from releases.phases import Outcome, Phase
from releases.views.common import ReleasePage
from releases.views.vote import as_script
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import RESERVED, check_path

PER_PAGE = 25  # artifacts; each row holds a SHA-512 to copy
LOCATION = 3  # committee, project, version: the first parts of a path in the download area


class Download(ReleasePage):
    """Files with signatures and checksums, how to verify them, and what was voted."""

    tab = "now"
    template_name = "releases/download.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        publication = publication_of(release)
        vote = release.votes.filter(outcome=Outcome.PASSED).first()
        entries = list(release.voted.entries)
        all_artifacts = artifacts(entries, publication.location)
        page = Paginator(all_artifacts, PER_PAGE).get_page(self.request.GET.get("page"))
        has_source = any(each.is_source for each in all_artifacts)
        return super().get_context_data(**kwargs) | {
            "publication": publication,
            "revision": release.candidate,
            "groups": grouped(page, has_source=has_source),
            "page_obj": page,
            "verify": verifying.of_published(release, publication.location, entries),
            "script": verifying.script_of_published(publication, entries),
            "script_commands": verifying.fetched("releases:download-script", *release.url_args),
            "proof": f"{publication.location}/{RESERVED}",
            "vote": vote,
            "tally": vote.counted["tally"] if vote else None,
            "announced": release.phase == Phase.RELEASED,
            "neighbours": Neighbours.of(release),
        }


class DownloadScript(ReleasePage):
    """The script that verifies what is published, as a file."""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        publication = publication_of(self.object)
        entries = list(self.object.voted.entries)
        return as_script(verifying.script_of_published(publication, entries))


def publication_of(release: Release) -> Publication:
    """What lies in the download area for this release; Http404 while nothing does."""
    publication = getattr(release, "publication", None)
    if publication is None or publication.state != Publication.State.DONE or release.embargoed:
        raise Http404(f"{release} is not published.")
    publication.release = release
    return publication


@dataclass(frozen=True)
class Neighbours:
    """The announced releases of the same project around this one, and the newest of its cycle."""

    earlier: Release | None
    later: Release | None
    newest: Release | None  # of the same cycle, where that is another one

    @classmethod
    def of(cls, release: Release) -> "Neighbours":
        if release.released_at is None:
            return cls(None, None, None)
        others = Release.objects.in_phase(Phase.RELEASED).exclude(pk=release.pk)
        others = others.filter(project=release.project_id).select_related("project")
        later = others.filter(released_at__gt=release.released_at)
        return cls(
            earlier=others.filter(released_at__lt=release.released_at)
            .order_by("-released_at")
            .first(),
            later=later.order_by("released_at").first(),
            newest=later.filter(cycle=release.cycle_id).order_by("-released_at").first()
            if release.cycle_id
            else None,
        )


class PublishedFile(View):
    """A file of the download area. A web server in front serves these itself, as they lie."""

    policy = "public"

    def get(self, request: HttpRequest, path: str) -> FileResponse:
        target = published(path)
        return FileResponse(
            target.open("rb"),
            as_attachment=True,
            filename=target.name,
            content_type="application/octet-stream",
        )


def published(path: str) -> Path:
    """The file at this path of the download area; Http404 for whatever is not published.

    What counts is the record of the publication: a file that only lies there is not served.
    """
    root = Path(storages["downloads"].path(""))
    parts = path.split("/")
    if not (_is_keys(parts) or _is_of_release(parts)):
        raise Http404("There is no such file.")
    target = root.joinpath(*parts)
    if not target.is_file() or not target.resolve().is_relative_to(root.resolve()):
        raise Http404("There is no such file.")
    return target


def _is_keys(parts: list[str]) -> bool:
    """`<committee>/KEYS`, for a committee that has published something."""
    if len(parts) != 2 or parts[1] != "KEYS":
        return False
    return _public().filter(release__project__committee__slug=parts[0]).exists()


def _is_of_release(parts: list[str]) -> bool:
    home, rest = parts[:LOCATION], parts[LOCATION:]
    try:
        check_path("/".join(rest[1:] if rest[:1] == [RESERVED] else rest))
    except BadInput:
        return False
    return _public().filter(location="/".join(home)).exists()


def _public() -> "QuerySet[Publication]":
    return Publication.objects.filter(state=Publication.State.DONE, release__embargoed=False)
