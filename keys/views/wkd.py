"""The Web Key Directory of the platform's mail domain, by both ways that programs ask for it."""

from typing import ClassVar

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotFound,
)
from django.views.generic import View

from keys import directory

KEPT = "public, max-age=300"  # caches may: a revocation is seen after this many seconds
LONGEST_LOCAL_PART = 64


class OfDomain(View):
    """Answers for this platform's mail domain only; anybody may read it, from any site."""

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        asked = kwargs.pop("domain", settings.MAIL_DOMAIN)
        if asked.lower() != settings.MAIL_DOMAIN.lower():
            raise Http404(f"The directory here is that of {settings.MAIL_DOMAIN}.")
        try:
            answer = super().dispatch(request, *args, **kwargs)
        except Http404 as error:  # a browser lets scripts read this one too
            answer = HttpResponseNotFound(str(error), content_type="text/plain")
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Cache-Control"] = KEPT
        return answer


class DirectoryKey(OfDomain):
    """One key, in binary form, with nothing but the user id of the address."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        local_part = request.GET.get("l", "").replace("\0", "")[:LONGEST_LOCAL_PART]
        if (content := directory.found(name.lower(), local_part)) is None:
            raise Http404("Nobody here has a key under this address.")
        return HttpResponse(content, content_type="application/octet-stream")


class DirectoryPolicy(OfDomain):
    """The policy of the directory: empty, which says that there is one, and nothing more."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"", content_type="text/plain")
