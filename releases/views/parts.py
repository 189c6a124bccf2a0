"""What the upload form's script asks for: files in parts, and a word before any is sent.

The same verbs as the API's, for who is logged in. Without script the form sends all files at once,
to the view that it stands on.
"""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.generic import View

from projects.lifecycle import authorise, require
from releases import assembling, expecting, resuming
from releases.expecting import wanted_in
from releases.models import OpenUpload, Way
from releases.views.common import OneRelease
from releases.views.files import received
from trusted_releases.lib.errors import BadInput, Refused
from trusted_releases.lib.json_body import object_in
from trusted_releases.lib.room import needing_room, not_taken
from trusted_releases.lib.views import CONFLICT, UNUSABLE, SeeOther

RIGHT = "releases.change_files"
FORBIDDEN = 403
CUT = "The part was cut short: not all of it arrived."


class ByScript(OneRelease, View):
    """One step of an upload, asked for by script and answered in JSON: what became of it, or the
    sentences that say why not."""

    policy: ClassVar[str] = RIGHT
    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.object = self.get_object()
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied as error:
            return refusal([str(error)], FORBIDDEN)
        except Refused as error:
            sentences = [each.text for each in error.obstacles] or [str(error)]
            return refusal(sentences, UNUSABLE if isinstance(error, BadInput) else CONFLICT)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return JsonResponse(self.step(request))

    def step(self, request: HttpRequest) -> dict[str, Any]:
        """Do it; what the script is told."""
        raise NotImplementedError

    def upload_of(self, key: Any) -> OpenUpload:
        """The upload of this key, which this person has begun here."""
        found = resuming.find(str(key), self.request.user)
        if found is None or found.release_id != self.object.pk:
            raise Http404("This upload is not there: it was discarded, or has expired.")
        return found


class AskUpload(ByScript):
    """Whether these files could be taken, before anything of them is read."""

    def step(self, request: HttpRequest) -> dict[str, Any]:
        authorise(request.user, RIGHT, self.object)
        require(self.object.compose_obstacles())
        wanted = wanted_in(object_in(request))
        expecting.check(self.object, wanted)
        return {"oddities": expecting.oddities(self.object, wanted)}


class BeginUpload(ByScript):
    """Begin an upload in parts, or go on with the same one."""

    action = "release.upload"

    def step(self, request: HttpRequest) -> dict[str, Any]:
        wanted = wanted_in(object_in(request))
        upload = resuming.begin(self.object, wanted, by=request.user, way=Way.PAGE)
        files = [
            {"known": each.known, "present": each.present, "parts": each.file.part_count}
            for each in resuming.progress_of(upload, request.user)
        ]
        return {"upload": upload.key, "files": files}


class PutPart(ByScript):
    """One part of a file, as it is."""

    action = "upload.part"

    def step(self, request: HttpRequest) -> dict[str, Any]:
        query = request.GET
        upload = self.upload_of(query.get("upload", ""))
        number, offset = (_number(query.get(name, "")) for name in ("file", "offset"))
        digest = query.get("sha256", "")
        try:
            new = resuming.put(upload, number, offset, digest, request, by=request.user)
        except OSError as error:
            raise not_taken(error, CUT) from error
        return {"new": new}


class FinishUpload(ByScript):
    """All has come: make it a revision, or an upload that is looked into. A large one is put
    together by a worker: the script asks again, and shows how far that is."""

    def step(self, request: HttpRequest) -> dict[str, Any]:
        upload = self.upload_of(object_in(request).get("upload"))
        with needing_room():
            made = assembling.finish(upload, by=request.user)
        if made is None:
            return {"done": upload.bytes_done, "size": upload.size}
        messages.success(request, received(made))
        return {"location": self.object.get_absolute_url()}


class DiscardUpload(ByScript):
    """Throw away what has come of an upload; also by a button, without script."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        by_script = request.content_type == "application/json"
        key = (object_in(request) if by_script else request.POST).get("upload")
        resuming.discard(self.upload_of(key), by=request.user)
        if by_script:
            return JsonResponse({})
        messages.success(request, "What had come is gone. The files are as they were.")
        return SeeOther(self.object.get_absolute_url())


def refusal(sentences: list[str], status: int) -> JsonResponse:
    return JsonResponse({"refused": sentences}, status=status)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 16:
        raise BadInput("A number is missing, or is none.")
    return int(text)
