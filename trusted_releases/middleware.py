"""What every answer carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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
