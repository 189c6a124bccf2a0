"""Addresses of notices."""

from django.urls import path

from notices import views

app_name = "notices"

urlpatterns = [
    path("notices/", views.NoticeList.as_view(), name="list"),
    path("notices/<int:pk>/open/", views.OpenNotice.as_view(), name="open"),
    path("notices/preferences/", views.ChangePreferences.as_view(), name="preferences"),
    path(
        "notices/preferences/<slug:project>/",
        views.ChangePreferences.as_view(),
        name="project-preferences",
    ),
    path("notices/stop/<str:token>/", views.Stop.as_view(), name="stop"),
]
