"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from trusted_releases import views
from trusted_releases.lib import converters  # noqa: F401  `version` and `file` in addresses

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("healthz", views.Healthz.as_view(), name="healthz"),
    path("readyz", views.Readyz.as_view(), name="readyz"),
    path("mailbox/", views.MailboxPage.as_view(), name="mailbox"),
    path("events/", views.EventList.as_view(), name="events"),
    path("jobs/<int:job>/retry/", views.RetryJob.as_view(), name="retry-job"),
    path("projects/<slug:project>/events/", views.ProjectEvents.as_view(), name="project-events"),
    path(
        "releases/<slug:project>/<version:version>/events/",
        views.ReleaseEvents.as_view(),
        name="release-events",
    ),
    path("", include("projects.urls")),
    path("", include("keys.urls")),
    path("", include("releases.urls")),
    path("", include("checks.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
