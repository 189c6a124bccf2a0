"""Addresses of keys and KEYS files."""

from django.urls import path

from keys import views
from trusted_releases.lib import converters  # noqa: F401  `fingerprint` in addresses

app_name = "keys"

urlpatterns = [
    path("keys/<fingerprint:fingerprint>/", views.KeyDetail.as_view(), name="detail"),
    path("committees/<slug:committee>/KEYS", views.KeysDocument.as_view(), name="document"),
    path("committees/<slug:committee>/keys/", views.CommitteeKeys.as_view(), name="committee"),
    path("committees/<slug:committee>/keys/import/", views.ImportPage.as_view(), name="import"),
    path(
        "committees/<slug:committee>/keys/<fingerprint:fingerprint>/unlink/",
        views.Unlink.as_view(),
        name="unlink",
    ),
]
