"""Endpoints that tell of releases, their revisions and files."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api import find_project
from releases.api.finding import find_release, find_revision, revisions_of, with_all
from releases.api.items import A_PATH, FileItem, ReleaseItem, RevisionItem, number_of
from releases.models import Release
from releases.phases import Phase
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope
from trusted_releases.api.endpoint import Endpoint, Part


class GetRelease(Endpoint):
    """A release as it stands.

    Where this site keeps drafts to those who work on them, send a token for one.
    """

    policy = "public"

    class Answer(Envelope):
        release = ReleaseItem()

    def get(self, request: Request, project: str, version: str) -> Response:
        return self.answer(release=find_release(self, project, version))


class ReleasePage(asking.Page):
    phase = serializers.ChoiceField(choices=Phase.choices, required=False)


class ListReleases(Endpoint):
    """Releases, newest first, a page at a time."""

    policy = "public"
    Query = ReleasePage

    class Answer(Envelope):
        sample = {"count": 1}
        data = ReleaseItem(many=True)  # type: ignore[assignment]  # a key, not DRF's property
        count = serializers.IntegerField(help_text="How many there are on all pages.")

    def get(self, request: Request) -> Response:
        rows = Release.objects.readable_by(request.user)
        if phase := self.query.get("phase"):
            rows = rows.in_phase(phase)
        newest = with_all(rows).order_by("-created_at", "-pk")
        return self.answer(data=self.part(newest), count=rows.count())


class ProjectReleases(Endpoint):
    """The releases of a project, newest first."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        releases = ReleaseItem(many=True)

    def get(self, request: Request, project: str) -> Response:
        ours = Release.objects.readable_by(request.user).filter(project=find_project(project))
        return self.answer(releases=self.part(with_all(ours).order_by("-created_at", "-pk")))


class ReleaseRevisions(Endpoint):
    """The revisions of a release, oldest first."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        revisions = RevisionItem(many=True)

    def get(self, request: Request, project: str, version: str) -> Response:
        release = find_release(self, project, version)
        return self.answer(revisions=self.part(revisions_of(release).order_by("number")))


class ReleasePaths(Endpoint):
    """The paths of the files of a revision, in order; of the newest one where none is named."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        sample = {"rel_paths": [A_PATH, f"{A_PATH}.asc"]}
        rel_paths = serializers.ListField(child=serializers.CharField())

    def get(self, request: Request, project: str, version: str, revision: str = "") -> Response:
        found = find_revision(find_release(self, project, version), revision)
        entries = self.part(found.entries.order_by("path"))
        return self.answer(rel_paths=[entry.path for entry in entries])


class ReleaseManifest(Endpoint):
    """The manifest of a revision: its files with their digests, and the digest of all of that.

    Votes, ballots and publications name this `manifest_digest`. Of the newest revision where none
    is named; of what was voted on once a vote has begun.
    """

    policy = "public"
    Query = Part

    class Answer(Envelope):
        sample = {
            "release_key": "tool-1.2.0",
            "revision_number": "00003",
            "manifest_digest": "sha256:9c…",
            "file_count": 3,
            "total_size": 49_012,
        }
        release_key = serializers.CharField()
        revision_number = serializers.CharField()
        manifest_digest = serializers.CharField()
        file_count = serializers.IntegerField()
        total_size = serializers.IntegerField(help_text="In bytes.")
        files = FileItem(many=True)

    def get(self, request: Request, project: str, version: str, revision: str = "") -> Response:
        release = find_release(self, project, version)
        found = find_revision(release, revision)
        lines = [entry.line for entry in self.part(found.entries.order_by("path"))]
        return self.answer(
            release_key=release.slug,
            revision_number=number_of(found.number),
            manifest_digest=found.manifest_digest,
            file_count=found.file_count,
            total_size=found.total_size,
            files=lines,
        )
