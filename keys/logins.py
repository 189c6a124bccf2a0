"""Keeping track of who is logged in where: one row for each log-in, and when it was last used."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from keys.models.login import LONGEST_BROWSER, Login
from trusted_releases.lib.addresses import address_of

IN_SESSION = "login"  # the row's key, in the session
NOT_AGAIN_WITHIN = 600.0  # seconds: "last used" need not be more exact, and costs a write
MOST_KNOWN = 10_000

_known: OrderedDict[int, tuple[str, float]] = OrderedDict()
_lock = Lock()


class Seen:
    """Writes down, now and then, that a browser in which somebody is logged in was used.

    Only where the request has looked at its session anyway: pages that depend on nobody stay so.
    Django gives a session a new key with a new password; the row follows.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        login = session.get(IN_SESSION) if session.accessed else None
        if login and session.session_key and _is_news(login, session.session_key):
            Login.objects.filter(pk=login).update(session_key=session.session_key, seen_at=now())
        return response


@receiver(user_logged_in)
def began(request: HttpRequest, user: Any, **_: Any) -> None:
    """Somebody has logged in, in whatever way."""
    session = request.session
    if not session.session_key:
        session.create()
    seen = {
        "owner": user,
        "address": address_of(request),
        "browser": request.headers.get("User-Agent", "")[:LONGEST_BROWSER],
    }
    row, _made = Login.objects.update_or_create(session_key=session.session_key, defaults=seen)
    session[IN_SESSION] = row.pk
    _is_news(row.pk, row.session_key)


@receiver(user_logged_out)
def ended(request: HttpRequest, **_: Any) -> None:
    Login.objects.filter(session_key=request.session.session_key or "").delete()


def _is_news(login: int, session_key: str) -> bool:
    """Whether this process has not said so a moment ago; it remembers that it has now."""
    at = time.monotonic()
    with _lock:
        before = _known.pop(login, None)
        _known[login] = (session_key, at)
        if len(_known) > MOST_KNOWN:
            _known.popitem(last=False)
        if before is None or before[0] != session_key:
            return True
        if at - before[1] < NOT_AGAIN_WITHIN:
            _known[login] = before
            return False
        return True
