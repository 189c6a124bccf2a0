"""Addresses of what the checks say, below those of the release they speak of."""

from django.urls import path

from checks import views
from trusted_releases.lib import converters  # noqa: F401  `version` and `file` in addresses

app_name = "checks"

ONE = "releases/<slug:project>/<version:version>/"

urlpatterns = [
    path("checks/", views.Rules.as_view(), name="rules"),
    path(ONE + "findings/", views.Findings.as_view(), name="findings"),
    path(ONE + "findings.json", views.Document.as_view(), name="document"),
    path(ONE + "progress/", views.Progress.as_view(), name="progress"),
]
