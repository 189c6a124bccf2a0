"""The second factor that the console asks for, by way of allauth's own pages."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

BACK = "console_wanted"  # in the session: where to go on once a second factor is set up
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def ask(request: HttpRequest) -> HttpResponse | None:
    """What stands between this session and the console, as a page; None when nothing does."""
    if not is_missing(request, request.user):
        return None
    there = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    if not is_mfa_enabled(request.user, FACTORS):
        request.session[BACK] = there
        return render(request, "admin/second_factor.html", {"there": there}, status=403)
    if request.method != "GET":
        messages.warning(
            request, "Nothing has been done: the console asked for your second factor first."
        )
    return redirect(f"{_where(request.user)}?{urlencode({REDIRECT_FIELD_NAME: there})}")


def is_missing(request: HttpRequest, person: Any) -> bool:
    """Whether this session of the person has shown no second factor within the last hours."""
    if not settings.ADMIN_MFA:
        return False
    oldest = time.time() - settings.ADMIN_HOURS * 3600
    records = get_authentication_records(request, person)
    return not any(each.get("method") == "mfa" and each.get("at", 0) > oldest for each in records)


def _where(person: Any) -> str:
    """The page that asks: for a code, or for a key where that is all there is."""
    by_code = is_mfa_enabled(person, [Authenticator.Type.TOTP])
    return reverse("mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn")


@receiver(authenticator_added)
def show_the_way_back(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Whoever came for the console is told how to go on, on whatever page comes next."""
    if there := request.session.pop(BACK, ""):
        link = format_html(
            'Your second factor is set up. <a href="{}">Go on to the console</a>.', there
        )
        messages.success(request, link)
