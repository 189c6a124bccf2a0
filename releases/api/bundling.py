"""The endpoint that takes a whole folder in one request."""

from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from releases import bundles, landing
from releases.api.finding import find_release, revisions_of
from releases.api.starting import leads_of
from releases.api.uploading import CUT, SEEN, Received, Taken, TakingOnce, leads_to_files, seen_in
from releases.landing import TooBig
from releases.models import Blob, Release, Revision, Way
from trusted_releases.api import asking
from trusted_releases.api.chunks import reader_of
from trusted_releases.api.errors import TooLarge
from trusted_releases.api.fields import Name, RelPath
from trusted_releases.api.leads import QUERY
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import Refused
from trusted_releases.lib.room import not_taken

FORM = "multipart/form-data"


class TarBody(BaseParser):
    media_type = "application/x-tar"


class FormBody(BaseParser):
    media_type = FORM


class Folder(asking.Asked):
    """Where a folder goes. In a query `+` is a space: write `%2B`."""

    leads = leads_of(QUERY)
    project = Name("project")
    version = Name("version")
    directory = RelPath(
        required=False, help_text="A directory of the release that all files go below."
    )
    expected_revision = Name("revision", required=False, help_text=SEEN)


class StoreDirectory(TakingOnce):
    """Put a folder of files into a draft, as one revision: a tar as it comes, or a form.

    A tar (`application/x-tar`, not compressed) has files and directories only. In a form
    (`multipart/form-data`) each file goes where its `filename` says. All of it is taken, or
    nothing. The answers are those of `/release/upload`.
    """

    class Answer(Taken):
        """The files are part of a new revision."""

        leads = leads_to_files(QUERY)

    class Otherwise(Received):
        """The files have come, and archives are looked into before there is a revision."""

    others = {202: Otherwise}

    parser_classes = [TarBody, FormBody]
    Query = Folder
    takes_raw = True

    def post(self, request: Request) -> Response:
        asked, body = self.query, self.body
        directory = asked.get("directory", "")
        release = find_release(self, asked["project"], asked["version"])
        seen = seen_in(asked)
        landing.check(release, None, by=request.user, seen=seen)
        begun = release.last_revision
        try:
            files = self._files(release, body, directory)
        except Refused as error:
            Event.objects.record_refusal("receive", by=request.user, subject=release, error=error)
            raise
        made = release.receive(files, by=request.user, way=Way.API, base=begun, seen=seen)
        if isinstance(made, Revision):
            return self.answer(revision=revisions_of(release).get(pk=made.pk))
        return self.answer_otherwise(202)

    def _files(self, release: Release, body: HttpRequest, directory: str) -> dict[str, Blob]:
        if str(self.request.content_type).partition(";")[0].strip().lower() == FORM:
            return bundles.files_of_form(body, directory, release)
        try:
            return bundles.files_of_tar(reader_of(body), directory, release)
        except TooBig as error:
            raise TooLarge(settings.MAX_FILE_SIZE) from error
        except OSError as error:
            raise not_taken(error, CUT) from error
