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
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from releases import forms, intake
from releases.comparing import compare
from releases.models import Arrival, Release, Revision
from releases.renaming import with_companions
from releases.views.common import OneRelease, ReleaseVerb
from trusted_releases.lib.errors import BadInput, Refused
from trusted_releases.lib.views import CONFLICT, UNUSABLE, SeeOther, granted

NAMED = 30  # files that are named before a draft is deleted


def done(revision: Revision, text: str) -> SafeString:
    """What was done, with the way back to how it was before."""
    before = revision.number - 1
    if not before:
        return format_html("{} This is revision 1.", text)
    restore = reverse("releases:restore", args=revision.release.url_args)
    return format_html(
        '{} This is revision {}. <a href="{}?number={}">Undo: restore revision {}</a>',
        *(text, revision.number, restore, before, before),
    )


def received(made: Revision | Arrival) -> SafeString | str:
    """What became of an upload."""
    if isinstance(made, Revision):
        return done(made, f"{made.description}.")
    return f"Received {made.title}. It is being looked at before it becomes part of the files."


class ChangeFiles(ReleaseVerb):
    """A change of the draft's files. Where they are frozen, the page says so before it asks.

    Afterwards the page says what was done, and offers to undo it.
    """

    policy = "releases.change_files"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        obstacles = list(self.object.compose_obstacles())
        return super().get_context_data(**kwargs) | {"obstacles": obstacles}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if granted(request.user, self.policy, self.object) and not self.frozen():
            self.require_target()
        return super().get(request, *args, **kwargs)

    def frozen(self) -> bool:
        return any(self.object.compose_obstacles())

    def require_target(self) -> None:
        """Http404 when what the address names is not there: a form for it could only fail."""

    @cached_property
    def paths(self) -> list[str]:
        """The paths of the draft's files as they are now."""
        entries = self.object.entries.at(self.object.last_revision)
        return list(entries.order_by("path").values_list("path", flat=True))


@method_decorator(csrf_exempt, name="dispatch")
class Upload(ChangeFiles):
    """Take files into the draft.

    Exempt from Django's check against cross-site requests because that would read the body first;
    `intake.receive` makes the check itself, when it is known who sends it. Scripts (the progress
    bar) are answered in JSON, everybody else with a page.
    """

    action = "release.upload"
    template_name = "releases/upload.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Django's 403 and 404 look into the body for a token. They too must not read it.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
        try:
            made = intake.receive(request, self.object)
        except Refused as error:
            if by_script:
                sentences = [each.text for each in error.obstacles] or [str(error)]
                status = UNUSABLE if isinstance(error, BadInput) else CONFLICT
                return JsonResponse({"refused": sentences}, status=status)
            return self.form_refused(self.form_class(), error)
        messages.success(request, received(made))
        if by_script:
            return JsonResponse({"location": self.get_success_url()})
        return SeeOther(self.get_success_url())


class DeleteFiles(ChangeFiles):
    """Take files out. The page that asks is the draft's; here one confirms."""

    form_class = forms.DeleteFiles
    template_name = "releases/delete_files.html"

    def run(self, paths: list[str], seen: int) -> None:
        revision = self.object.delete_files(paths, by=self.request.user, seen=seen)
        self.done = done(revision, f"{revision.description}. Earlier revisions keep what went.")

    def require_target(self) -> None:
        if gone := set(self.request.GET.getlist("paths")) - set(self.paths):
            raise Http404(f"There is no file {min(gone)} in {self.object}.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"files": self.paths}

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        return {"paths": asked.getlist("paths"), "seen": self.object.last_revision}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        files = self.paths
        asked = set(context["form"]["paths"].value() or [])
        chosen = [path for path in files if path in asked]
        gone = with_companions(chosen, files)
        return context | {
            "chosen": chosen,
            "along": [path for path in gone if path not in chosen],
            "gone": len(gone),
            "left": len(files) - len(gone),
        }


class RenameFile(ChangeFiles):
    form_class = forms.RenameFile
    template_name = "releases/rename_file.html"

    def run(self, path: str, to: str, seen: int) -> None:
        revision = self.object.rename_file(path, to, by=self.request.user, seen=seen)
        self.done = done(revision, f"{revision.description}. Earlier revisions keep the old path.")

    def require_target(self) -> None:
        if (path := self.request.GET.get("path", "")) not in self.paths:
            raise Http404(
                f"There is no file {path} in {self.object}. Choose one on the draft's page."
            )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        files, path = self.paths, context["form"]["path"].value()
        along = with_companions([path], files) if path in files else []
        return context | {"along": [each for each in along if each != path]}

    def get_initial(self) -> dict[str, Any]:
        path = self.request.GET.get("path", "")
        return {"path": path, "to": path, "seen": self.object.last_revision}


class Restore(ChangeFiles):
    """Make the files again what they were in an earlier revision."""

    form_class = forms.RestoreRevision
    template_name = "releases/restore.html"

    def run(self, number: int, seen: int) -> None:
        revision = self.object.restore_revision(number, by=self.request.user, seen=seen)
        self.done = done(revision, f"The files of revision {number} are back.")

    def require_target(self) -> None:
        if self.wanted() is None:
            asked = self.request.GET.get("number", "")[:20] or "of that number"
            raise Http404(
                f"{self.object} has no revision {asked}. “Revisions” lists all there are."
            )

    def wanted(self) -> Revision | None:
        """The revision whose files are to come back."""
        number = self.request.POST.get("number") or self.request.GET.get("number", "")
        if not number.isdecimal() or len(number) > 8:
            return None
        found = self.object.revisions.select_related("made_by").filter(number=int(number)).first()
        if found is not None:
            found.release = self.object
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted, release = self.wanted(), self.object
        return super().get_context_data(**kwargs) | {
            "wanted": wanted,
            "changes": wanted and compare(release, release.last_revision, wanted.number),
        }

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
    done = "The draft is gone. Its events stay on record, and its version is free again."

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
            "entries": release.entries.at(release.last_revision).order_by("path")[:NAMED],
            "revision_count": release.revisions.count(),
        }


class FileDownload(OneRelease, View):
    """One file of the newest or voted revision, or of `?revision=N`, streamed as attachment."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        release = self.get_object()
        entry = release.entries.at(number_in(request, release)).with_blobs()
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


def number_in(request: HttpRequest, release: Release) -> int:
    """The revision whose files are asked for: by number, else what was voted on or the newest."""
    asked = request.GET.get("revision", "")
    if asked:
        if not asked.isdecimal() or len(asked) > 9 or int(asked) > release.last_revision:
            raise Http404(f"{release} has no revision {asked[:20]}.")
        return int(asked)
    return release.candidate.number if release.candidate else release.last_revision
