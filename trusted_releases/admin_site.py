"""The operators' console: the stock admin, under a name of ours, with what operators ask first."""

from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.timezone import now

COUNTED = 1000  # failed jobs; beyond that the number says nothing more


class Console(AdminSite):
    """Django's admin with our title; look-only where the life cycle is."""

    site_header = settings.SITE_NAME
    site_title = f"{settings.SITE_NAME} console"
    index_title = "Console"
    enable_nav_sidebar = True

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, (extra_context or {}) | {"health": health()})

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One way in for everybody: the site's log-in, with its second factor and its limits."""
        if request.user.is_authenticated:
            raise PermissionDenied("The console is for the operators of this site.")
        there = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        query = urlencode({REDIRECT_FIELD_NAME: there})
        return redirect(f"{reverse(settings.LOGIN_URL)}?{query}")


def health() -> dict[str, Any]:
    """How the work goes: jobs that wait, by queue; jobs that failed; workers that live."""
    # The site is loaded before the models are.
    jobs = apps.get_model("ledger", "Job").objects
    beats = apps.get_model("ledger", "WorkerBeat").objects
    at = now()
    queues = jobs.ready(at).values("queue").order_by("queue")
    return {
        "queues": queues.annotate(depth=Count("pk"), oldest=Min("due_at")),
        "running": jobs.filter(state="running").count(),
        "lost": jobs.lost(at).count(),
        "failed": jobs.failed()[:COUNTED].count(),
        "counted": COUNTED,
        "beats": beats.alive(at).order_by("-at"),
        "last_beat": beats.order_by("-at").first(),
    }


class Admin(AdminConfig):
    default_site = "trusted_releases.admin_site.Console"
