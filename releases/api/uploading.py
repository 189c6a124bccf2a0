"""Endpoints that take files, as they come: no file is ever held in memory."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from keys.bearer import Bearer, Ticket
from releases import landing
from releases.api.finding import find_release, revisions_of
from releases.api.items import RevisionItem
from releases.api.starting import OfRelease, leads_of
from releases.landing import Landing
from releases.models import Release, Revision
from trusted_releases.api import asking
from trusted_releases.api.answers import Always, Envelope
from trusted_releases.api.asking import detail, object_of
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import InvalidInput, TooLarge
from trusted_releases.api.fields import Base64Text, Name, RelPath
from trusted_releases.api.leads import ANSWER, BODY, QUERY, Lead, named
from trusted_releases.lib.digests import BLOCK
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.room import not_taken
from trusted_releases.lib.splicing import Base64, Splice, TooLong, Unreadable

CUT = "The upload was cut short: not all of it arrived. Send it again."
RECEIVED = "Upload received. Archive validation in progress."
MOST_BESIDE = 64 << 10  # bytes of the JSON that are not the file
SEEN = "The newest revision as you know it; with another one the answer is 409. Null: any."
CONTENT = "content"


def leads_to_files(source: str) -> tuple[Lead, ...]:
    """From a new revision to its files."""
    names = named(source, "project", "version") | {"revision": f"{ANSWER}revision/number"}
    return (Lead("release_paths_at", names), Lead("checks_list_at", names))


class Taken(Envelope):
    """The file is part of a new revision."""

    revision = RevisionItem()


class Received(Envelope):
    """An archive has come, and is looked into before it becomes part of a revision."""

    quarantined = Always(True, {"type": "boolean", "const": True})
    message = Always(RECEIVED, {"type": "string"})


class Taking(Endpoint):
    """What both ways of sending a file share."""

    policy = "releases.change_files"
    access = Access.BEARER
    action = "release.upload"
    status = 201
    refuses = (403, 404, 409, 413, 415, 507)

    @property
    def body(self) -> HttpRequest:
        """The body, which nobody has read yet; refused when it is of another type."""
        if self.get_content_negotiator().select_parser(self.request, self.get_parsers()) is None:
            raise UnsupportedMediaType(str(self.request.content_type))
        plain: HttpRequest = self.request._request
        return plain

    @property
    def length(self) -> int:
        said = self.request._request.META.get("CONTENT_LENGTH") or ""
        if not said.isdecimal():
            raise BadInput("Say in Content-Length how many bytes you send.")
        return int(said)

    def checked(self, asked: Mapping[str, Any], size: int) -> Release:
        """The release, if it takes this file, of so many bytes, from this person now."""
        release = find_release(self, asked["project"], asked["version"])
        by, seen = self.request.user, seen_in(asked)
        landing.check(release, asked["relpath"], by=by, seen=seen, size=size)
        return release

    def take(self, release: Release, asked: Mapping[str, Any], file: Landing) -> Response:
        made = landing.take(
            release,
            asked["relpath"],
            file.keep(),
            by=self.request.user,
            begun=release.last_revision,
            seen=seen_in(asked),
        )
        if isinstance(made, Revision):
            return self.answer(revision=revisions_of(release).get(pk=made.pk))
        return self.answer_otherwise(202)


class TakingOnce(Taking):
    """One request that is a whole upload: a ticket of a workflow's run is good for one."""

    authentication_classes = (Ticket, Bearer)


class Upload(TakingOnce):
    """Put a file into a draft, its content in base64.

    201 tells of the revision that has it. An archive is looked into first, and the answer is 202:
    `latest_revision_number` changes when it has become part of the files. One that is not safe, or
    not whole, is refused, which the page of the release says.
    """

    class Answer(Taken):
        """The file is part of a new revision."""

        leads = leads_to_files(BODY)

    class Otherwise(Received):
        """An archive has come, and is looked into before it becomes part of a revision."""

    others = {202: Otherwise}

    class Ask(OfRelease):
        sample = OfRelease.sample | {
            "relpath": "apache-tool-1.2.0-src.tar.gz.sha512",
            CONTENT: "ZjBlNGMyZjc2YzU4OTE2ZQo=",
            "expected_revision": None,
        }
        relpath = RelPath()
        content = Base64Text(help_text="The file, in base64.")
        expected_revision = Name("revision", allow_null=True, default=None, help_text=SEEN)

    def post(self, request: Request) -> Response:
        body, length = self.body, self.length
        most = settings.MAX_FILE_SIZE * 4 // 3 + MOST_BESIDE
        if length > most:
            raise TooLarge(most)
        with Landing() as file:
            asked = self.Ask(data=self._read(body, file)).checked()
            return self.take(self.checked(asked, file.size), asked, file)

    def _read(self, body: HttpRequest, file: Landing) -> dict[str, Any]:
        """All that the body says but the content, which goes into the file as it comes."""
        base64 = Base64()
        splice = Splice(
            body.read,
            CONTENT,
            begin=self._begin,
            take=lambda piece: file.feed(base64.feed(piece)),
            most=MOST_BESIDE,
        )
        try:
            document = splice.document()
            base64.end()
        except Unreadable as error:
            said = f"Input should be base64: {error}"
            raise InvalidInput([detail("value_error", [CONTENT], said, None)]) from error
        except landing.TooBig as error:
            raise TooLarge(settings.MAX_FILE_SIZE) from error
        except TooLong as error:
            raise TooLarge(MOST_BESIDE) from error
        except OSError as error:
            raise not_taken(error, CUT) from error
        return object_of(document)

    def _begin(self, before: dict[str, object]) -> None:
        """Refuse before the content is read, where what stands before it says enough."""
        asked = self.Ask(data={**before, CONTENT: ""})
        if asked.is_valid() and all(isinstance(each, str | None) for each in before.values()):
            self.checked(asked.validated_data, max(0, self.length - MOST_BESIDE) * 3 // 4)


class RawBody(BaseParser):
    """Says which type of body is taken. Nobody parses it."""

    media_type = "application/octet-stream"


class Place(asking.Asked):
    """Where a file goes. In a query `+` is a space: write `%2B`."""

    leads = leads_of(QUERY)
    project = Name("project")
    version = Name("version")
    relpath = RelPath()
    expected_revision = Name("revision", required=False, help_text=SEEN)


class Store(TakingOnce):
    """Put a file into a draft, its content as it is: for large files.

    Where it goes stands in the address, behind the question mark; a `+` there is written `%2B`. The
    answers are those of `/release/upload`.
    """

    class Answer(Taken):
        """The file is part of a new revision."""

        leads = leads_to_files(QUERY)

    class Otherwise(Received):
        """An archive has come, and is looked into before it becomes part of a revision."""

    others = {202: Otherwise}

    parser_classes = [RawBody]
    Query = Place
    takes_raw = True

    def post(self, request: Request) -> Response:
        asked, body, length = self.query, self.body, self.length
        if length > settings.MAX_FILE_SIZE:
            raise TooLarge(settings.MAX_FILE_SIZE)
        release = self.checked(asked, length)
        with Landing() as file:
            try:
                while block := body.read(BLOCK):
                    file.feed(block)
            except OSError as error:
                raise not_taken(error, CUT) from error
            if file.size != length:
                raise BadInput(CUT)
            return self.take(release, asked, file)


def seen_in(asked: Mapping[str, Any]) -> int | None:
    """The revision that whoever asks has seen, if they say."""
    return int(asked["expected_revision"]) if asked.get("expected_revision") else None
