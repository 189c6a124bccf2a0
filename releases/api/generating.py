"""The endpoint that has a bill of materials made of an archive."""

from rest_framework.request import Request
from rest_framework.response import Response

from releases.api.finding import find_release
from releases.api.starting import OfRelease
from releases.api.tasks import TaskItem, task_for
from releases.models import Release
from trusted_releases.api.answers import Envelope
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.fields import RelPath
from trusted_releases.ledger.models import Job


class GenerateSbom(Endpoint):
    """Have a CycloneDX bill of materials made of an archive of a draft.

    A worker reads the archive, and puts the file beside it, with `.cdx.json` at its end, in a
    revision of its own. Ask `/task/get` how it is getting on: `result` names the file and the
    revision, or `error` says why there is none. A file of that name is never replaced.
    """

    policy = "releases.change_files"
    access = Access.BEARER
    status = 202
    refuses = (404, 409)

    class Ask(OfRelease):
        sample = OfRelease.sample | {"relpath": "apache-tool-1.2.0-src.tar.gz"}
        relpath = RelPath(help_text="The archive.")

    class Answer(Envelope):
        task = TaskItem()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        row = release.generate_sbom(asked["relpath"], by=request.user)
        job = Job.objects.about(row).get()
        return self.answer(task=task_for(job, Release.objects.get(pk=release.pk)))
