"""Pages for what went wrong before, or without, a page of ours."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.views.debug import ExceptionReporter

from trusted_releases.api.bodies import BROKEN, refusal

if TYPE_CHECKING:  # reports of errors are set up before there are models
    from trusted_releases.ledger.limits import TooMany

API = "/api/"
NOT_UNDERSTOOD = (SuspiciousOperation, BadRequest, MultiPartParserError)


def _page(status: int) -> str:
    """The page for it, which asks neither the database nor who looks: either may be the cause."""
    return render_to_string(f"{status}.html", {"site_name": settings.SITE_NAME, "at": now()})


def not_understood(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent is not what a browser sends."""
    if request.path_info.startswith(API):
        return refusal(400, "Bad Request")
    return HttpResponse(_page(400), status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """500: an error of ours."""
    if request.path_info.startswith(API):
        return refusal(500, BROKEN)
    return HttpResponse(_page(500), status=500)


def too_often(request: HttpRequest, error: "TooMany") -> HttpResponse:
    """429: what there was too much of, and when it works again. Nothing else was done."""
    headers = {"Retry-After": str(error.wait)}
    what = error.limit.what if error.limit else "doing this"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        said = f"There is a limit for {what}. Try again in {error.when}."
        return JsonResponse({"refused": [said]}, status=429, headers=headers)
    if getattr(request, "htmx", False):  # the whole page, in place of the one that is shown
        headers |= {"HX-Retarget": "main", "HX-Reselect": "main", "HX-Reswap": "outerHTML"}
    until = now() + timedelta(seconds=error.wait)
    context = {"what": what, "limit": error.limit, "when": error.when, "until": until}
    page = render(request, "429.html", context, status=429)
    for name, value in headers.items():
        page.headers[name] = value
    return page


class DemoReporter(ExceptionReporter):
    """A demo runs with DEBUG, but shows people our pages. The error itself is in the log."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(_page(400 if isinstance(self.exc_value, NOT_UNDERSTOOD) else 500))
