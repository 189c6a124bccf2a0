"""A folder in one request: a tar as it comes, or a form of many files. All of it is one upload."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from django.conf import settings
from django.http import HttpRequest

from projects.lifecycle import require
from releases import intake
from releases.intake import Incoming
from releases.landing import Landing, TooBig
from releases.models import Blob, Release
from releases.models.usage import obstacles_before
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path
from trusted_releases.lib.tar_stream import TarStream


def files_of_tar(read: Callable[[int], bytes], directory: str, release: Release) -> dict[str, Blob]:
    """The files of a tar, in the store, by their paths below `directory`. BadInput for a member
    that no release may have, NotReady where the project has no room for it; nothing of the tar is
    kept then."""
    landed: dict[str, Landing] = {}
    total = 0
    with ExitStack() as open_files:
        for member in TarStream(read, most=2 * settings.MAX_FILES):
            path = placed(member.name.removeprefix("./"), directory)
            total += member.size
            _require_fit(path, member.size, total, landed)
            require(obstacles_before(release, total))
            landing = landed[path] = open_files.enter_context(Landing())
            for block in member.content:
                landing.feed(block)
            landing.close()
        if not landed:
            raise BadInput("There is no file in the tar.")
        return {path: landing.keep() for path, landing in landed.items()}


def _require_fit(path: str, size: int, total: int, there: Mapping[str, object]) -> None:
    if path in there:
        raise BadInput(f"{path} is there twice in the tar.")
    if len(there) >= settings.MAX_FILES:
        raise BadInput(f"A release has at most {settings.MAX_FILES} files.")
    if size > settings.MAX_FILE_SIZE:
        raise TooBig
    if total > settings.MAX_REVISION_SIZE:
        most = settings.MAX_REVISION_SIZE
        raise BadInput(f"The files of a release take at most {most} bytes together.")


def files_of_form(request: HttpRequest, directory: str, release: Release) -> dict[str, Blob]:
    """The files of a multipart form, in the store, by their paths: the names they are sent under,
    below `directory`."""
    intake.require_room(request, release)
    receiver = intake.Receiver(request)
    try:
        intake.parse(request, receiver)
        files: list[tuple[str, Incoming]] = intake.placed(
            receiver.arrived, {"directory": directory}
        )
        return {path: Blob.objects.keep(each.location, each.digest) for path, each in files}
    finally:
        receiver.discard()


def placed(name: str, directory: str) -> str:
    """Where a file of this name goes."""
    prefix = directory.strip("/")
    return check_path(f"{prefix}/{name}" if prefix else name)
