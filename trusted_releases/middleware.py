"""What every answer carries."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found

from trusted_releases import acting
from trusted_releases.api.endpoint import Endpoint
from trusted_releases.ledger.limits import TooMany, actor_of, give_back, spend
from trusted_releases.lib import request_ids
from trusted_releases.lib.addresses import address_of
from trusted_releases.views.errors import too_often


class RequestId:
    """Gives each request an id of its own: in every log line about it, in every error of the API,
    and in the header of the answer, so that a person can quote it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request_ids.begin()
        response = self.get_response(request)
        response.headers[request_ids.HEADER] = known
        return response


class NoStore:
    """Nothing is kept by caches unless a view says that it may be.

    Pages show drafts, ballots and tokens of the person who looks; a shared cache, or the back
    button after log-out, must not show them to the next one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class ActingOnBehalf:
    """While an officer acts in a person's name, the person is `request.user`.

    What is for that person alone, or for the officer as such, is not reachable meanwhile.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        acting.step_in(request)
        if request.path_info.startswith(acting.CLOSED) and (person := acting.person_of(request)):
            if acting.is_log_out(request):
                acting.end(request, "log-out")
            else:
                raise PermissionDenied(
                    f"You act on behalf of {person}: accounts, passwords, second factors and the "
                    "console are closed meanwhile. End it with the button above, then go on."
                )
        return self.get_response(request)


# What pages that are not ours are called in the table of limits, by the name of their address.
# Log-in itself counts what failed: see `projects.accounts`.
ACTIONS = {
    "account_reset_password": "password.reset",
    "account_signup": "sign-up",
    "mfa_authenticate": "second-factor",
    "mfa_reauthenticate": "second-factor",
}


class Limits:
    """What somebody sends from a page uses the limit that the same act has over the API.

    A view of ours names its `action`, as an endpoint does; endpoints use theirs up themselves, when
    they know who asks. It is used before anything else is done, and given back where the form
    was not even filled in right (`lib.views.Refusing`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        spent = getattr(request, "spent", None)
        if spent and getattr(request, "nothing_tried", False):
            give_back(*spent)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        action = self.action_of(request, view)
        if request.method != "POST" or not action:
            return None
        actor = actor_of(request.user, address_of(request))
        try:
            spend(actor, action)
        except TooMany as error:
            return too_often(request, error)
        request.spent = (actor, action)  # type: ignore[attr-defined]
        return None

    def action_of(self, request: HttpRequest, view: Any) -> str:
        kind = getattr(view, "view_class", None)
        if kind is not None and issubclass(kind, Endpoint):
            return ""
        named = request.resolver_match.view_name if request.resolver_match else ""
        return str(getattr(kind, "action", "") or ACTIONS.get(named, ""))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return too_often(request, error) if isinstance(error, TooMany) else None


class DemoNotFound:
    """A demo runs with DEBUG, but what is not there has our page, as it has in production.

    DEBUG without DEMO is for developers, who keep Django's page. The other errors of a demo are
    told by `views.errors.DemoReporter`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DEMO:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 404 and request.resolver_match is None:  # no such address
            return page_not_found(request, Http404())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The address is one of ours, but its view found nothing."""
        return page_not_found(request, exception) if isinstance(exception, Http404) else None
