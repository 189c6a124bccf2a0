"""Publication, announcement, and the page from which the world downloads."""

from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.generic import View

from releases import forms, texts, verifying
from releases.models import Publication
from releases.phases import Outcome, Phase
from releases.views.common import ReleasePage, ReleaseVerb, failed_jobs
from releases.views.detail import FILES_SHOWN
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import RESERVED, check_path
from trusted_releases.lib.views import STOP_POLLING

LOCATION = 3  # committee, project, version: the first parts of a path in the download area


class Publish(ReleaseVerb):
    """Bring the voted files into the download area. Says first what that does."""

    policy = "releases.publish"
    form_class = forms.Publish
    template_name = "releases/publish.html"
    done = "Publication has begun. A worker does it; this page says how far it is."

    def run(self, manifest: str) -> None:
        self.object.publish(by=self.request.user, manifest=manifest)

    def get_initial(self) -> dict[str, Any]:
        candidate = self.object.candidate
        return {"manifest": candidate.manifest_digest if candidate else ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "revision": self.object.candidate,
            "obstacles": list(self.object.publish_obstacles()),
        }


class PublicationProgress(ReleasePage):
    """How far the publication is: asked for every two seconds until it is settled."""

    template_name = "releases/_publication.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        publication = getattr(self.object, "publication", None)
        return super().get_context_data(**kwargs) | {
            "publication": publication,
            "revision": self.object.candidate,
            "failed_jobs": failed_jobs(self.object),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        publication = context["publication"]
        if publication is None or publication.state != Publication.State.RUNNING:
            response.status_code = STOP_POLLING
            # What one may do next has changed with it.
            response["HX-Refresh"] = "true"
        return response


class Announce(ReleaseVerb):
    """Tell the world, once the version was typed. From here on nothing changes."""

    policy = "releases.announce"
    form_class = forms.Announce
    template_name = "releases/announce.html"
    done = "The release is announced."

    def run(self, subject: str, body: str, typed: str) -> None:
        self.object.announce(by=self.request.user, subject=subject, body=body)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"release": self.object}

    def get_initial(self) -> dict[str, Any]:
        if self.object.candidate is None:
            return {}
        subject, body = texts.announcement(self.object, self.request.user)
        return {"subject": subject, "body": body}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "obstacles": list(self.object.announce_obstacles()),
            "recipients": self.object.project.rules.announce_to,
        }


class Download(ReleasePage):
    """Files with signatures and checksums, how to verify them, and what was voted."""

    tab = "now"
    template_name = "releases/download.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        publication = getattr(release, "publication", None)
        if publication is None or publication.state != Publication.State.DONE:
            raise Http404(f"{release} is not published.")
        vote = release.votes.filter(outcome=Outcome.PASSED).first()
        entries = list(publication.release.candidate.entries[:FILES_SHOWN])
        return super().get_context_data(**kwargs) | {
            "publication": publication,
            "revision": release.candidate,
            "entries": entries,
            "verify": verifying.of_published(release, publication.location, entries),
            "proof": f"{publication.location}/{RESERVED}",
            "vote": vote,
            "tally": vote.counted["tally"] if vote else None,
            "announced": release.phase == Phase.RELEASED,
        }


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
    done = Publication.objects.filter(state=Publication.State.DONE)
    return done.filter(release__project__committee__slug=parts[0]).exists()


def _is_of_release(parts: list[str]) -> bool:
    home, rest = parts[:LOCATION], parts[LOCATION:]
    try:
        check_path("/".join(rest[1:] if rest[:1] == [RESERVED] else rest))
    except BadInput:
        return False
    done = Publication.objects.filter(state=Publication.State.DONE, location="/".join(home))
    return done.exists()
