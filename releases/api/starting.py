"""Endpoints that begin a release, or throw it away."""

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api import find_project
from releases.api.finding import find_release
from releases.api.items import ReleaseItem
from releases.models import Release
from trusted_releases.api import asking
from trusted_releases.api.answers import Always, Envelope
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.fields import Name
from trusted_releases.api.leads import BODY, Lead, named

YES = {"type": "boolean", "const": True}
NOT_ADMIN = "Only an administrator of this site may delete a release."


def leads_of(source: str) -> tuple[Lead, ...]:
    """From a release that something was done with, to how it is now."""
    names = named(source, "project", "version")
    return (Lead("release_get", names), Lead("checks_ongoing", names))


class OfRelease(asking.Ask):
    """Which release an endpoint is to act on."""

    leads = leads_of(BODY)
    sample = {"project": "tool", "version": "1.2.0"}
    project = Name("project")
    version = Name("version")


class Going(OfRelease):
    """Which release is to go: nothing of it is there to look at afterwards."""

    leads = ()


class Success(Envelope):
    """It is done."""

    success = Always(True, YES)


class CreateRelease(Endpoint):
    """Start a release: a draft that takes files.

    That it is empty is its revision 00001. What you upload first is the second.
    """

    policy = "releases.start_release"
    access = Access.BEARER
    action = "release.create"
    status = 201
    refuses = (404, 409)
    Ask = OfRelease

    class Answer(Envelope):
        leads = (Lead("release_draft_delete", body=named(BODY, "project", "version")),)
        release = ReleaseItem()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        project = find_project(asked["project"])
        Release.objects.start(project, asked["version"], by=request.user, revised=True)
        return self.answer(release=find_release(self, **asked))


class DeleteDraft(Endpoint):
    """Throw a draft away: its revisions, files and past votes. Its events stay on record."""

    policy = "releases.delete_draft"
    access = Access.BEARER
    refuses = (404, 409)
    Ask = Going

    class Answer(Success):
        """The draft is gone."""

    def post(self, request: Request) -> Response:
        find_release(self, **self.asked()).delete_draft(by=request.user)
        return self.answer()


class DeleteRelease(Endpoint):
    """Throw a draft away, as an administrator who may do so in its project.

    What has been put to the vote is on record, and nobody deletes it.
    """

    policy = "releases.delete_draft"
    access = Access.BEARER
    refuses = (404, 409)
    Ask = Going

    class Answer(Envelope):
        deleted = Always(True, YES)

    def post(self, request: Request) -> Response:
        asked = self.asked()
        if not getattr(request.user, "is_superuser", False):
            raise PermissionDenied(NOT_ADMIN)
        find_release(self, **asked).delete_draft(by=request.user, whatever_phase=True)
        return self.answer()


class ForRevision(OfRelease):
    """Which release, and which of its revisions one has seen."""

    revision = Name("revision", allow_null=True, default=None)


def number_in(asked: dict[str, str | None]) -> int | None:
    """The revision that was named; None where it is to be the newest."""
    return int(asked["revision"]) if asked["revision"] else None
