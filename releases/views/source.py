"""The commit that a release was made from: said, fetched again, taken away."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from releases.forms_source import RecordSource as RecordSourceForm
from releases.views.common import ReleaseVerb
from trusted_releases.lib.views import granted


class _OfSource(ReleaseVerb):
    policy = "releases.change_files"
    template_name = "releases/source.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "obstacles": list(self.object.compose_obstacles()),
            "source": self.object.source,
        }

    def get_success_url(self) -> str:
        return f"{self.object.get_absolute_url()}#source"


class RecordSource(_OfSource):
    """Say from which commit, or correct it."""

    form_class = RecordSourceForm
    done = "It is recorded. The commit is fetched now, and compared with the source archives."

    def run(self, repository: str, commit: str, tag: str) -> None:
        self.object.record_source(
            by=self.request.user, repository=repository, commit=commit, tag=tag
        )

    def get_initial(self) -> dict[str, Any]:
        known = self.object.source
        if known is None:
            return {"repository": self.object.project.repository}
        return {"repository": known.repository, "commit": known.commit, "tag": known.tag}


class _OfRecorded(_OfSource):
    """What is done to a source that is there; Http404 where there is none."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if granted(request.user, self.policy, self.object) and self.object.source is None:
            raise Http404(f"No source is recorded for {self.object}.")
        return super().get(request, *args, **kwargs)


class FetchAgain(_OfRecorded):
    """Try once more, after something was mended elsewhere."""

    template_name = "releases/fetch_source.html"
    done = "The commit is fetched again."

    def run(self) -> None:
        self.object.fetch_source_again(by=self.request.user)


class ForgetSource(_OfRecorded):
    """Take the record away, so that nothing is compared."""

    template_name = "releases/forget_source.html"
    done = "Nothing is compared any more. The source can be recorded again."

    def run(self) -> None:
        self.object.forget_source(by=self.request.user)
