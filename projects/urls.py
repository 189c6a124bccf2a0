"""Addresses of projects and committees."""

from django.urls import path

from projects.api import config, people, policies
from projects.api import places as api
from projects.views import committee, lists, policy, project, workflows

app_name = "projects"

ONE = "projects/<slug:project>/"

urlpatterns = [
    path("api/committees/list", api.ListCommittees.as_view(), name="api-committees"),
    path("api/committee/get/<str:committee>", api.GetCommittee.as_view(), name="api-committee"),
    path(
        "api/committee/projects/<str:committee>",
        api.CommitteeProjects.as_view(),
        name="api-committee-projects",
    ),
    path("api/projects/list", api.ListProjects.as_view(), name="api-projects"),
    path("api/project/get/<str:project>", api.GetProject.as_view(), name="api-project"),
    path("api/project/config", config.ConfigureProject.as_view(), name="api-configure"),
    path("api/policy/get/<str:project>", policies.GetPolicy.as_view(), name="api-policy"),
    path("api/policy/update", policies.UpdatePolicy.as_view(), name="api-change-policy"),
    path("api/user/info", people.UserInfo.as_view(), name="api-user-info"),
    path("projects/", lists.ProjectList.as_view(), name="list"),
    path(ONE, project.ProjectPage.as_view(), name="project"),
    path(ONE + "keys/", project.ProjectKeys.as_view(), name="keys"),
    path(ONE + "people/", project.ProjectPeople.as_view(), name="people"),
    path(ONE + "policy/", policy.PolicyPage.as_view(), name="policy"),
    path(ONE + "policy/change/", policy.ChangePolicyPage.as_view(), name="change-policy"),
    path(ONE + "policy/preview/", policy.PreviewPolicy.as_view(), name="preview-policy"),
    path(ONE + "workflows/", workflows.Workflows.as_view(), name="workflows"),
    path(ONE + "workflows/grant/", workflows.GrantWorkflow.as_view(), name="grant-workflow"),
    path(
        ONE + "workflows/<int:pk>/revoke/",
        workflows.RevokeWorkflow.as_view(),
        name="revoke-workflow",
    ),
    path("committees/", lists.CommitteeList.as_view(), name="committees"),
    path("committees/<slug:committee>/", committee.CommitteePage.as_view(), name="committee"),
    path(
        "committees/<slug:committee>/policy/",
        policy.CommitteePolicyPage.as_view(),
        name="committee-policy",
    ),
    path(
        "committees/<slug:committee>/policy/change/",
        policy.ChangeCommitteePolicy.as_view(),
        name="change-committee-policy",
    ),
    path(
        "committees/<slug:committee>/policy/preview/",
        policy.PreviewCommitteePolicy.as_view(),
        name="preview-committee-policy",
    ),
    path("policy/", policy.FoundationPolicyPage.as_view(), name="foundation-policy"),
    path(
        "policy/change/",
        policy.ChangeFoundationPolicy.as_view(),
        name="change-foundation-policy",
    ),
    path(
        "policy/preview/",
        policy.PreviewFoundationPolicy.as_view(),
        name="preview-foundation-policy",
    ),
]
