"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path, re_path

from trusted_releases.api import views as api
from trusted_releases.lib import converters  # noqa: F401  `version` and `file` in addresses
from trusted_releases.views import (
    acting,
    components,
    docs,
    events,
    health,
    home,
    icon,
    jobs,
    mailbox,
    search,
)

handler400 = "trusted_releases.views.errors.not_understood"
handler500 = "trusted_releases.views.errors.broken"

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("favicon.ico", icon.Icon.as_view(), name="icon"),
    path("healthz", health.Healthz.as_view(), name="healthz"),
    path("readyz", health.Readyz.as_view(), name="readyz"),
    path("search/", search.Search.as_view(), name="search"),
    path("docs/components/", components.Components.as_view(), name="components"),
    path("docs/", docs.Guides.as_view(), name="docs"),
    path("docs/<path:page>/", docs.Guides.as_view(), name="docs-page"),
    path("mailbox/", mailbox.MailboxPage.as_view(), name="mailbox"),
    path("events/", events.EventList.as_view(), name="events"),
    path("people/<int:pk>/act-on-behalf/", acting.ActOnBehalf.as_view(), name="act-on-behalf"),
    path("end-acting/", acting.EndActing.as_view(), name="end-acting"),
    path("jobs/<int:job>/retry/", jobs.RetryJob.as_view(), name="retry-job"),
    path("projects/<slug:project>/events/", events.ProjectEvents.as_view(), name="project-events"),
    path(
        "releases/<slug:project>/<version:version>/events/",
        events.ReleaseEvents.as_view(),
        name="release-events",
    ),
    path("api/openapi.json", api.Schema.as_view(), name="api-schema"),
    path("api/docs", api.Docs.as_view(), name="api-docs"),
    path("", include("projects.urls")),
    path("", include("keys.urls")),
    path("", include("releases.urls")),
    path("", include("checks.urls")),
    path("", include("notices.urls")),
    re_path(r"^api(?:/.*)?$", api.NotThere.as_view(), name="api-not-there"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
