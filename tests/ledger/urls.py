"""The admin alone: what the ledger's pages need."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseForbidden
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]


def handler403(request: HttpRequest, exception: Exception) -> HttpResponseForbidden:
    """Without the site's page around it, which links to what is not here."""
    return HttpResponseForbidden()
