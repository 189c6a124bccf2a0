"""Acting on behalf: for a few minutes an officer sees and does what a person may, in their name.

The officer's own session carries it. `request.user` is then the person's account with the officer
as `acted_by`, and events are written from that: the actor is the officer, always.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now

from projects.roles import may
from trusted_releases import second_factor

KEY = "acting_on_behalf"
CLOSED = ("/accounts/", "/admin/")


@dataclass(frozen=True)
class Acting:
    """What the strip on every page says."""

    person: Any
    operator: Any
    until: datetime
    reason: str


def begin(request: HttpRequest, person: Any, *, reason: str) -> None:
    """Run the verb, and let this session act as the person from the next request on."""
    until = person.begin_acting(by=request.user, reason=reason)
    request.session[KEY] = {"person": person.pk, "until": until.isoformat(), "reason": reason}


def end(request: HttpRequest, how: str) -> Any:
    """Be oneself again. Returns whom one acted for, or None when one did not."""
    if (person := person_of(request)) is None:
        return None
    _leave(request, person, person.acted_by, how)
    request.user = person.acted_by
    return person


def step_in(request: HttpRequest) -> None:
    """Let `request.user` be the person, when it is first asked for. Costs nothing before that."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        request.user = SimpleLazyObject(partial(_whoever, request, request.user))  # type: ignore[assignment]


def person_of(request: HttpRequest) -> Any:
    """The person in whose name this request acts, or None."""
    user: Any = getattr(request, "user", None)
    return user if user is not None and getattr(user, "acted_by", None) is not None else None


def of(request: HttpRequest) -> Acting | None:
    """What templates know as `acting`."""
    if (person := person_of(request)) is None:
        return None
    kept = request.session[KEY]
    until = datetime.fromisoformat(kept["until"])
    return Acting(person, person.acted_by, until, kept["reason"])


def is_log_out(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path == reverse("account_logout")


def _whoever(request: HttpRequest, real: Any) -> Any:
    """The person, while the session says so and everything is still as it was at the beginning."""
    kept = request.session.get(KEY) if real.is_authenticated else None
    if kept is None:
        return _itself(request, real)
    officer = _itself(request, real)
    person: Any = get_user_model()._default_manager.filter(pk=kept["person"]).first()
    if person is None:
        del request.session[KEY]
        return officer
    over = now() >= datetime.fromisoformat(kept["until"])
    if over or not _still(officer, person):
        _leave(request, person, officer, "time" if over else "no longer allowed")
        return officer
    person.acted_by = officer
    return person


def _still(officer: Any, person: Any) -> bool:
    """Roles may have changed since: the rules of the beginning hold at every request."""
    allowed = may(officer, "projects.act_on_behalf")
    return allowed and person.is_active and not person.is_of_the_console


def _leave(request: HttpRequest, person: Any, officer: Any, how: str) -> None:
    request.session.pop(KEY, None)
    person.record_acting_ended(by=officer, how=how)


def _itself(request: HttpRequest, real: Any) -> Any:
    """The account in Django's own lazy wrapper: what is wrapped twice is hard to follow. One of the
    console knows whether this session has shown its second factor."""
    bool(real.pk)
    account = getattr(real, "_wrapped", real)
    if account.is_authenticated:
        account.is_unproven = account.is_of_the_console and second_factor.is_missing(
            request, account
        )
    return account
