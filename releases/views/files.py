"""Files going in, coming out, changing names: each change is a new revision."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from releases import forms, intake
from releases.models import Release
from releases.views.common import OneRelease, ReleaseVerb
from trusted_releases.lib.errors import BadInput, Refused
from trusted_releases.lib.views import CONFLICT, UNUSABLE, SeeOther


class ChangeFiles(ReleaseVerb):
    """A change of the draft's files. Where they are frozen, the page says so before it asks."""

    policy = "releases.change_files"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        obstacles = list(self.object.compose_obstacles())
        return super().get_context_data(**kwargs) | {"obstacles": obstacles}


@method_decorator(csrf_exempt, name="dispatch")
class Upload(ChangeFiles):
    """Take files into the draft.

    Exempt from Django's check against cross-site requests because that would read the body first;
    `intake.receive` makes the check itself, when it is known who sends it. Scripts (the progress
    bar) are answered in JSON, everybody else with a page.
    """

    template_name = "releases/upload.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Django's 403 and 404 look into the body for a token. They too must not read it.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
        try:
            revision = intake.receive(request, self.object)
        except Refused as error:
            if by_script:
                sentences = [each.text for each in error.obstacles] or [str(error)]
                status = UNUSABLE if isinstance(error, BadInput) else CONFLICT
                return JsonResponse({"refused": sentences}, status=status)
            return self.form_refused(self.form_class(), error)
        messages.success(request, f"{revision.description}: revision {revision.number}.")
        if by_script:
            return JsonResponse({"location": self.get_success_url()})
        return SeeOther(self.get_success_url())


class DeleteFiles(ChangeFiles):
    """Take files out. The page that asks is the draft's; here one confirms."""

    form_class = forms.DeleteFiles
    template_name = "releases/delete_files.html"
    done = "The files are out of the draft. Earlier revisions keep them: restore one to undo this."

    def run(self, paths: list[str], seen: int) -> None:
        self.object.delete_files(paths, by=self.request.user, seen=seen)

    def get_form_kwargs(self) -> dict[str, Any]:
        newest = self.object.newest
        files = [entry.path for entry in newest.entries] if newest else []
        return super().get_form_kwargs() | {"files": files}

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        return {"paths": asked.getlist("paths"), "seen": self.object.last_revision}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"chosen": context["form"]["paths"].value() or []}


class RenameFile(ChangeFiles):
    form_class = forms.RenameFile
    template_name = "releases/rename_file.html"
    done = "The file has its new path, in a new revision. Earlier revisions keep the old one."

    def run(self, path: str, to: str, seen: int) -> None:
        self.object.rename_file(path, to, by=self.request.user, seen=seen)

    def get_initial(self) -> dict[str, Any]:
        path = self.request.GET.get("path", "")
        return {"path": path, "to": path, "seen": self.object.last_revision}


class Restore(ChangeFiles):
    """Make the files again what they were in an earlier revision."""

    form_class = forms.RestoreRevision
    template_name = "releases/restore.html"
    done = "The earlier files are back, as a new revision."

    def run(self, number: int, seen: int) -> None:
        self.object.restore_revision(number, by=self.request.user, seen=seen)

    def get_initial(self) -> dict[str, Any]:
        number = self.request.GET.get("number", "")
        return {
            "number": int(number) if number.isdecimal() and len(number) < 9 else None,
            "seen": self.object.last_revision,
        }


class DeleteDraft(ReleaseVerb):
    """Throw a draft away, files and past votes included, once its version was typed."""

    policy = "releases.delete_draft"
    form_class = forms.DeleteDraft
    template_name = "releases/delete_draft.html"
    done = "The draft is gone. Its events stay on record."

    def run(self, seen: int, typed: str) -> None:
        self.object.delete_draft(by=self.request.user, seen=seen)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"release": self.object}

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.object.last_revision}

    def get_success_url(self) -> str:
        return reverse("projects:project", args=[self.object.project.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        return super().get_context_data(**kwargs) | {
            "obstacles": list(release.compose_obstacles()),
            "newest": release.newest,
            "revision_count": release.revisions.count(),
        }


class FileDownload(OneRelease, View):
    """One file of the newest or voted revision, or of `?revision=N`, streamed as attachment."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        release = self.get_object()
        entry = release.entries.at(_number(request, release)).with_blobs()
        found = entry.filter(path=self.kwargs["path"]).first()
        if found is None:
            raise Http404(f"There is no file {self.kwargs['path']} in {release}.")
        headers = {
            "Content-Disposition": f'attachment; filename="{found.name}"',
            "Content-Length": str(found.blob.size),
            "X-Content-Type-Options": "nosniff",
            "ETag": f'"{found.blob.sha256}"',
        }
        body = () if request.method == "HEAD" else found.blob.stream()
        return StreamingHttpResponse(body, content_type="application/octet-stream", headers=headers)


def _number(request: HttpRequest, release: Release) -> int:
    asked = request.GET.get("revision", "")
    if asked:
        if not asked.isdecimal() or len(asked) > 9 or int(asked) > release.last_revision:
            raise Http404(f"{release} has no revision {asked[:20]}.")
        return int(asked)
    return release.candidate.number if release.candidate else release.last_revision
