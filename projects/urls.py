"""Addresses of projects and committees."""

from django.urls import path

from projects import views

app_name = "projects"

urlpatterns = [
    path("projects/", views.ProjectList.as_view(), name="list"),
    path("projects/<slug:project>/", views.ProjectPage.as_view(), name="project"),
    path("projects/<slug:project>/policy/", views.ChangePolicyPage.as_view(), name="policy"),
    path("committees/", views.CommitteeList.as_view(), name="committees"),
    path("committees/<slug:committee>/", views.CommitteePage.as_view(), name="committee"),
]
