"""Uploads by web form: streamed to disk, bounded, hashed on the way, stored by digest.

Nothing is read into memory whole, nothing is read at all before it is known who sends it, and a
name is taken as it was sent: Django's parser would quietly cut directories off, so that `../x`
became `x`. Here it is refused.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware

from projects.lifecycle import authorise, require
from releases.models import Arrival, Blob, Release, Revision, Way
from releases.models.usage import obstacles_before
from trusted_releases.ledger.models import Event
from trusted_releases.lib.digests import Digest, Digester
from trusted_releases.lib.errors import BadInput, Refused
from trusted_releases.lib.paths import check_path
from trusted_releases.lib.room import needing_room, not_taken

LONGEST_NAME = 4096  # characters of a name that are looked at before it is refused
LONGEST_END = 1024  # bytes of the body's end that are kept, to see its closing boundary
BESIDE = 1 << 20  # bytes of a form that are no files, at most, when its room is judged
CUT = "The upload was cut short: not all of it arrived. Send it again."


@dataclass
class Incoming:
    """A file that has arrived: under which path, where its bytes lie, what they are."""

    path: str
    location: Path
    digest: Digest

    def discard(self) -> None:
        self.location.unlink(missing_ok=True)


class Parser(MultiPartParser):
    """Django's parser of multipart bodies, with names left as they were sent."""

    def sanitize_file_name(self, file_name: str) -> str:
        return file_name[:LONGEST_NAME]


class Receiver(FileUploadHandler):
    """Writes each file of a form to the scratch directory, hashing as it goes.

    The first thing that is wrong ends the upload: `problem` says what, in a sentence.
    """

    chunk_size = 1 << 20

    def __init__(self, request: HttpRequest, most: int | None = None) -> None:
        """`most` bytes may come in all; without it, as many as an upload to a release has."""
        super().__init__(request)
        self.most = settings.MAX_UPLOAD_SIZE if most is None else most
        self.arrived: list[Incoming] = []
        self.problem = ""
        self._file: Any = None
        self._location = Path()
        self._digester = Digester()
        self._total = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        try:
            check_path(self.file_name or "")
        except BadInput as error:
            self._stop(str(error))
        self._location = Path(settings.SCRATCH_DIR) / f"upload-{secrets.token_hex(16)}"
        self._location.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._location.open("xb")
        self._digester = Digester()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._total += len(raw_data)
        if self._digester.size + len(raw_data) > settings.MAX_FILE_SIZE:
            self._stop(
                f"{self.file_name} is larger than {settings.MAX_FILE_SIZE} bytes, the limit for "
                "one file."
            )
        if self._total > self.most:
            self._stop(f"An upload has at most {self.most} bytes.")
        self._digester.feed(raw_data)
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self._file.close()
        digest = self._digester.digest()
        self.arrived.append(Incoming(str(self.file_name), self._location, digest))
        self._file = None
        # Something to close: Django closes what it has when the rest of the body is bad.
        return UploadedFile(BytesIO(), self.file_name, size=digest.size)

    def upload_interrupted(self) -> None:
        self.discard()

    def discard(self) -> None:
        """Remove every file that has arrived; what was stored in the meantime stays stored."""
        if self._file is not None:
            with suppress(OSError):  # what is left to write finds no room either
                self._file.close()
            self._location.unlink(missing_ok=True)
            self._file = None
        for incoming in self.arrived:
            incoming.discard()

    def _stop(self, problem: str) -> None:
        self.problem = problem
        raise StopUpload(connection_reset=True)


class _Tally:
    """The request's body, counting bytes and boundaries as they are read, and keeping its end."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.boundary = b""
        self.count = 0
        self.boundaries = 0
        self.end = b""

    def read(self, *args: int) -> bytes:
        block = self._request.read(*args)
        self.count += len(block)
        overlap = self.end[1 - len(self.boundary) :]  # where one may begin that ends in the block
        self.boundaries += (overlap + block).count(self.boundary)
        self.end = (self.end + block)[-LONGEST_END:]
        return block


def receive(request: HttpRequest, release: Release) -> Revision | Arrival:
    """Take the files of a multipart POST into the release, as one revision or as an upload that
    becomes one when its archives have been looked into.

    For views that are exempt from Django's own check against cross-site requests, which would
    read the body before anybody knows who sends it: who may is judged first, the token after the
    body was parsed and before anything is stored. An optional form field `directory` is put before
    every name; with `inside`, the first folder of each name is left out (a browser that sends a
    folder names it). Raises PermissionDenied, or a Refused with the sentence for the person; then
    nothing has changed, but for the event that says so.
    """
    begun = release.last_revision
    try:
        stored = _store(request, release)
    except (Refused, PermissionDenied) as error:
        Event.objects.record_refusal("add_files", by=request.user, subject=release, error=error)
        raise
    return release.receive(stored, by=request.user, way=Way.PAGE, base=begun)


def _store(request: HttpRequest, release: Release) -> dict[str, Blob]:
    """Read the body and store its files, if this person may send any and all of it is well."""
    authorise(request.user, "releases.change_files", release)
    require(release.compose_obstacles())
    require_room(request, release)
    receiver = Receiver(request)
    try:
        parse(request, receiver)
        require_token(request)
        files = placed(receiver.arrived, request.POST)
        with needing_room():
            return {path: Blob.objects.keep(each.location, each.digest) for path, each in files}
    finally:
        receiver.discard()


def require_room(request: HttpRequest, release: Release) -> None:
    """Refuse what its project has no room for, before a byte is read."""
    require(obstacles_before(release, max(0, _length_of(request) - BESIDE)))


def parse(request: HttpRequest, receiver: Receiver) -> None:
    """Read the body. Afterwards `request.POST` and `request.FILES` are what they always are."""
    length = _length_of(request)
    if not request.META.get("CONTENT_TYPE", "").startswith("multipart/form-data") or not length:
        raise BadInput("Choose at least one file to upload.")
    if length > receiver.most:
        raise BadInput(
            f"This upload has {length} bytes; {receiver.most} are allowed at once. "
            "Send the files in several uploads."
        )
    body = _Tally(request)
    try:
        parser = Parser(request.META, cast(Any, body), [receiver], request.encoding or "utf-8")
        body.boundary = b"--" + parser._boundary  # type: ignore[attr-defined]
        request._post, request._files = parser.parse()  # type: ignore[attr-defined]
    except TooManyFilesSent as error:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        raise BadInput(f"One upload takes {most} files. Send the rest in another.") from error
    except (RequestDataTooBig, TooManyFieldsSent) as error:
        raise BadInput("The upload's fields, beside its files, are too large.") from error
    except (MultiPartParserError, OSError) as error:
        raise not_taken(error, f"The upload is damaged ({error}). Send it again.") from error
    if receiver.problem:
        raise BadInput(receiver.problem)
    if body.count < length:
        raise BadInput(CUT)
    _require_whole(body, request, receiver)


def _require_whole(body: _Tally, request: HttpRequest, receiver: Receiver) -> None:
    """Every part of the body was read, up to the closing boundary; BadInput if not."""
    # Django parses whatever came. A body that ends early, or without its last boundary, is one
    # that was cut, and its last file is not what the person meant to send.
    if not body.end.rstrip().endswith(body.boundary + b"--"):
        raise BadInput(CUT)
    # It also passes over parts whose headers it cannot read, and a file would be missing.
    fields = sum(len(values) for _, values in request.POST.lists())
    if body.boundaries != fields + len(receiver.arrived) + 1:
        raise BadInput(
            "The upload is damaged: a part of it cannot be read, perhaps for a name that is not "
            "UTF-8. Send it again."
        )


def _length_of(request: HttpRequest) -> int:
    """Bytes that the body is said to have; 0 for what is no number."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def require_token(request: HttpRequest) -> None:
    """The check against cross-site requests, for views that are exempt from it because `parse`
    reads their body. Raises PermissionDenied."""
    request.csrf_processing_done = False  # type: ignore[attr-defined] # see the upload's view
    answer = CsrfViewMiddleware(_never).process_view(request, _never, (), {})
    if answer is not None:
        raise PermissionDenied("The form's token is missing or too old. Reload the page.")


def _never(request: HttpRequest) -> HttpResponse:
    raise AssertionError("only a place holder for the middleware's next step")


def placed(arrived: list[Incoming], sent: Mapping[str, str]) -> list[tuple[str, Incoming]]:
    """The files under their paths in the release; BadInput for none, or two of one path."""
    if not arrived:
        raise BadInput("Choose at least one file to upload.")
    prefix = sent.get("directory", "").strip().strip("/")
    placed: dict[str, Incoming] = {}
    for incoming in arrived:
        name = incoming.path
        if sent.get("inside") and "/" in name:
            name = name.partition("/")[2]
        path = check_path(f"{prefix}/{name}" if prefix else name)
        if path in placed:
            raise BadInput(f"{path} was sent twice in one upload.")
        placed[path] = incoming
    return list(placed.items())
