"""The operators' console: the stock admin, under a name of ours, with what operators ask first."""

from collections.abc import Callable, Iterable
from functools import partial, update_wrapper
from importlib import import_module
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from trusted_releases.lib.admin_forms import Suggestions

REDIRECT = 302

# The parts of the console in the order in which operators need them, each with its apps.
PARTS: dict[str, tuple[str, ...]] = {
    "Releases": ("releases",),
    "Checks": ("checks",),
    "People and projects": ("projects", "auth", "notices"),
    "Keys": ("keys",),
    "Jobs, events and the log": ("ledger",),
    "What lets people in": ("account", "mfa", "socialaccount", "sessions"),
    "Behind the scenes": ("django_q", "admin"),
}


class Console(AdminSite):
    """Django's admin with our title; look-only where the life cycle is.

    It is for accounts with `is_staff` that are in one of its groups, and takes a second factor.
    """

    site_header = f"{settings.SITE_NAME} console"
    site_title = f"{settings.SITE_NAME} console"
    index_title = "Console"
    index_template = "admin/console.html"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        staff = super().has_permission(request)
        return staff and request.user.has_perm("projects.use_console")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page of the console asks at this door: who it is, then their second factor."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            known = self.has_permission(request)
            answer = _module("second_factor").ask(request) if known else None
            if answer is None:
                answer = _answer(request, partial(inner, request, *args, **kwargs))
            return _for_a_part(request, answer)

        return update_wrapper(guarded, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        health = path("health/", self.admin_view(self.health), name="health")
        return [health, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        without = "" if settings.ADMIN_MFA else "The console takes no second factor (ADMIN_MFA=0)."
        return super().each_context(request) | {"without_mfa": without}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """How everything goes, then the list of all there is."""
        return super().index(request, (extra_context or {}) | _readings())

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """All there is, in the parts of the console; of one app, what Django says."""
        found: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label is not None:
            return found
        models = {app["app_label"]: app["models"] for app in found}
        parts = [
            {"name": name, "app_label": labels[0], "models": _of(models, labels)}
            for name, labels in PARTS.items()
        ]
        return [part for part in parts if part["models"]]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Names that a search finds, for the forms' fields that take a name."""
        return cast(HttpResponse, Suggestions.as_view(admin_site=self)(request))

    def health(self, request: HttpRequest) -> HttpResponse:
        """The readings alone, for the index that asks for them every few seconds."""
        return render(request, "admin/_readings.html", _readings())

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One way in for everybody: the site's log-in, with its second factor and its limits."""
        if request.user.is_authenticated:
            raise PermissionDenied(
                "The console is for the operators of this site. A superuser puts an account into "
                "one of its groups, and marks it as staff."
            )
        there = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        query = urlencode({REDIRECT_FIELD_NAME: there})
        return redirect(f"{reverse(settings.LOGIN_URL)}?{query}")

    def password_change(  # type: ignore[override]  # a redirect, where Django renders a form
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One place for passwords: the site's own page, which asks for what it must."""
        return redirect("account_change_password")


def _readings() -> dict[str, Any]:
    health = _module("health")
    groups = health.readings()
    return {"readings": groups, "amiss": health.amiss(groups)}


def _of(models: dict[str, list[Any]], labels: Iterable[str]) -> list[Any]:
    return [model for label in labels for model in models.get(label, [])]


def _answer(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The view's answer, whole: a list asks its rows when it is rendered, and that is when a
    database refuses a value of the address (NUL in a text, a number of thirty digits)."""
    try:
        answer = view()
        return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer
    except (DataError, OverflowError) as error:
        if request.method != "GET":
            raise
        raise BadRequest("A value in this address is none that a database can hold.") from error


def _for_a_part(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A script that asks for a part of a page is not to put another page into its place: where
    the door sends somebody away, the whole page is asked for again, and is sent there itself."""
    if answer.status_code == REDIRECT and request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Refresh": "true"})
    return answer


def _module(name: str) -> Any:
    """A module of the roof that knows the models: they are loaded after the site is made."""
    return import_module(f"trusted_releases.{name}")


class Admin(AdminConfig):
    default_site = "trusted_releases.admin_site.Console"
