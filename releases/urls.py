"""Addresses of releases: project and version, then what one wants of it."""

from django.urls import path

from releases.views import detail, files, finish, listing, vote
from trusted_releases.lib import converters  # noqa: F401  `version` and `file` in addresses

app_name = "releases"

ONE = "releases/<slug:project>/<version:version>/"

urlpatterns = [
    path("releases/", listing.ReleaseList.as_view(), name="list"),
    path("projects/<slug:project>/start/", listing.Start.as_view(), name="start"),
    path("downloads/<file:path>", finish.PublishedFile.as_view(), name="published-file"),
    path(ONE, detail.Detail.as_view(), name="detail"),
    path(ONE + "revisions/", detail.Revisions.as_view(), name="revisions"),
    path(ONE + "revisions/<int:number>/", detail.RevisionPage.as_view(), name="revision"),
    path(ONE + "revisions/<int:number>/manifest", detail.Manifest.as_view(), name="manifest"),
    path(ONE + "files/<file:path>", files.FileDownload.as_view(), name="file"),
    path(ONE + "upload/", files.Upload.as_view(), name="upload"),
    path(ONE + "delete-files/", files.DeleteFiles.as_view(), name="delete-files"),
    path(ONE + "rename-file/", files.RenameFile.as_view(), name="rename-file"),
    path(ONE + "restore/", files.Restore.as_view(), name="restore"),
    path(ONE + "delete-draft/", files.DeleteDraft.as_view(), name="delete-draft"),
    path(ONE + "call-vote/", vote.CallVote.as_view(), name="call-vote"),
    path(ONE + "vote/", vote.VotePage.as_view(), name="vote"),
    path(ONE + "vote/ballots/", vote.Ballots.as_view(), name="ballots"),
    path(ONE + "vote/cast/", vote.Cast.as_view(), name="cast"),
    path(ONE + "vote/resolve/", vote.Resolve.as_view(), name="resolve"),
    path(ONE + "publish/", finish.Publish.as_view(), name="publish"),
    path(ONE + "publication/", finish.PublicationProgress.as_view(), name="publication"),
    path(ONE + "announce/", finish.Announce.as_view(), name="announce"),
    path(ONE + "download/", finish.Download.as_view(), name="download"),
]
