"""Addresses of what the checks say, below those of the release or project they speak of."""

from django.urls import path

from checks.api import ignores as ignores_api
from checks.api import inside as inside_api
from checks.api import results as api
from checks.views import (
    documents,
    findings,
    generating,
    ignores,
    inside,
    live,
    policy,
    report,
    reviews,
    rules,
    sbom,
    scanning,
)
from trusted_releases.lib import converters  # noqa: F401  `version` and `file` in addresses

app_name = "checks"

OURS = "projects/<slug:project>/ignores/"
ONE = "releases/<slug:project>/<version:version>/"

REVIEW = "reviews/<slug:key>/"

ONE_API = "<str:project>/<str:version>"

urlpatterns = [
    path(f"api/checks/list/{ONE_API}", api.ListChecks.as_view(), name="api-list"),
    path(f"api/checks/list/{ONE_API}/<str:revision>", api.ListChecks.as_view(), name="api-list-at"),
    path(f"api/checks/ongoing/{ONE_API}", api.OngoingChecks.as_view(), name="api-ongoing"),
    path(
        f"api/checks/ongoing/{ONE_API}/<str:revision>",
        api.OngoingChecks.as_view(),
        name="api-ongoing-at",
    ),
    path("api/ignore/add", ignores_api.AddIgnore.as_view(), name="api-add-ignore"),
    path("api/ignore/delete", ignores_api.DeleteIgnore.as_view(), name="api-delete-ignore"),
    path(
        "api/ignore/list/<str:project>", ignores_api.ListIgnores.as_view(), name="api-list-ignores"
    ),
    path("api/archives/compare", inside_api.CompareArchives.as_view(), name="api-compare-archives"),
    path("api/archives/changes", inside_api.ArchiveChanges.as_view(), name="api-archive-changes"),
    path("projects/<slug:project>/policy.json", policy.PolicyDocument.as_view(), name="policy"),
    path("checks/", rules.Rules.as_view(), name="rules"),
    path("checks/<str:slug>/", rules.RulePage.as_view(), name="rule"),
    path("reviews/", reviews.Reviews.as_view(), name="reviews"),
    path("reviews/upload/", reviews.UploadReview.as_view(), name="review-upload"),
    path("reviews/fetch/", reviews.FetchReview.as_view(), name="review-fetch"),
    path(REVIEW, reviews.ReviewPage.as_view(), name="review"),
    path(REVIEW + "findings.json", reviews.ReviewJson.as_view(), name="review-json"),
    path(REVIEW + "findings.sarif", reviews.ReviewSarif.as_view(), name="review-sarif"),
    path(REVIEW + "delete/", reviews.DeleteReview.as_view(), name="review-delete"),
    path(OURS, ignores.Ignores.as_view(), name="ignores"),
    path(OURS + "set/", ignores.NewIgnore.as_view(), name="set-ignore"),
    path(OURS + "<int:pk>/lift/", ignores.LiftIgnore.as_view(), name="lift-ignore"),
    path(ONE + "findings/", findings.Findings.as_view(), name="findings"),
    path(ONE + "findings/live/", live.Live.as_view(), name="live"),
    path(ONE + "findings/<slug:mark>/", findings.OneFinding.as_view(), name="finding"),
    path(ONE + "findings.json", documents.Document.as_view(), name="document"),
    path(ONE + "findings.sarif", documents.Sarif.as_view(), name="sarif"),
    path(ONE + "revisions/<int:number>/inside/<file:path>", inside.Inside.as_view(), name="inside"),
    path(ONE + "report/<file:path>", report.FileReport.as_view(), name="report"),
    path(ONE + "sbom/", sbom.Sboms.as_view(), name="sboms"),
    path(ONE + "sbom/<file:path>", sbom.SbomPage.as_view(), name="sbom"),
    path(
        ONE + "generate-sbom/<file:path>",
        generating.GenerateSbom.as_view(),
        name="generate-sbom",
    ),
    path(ONE + "scan-sbom/<file:path>", scanning.ScanSbom.as_view(), name="scan-sbom"),
    path(ONE + "progress/", live.Progress.as_view(), name="progress"),
]
