"""Endpoints for uploads in parts: begun once, gone on with after any cut, ended as one revision."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from releases import assembling, expecting, resuming
from releases.api.finding import find_release, revisions_of
from releases.api.starting import OfRelease, Success
from releases.api.uploading import CUT, RECEIVED, SEEN, RawBody, Taken, Taking, seen_in
from releases.expecting import Wanted
from releases.models import OpenUpload, Revision, Way
from releases.models.open_upload import State
from releases.resuming import Progress
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, Item, OrNull, Time
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing, TooLarge
from trusted_releases.api.fields import Name, RelPath
from trusted_releases.ledger.limits import actor_of, spend
from trusted_releases.lib.room import not_taken

KEY = r"[0-9a-f]{32}"
SHA256 = r"[0-9a-f]{64}"
ASSEMBLING = "All parts are here, and are being put together. Ask for the state, or again."
LARGEST = 1 << 50  # bytes; what a number in the schema goes up to
RIGHT = "releases.change_files"
FILES_HELP = "The files, in any order. They are known by their place in this list, from 0."


class Key(serializers.RegexField):
    """The key of an upload in parts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(rf"^{KEY}\Z", help_text="What the beginning has answered.", **kwargs)


class FileAsk(asking.Ask):
    """A file that is to be sent."""

    relpath = RelPath()
    size = serializers.IntegerField(min_value=0, max_value=LARGEST, help_text="Its bytes.")
    sha256 = serializers.RegexField(
        rf"^{SHA256}\Z",
        allow_null=True,
        default=None,
        help_text="Its SHA-256, where you know it: what is here already need not be sent, and an "
        "upload of the same files can be begun again to go on with it.",
    )


class ExpectedFile(Item):
    """A file of an upload, and what of it is here."""

    sample = {"file": 0, "relpath": "apache-tool-1.2.0-src.tar.gz", "size": 20971520} | {
        "known": False,
        "parts": 3,
        "present": [0, 1],
    }
    file = serializers.IntegerField(help_text="Its number in this upload.")
    relpath = serializers.CharField()
    size = serializers.IntegerField()
    known = serializers.BooleanField(help_text="It is here already, and need not be sent.")
    parts = serializers.IntegerField(help_text="How many parts it has.")
    present = serializers.ListField(
        child=serializers.IntegerField(), help_text="The numbers of those that are here, from 0."
    )


class OpenUploadItem(Item):
    """An upload in parts. All parts but the last of a file have `part_size` bytes."""

    sample = {"key": "0f" * 16, "part_size": 8388608, "state": "open", "bytes_done": 0} | {
        "expires_at": "2026-01-03T00:00:00.000000Z"
    }
    key = serializers.CharField()
    part_size = serializers.IntegerField()
    state = serializers.ChoiceField(
        State.choices,
        help_text="`assembling` after a finish that was answered 202: then a worker puts the files "
        "together. Ask the finish again when it is something else.",
    )
    bytes_done = serializers.IntegerField(help_text="How many bytes the worker has put together.")
    problem = OrNull(help_text="Why nothing has come of the finish, where it is `refused`.")
    expires_at = Time(help_text="When it is thrown away, unless more of it comes.")


class Here(Envelope):
    """How far an upload is."""

    sample = {"oddities": []}
    upload = OpenUploadItem()
    files = ExpectedFile(many=True)
    oddities = serializers.ListField(
        child=serializers.CharField(),
        help_text="What you might want to look at again before you send the files.",
    )


class OfUpload(asking.Ask):
    """Which upload is meant."""

    sample = {"upload": "0f" * 16}
    upload = Key()


class Mine(Endpoint):
    """What is done with an upload, by whoever has begun it."""

    policy = RIGHT
    access = Access.BEARER

    def of_key(self, key: str) -> OpenUpload:
        found = resuming.find(key, self.request.user)
        if found is None:
            raise Missing("This upload is not there: it was cancelled, or has expired.")
        return found


class BeginUpload(Endpoint):
    """Begin an upload in parts, of one file or of many that become one revision.

    What could not be taken is refused now, before a byte is sent. Begin with the same files and
    their digests again to go on with an upload that was cut.
    """

    policy = RIGHT
    access = Access.BEARER
    action = "release.upload"
    status = 201
    refuses = (404, 409)

    class Ask(OfRelease):
        sample = OfRelease.sample | {
            "files": [{"relpath": "apache-tool-1.2.0-src.tar.gz", "size": 20971520}],
            "expected_revision": None,
        }
        files = FileAsk(many=True, allow_empty=False, help_text=FILES_HELP)
        expected_revision = Name("revision", allow_null=True, default=None, help_text=SEEN)

    class Answer(Here):
        """It has begun, or goes on."""

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        wanted = [Wanted(f["relpath"], f["size"], f["sha256"] or "") for f in asked["files"]]
        by, seen = request.user, seen_in(asked)
        upload = resuming.begin(release, wanted, by=by, way=Way.API, seen=seen)
        return self.answer(**told(upload, by), oddities=expecting.oddities(release, wanted))


class UploadQuery(asking.Asked):
    upload = Key()


class UploadState(Mine):
    """Which parts of an upload are here."""

    refuses = (404,)
    Query = UploadQuery

    class Answer(Here):
        """How far it is."""

    def get(self, request: Request) -> Response:
        upload = self.of_key(self.query["upload"])
        return self.answer(**told(upload, request.user), oddities=[])


class PartQuery(asking.Asked):
    """Which part is sent."""

    upload = Key()
    file = serializers.IntegerField(min_value=0, max_value=1_000_000, help_text="Its number.")
    offset = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST,
        help_text="Where in the file it begins: a multiple of `part_size`.",
    )
    sha256 = serializers.RegexField(rf"^{SHA256}\Z", help_text="The SHA-256 of this part.")


class PutPart(Taking, Mine):
    """Send one part of a file, as it is. Several may be sent at once, in any order.

    Sending one again changes nothing, and what is here already is not read.
    """

    action = "upload.part"
    status = 200
    parser_classes = [RawBody]
    Query = PartQuery
    takes_raw = True

    class Answer(Success):
        """The part is here."""

    def check_throttles(self, request: Request) -> None:
        """By a limit of its own: a large file has more parts than the API has requests."""
        spend(actor_of(request.user, self.address), self.action)

    def post(self, request: Request) -> Response:
        asked, body, length = self.query, self.body, self.length
        upload = self.of_key(asked["upload"])
        if length > upload.part_size:
            raise TooLarge(upload.part_size)
        place = (asked["file"], asked["offset"], asked["sha256"])
        try:
            resuming.put(upload, *place, body, by=request.user)
        except OSError as error:
            raise not_taken(error, CUT) from error
        return self.answer()


class Underway(Envelope):
    """All has come, and more is done before there is a revision: the files are put together
    (`assembling`), or archives in them are looked into (`ended`)."""

    sample = {"state": "assembling", "bytes_done": 0, "quarantined": False, "message": ASSEMBLING}
    state = serializers.ChoiceField(State.choices)
    bytes_done = serializers.IntegerField(help_text="How many bytes have been put together.")
    quarantined = serializers.BooleanField(help_text="Archives in it are being looked into.")
    message = serializers.CharField()


class FinishUpload(Mine):
    """End an upload in parts: all its files become one revision.

    A large one is put together by a worker: the answer is 202 with the state `assembling`, at
    once. Ask for the state until it is another one, then ask again for what has come of it. With a
    new archive in it the answer is 202, as for `/release/upload`, with the state `ended`. Asked
    again, it answers the same and makes nothing more.
    """

    status = 201
    refuses = (404, 409, 507)
    Ask = OfUpload

    class Answer(Taken):
        """All files are part of a new revision."""

    others = {202: Underway}

    def post(self, request: Request) -> Response:
        upload = self.of_key(self.asked()["upload"])
        made = assembling.finish(upload, by=request.user)
        if isinstance(made, Revision):
            return self.answer(revision=revisions_of(upload.release).get(pk=made.pk))
        return self.answer_otherwise(
            202,
            state=State.ENDED if made else State.ASSEMBLING,
            bytes_done=upload.size if made else upload.bytes_done,
            quarantined=made is not None,
            message=RECEIVED if made else ASSEMBLING,
        )


class CancelUpload(Mine):
    """Throw an upload in parts away, with all that has come of it."""

    refuses = (404,)
    Ask = OfUpload

    class Answer(Success):
        """It is gone."""

    def post(self, request: Request) -> Response:
        resuming.discard(self.of_key(self.asked()["upload"]), by=self.person)
        return self.answer()


def told(upload: OpenUpload, by: Any) -> dict[str, Any]:
    """What an answer says of an upload."""
    return {
        "upload": upload,
        "files": [item_of(each) for each in resuming.progress_of(upload, by)],
    }


def item_of(progress: Progress) -> dict[str, Any]:
    """How far one file is."""
    file = progress.file
    return {
        "file": file.number,
        "relpath": file.path,
        "size": file.size,
        "known": progress.known,
        "parts": file.part_count,
        "present": list(progress.present),
    }
