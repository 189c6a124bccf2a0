"""An import between the row that asks for it and the programs that fetch."""

import os

from django.conf import settings

from releases.importing import svn, web
from releases.importing.address import Problem
from releases.importing.fetched import Bounds, Fetched, Progress
from releases.leftovers import remove_folder
from releases.models.blob import scratch
from releases.models.importing import Import, allowed_here
from releases.models.usage import expected_room

__all__ = ["Problem", "fetch"]


def fetch(row: Import, told: Progress) -> Fetched:
    """Fetch and store what is wanted. Raises Problem.

    Call it outside transactions: it takes as long as others' servers take.
    """
    room = expected_room(row.release)

    def within(files: int, of_files: int, size: int, of_size: int) -> None:
        """What the project has no room for is not fetched to its end, to be refused then."""
        if found := list(room.obstacles(max(size, of_size))):
            raise Problem(" ".join(each.text for each in found))
        told(files, of_files, size, of_size)

    fetched = Fetched(
        Bounds(
            seconds=settings.IMPORT_SECONDS,
            total_bytes=min(settings.IMPORT_BYTES, settings.MAX_REVISION_SIZE),
            file_bytes=settings.MAX_FILE_SIZE,
            files=settings.MAX_FILES,
        ),
        within,
    )
    allowed = allowed_here()
    if row.kind == Import.Kind.WEB:
        web.fetch(row.url, allowed, fetched)
    else:
        folder = scratch() / f"import-{row.pk}-{os.urandom(8).hex()}"
        folder.mkdir(mode=0o700)
        try:
            svn.fetch(row.url, row.at, allowed, fetched, folder.resolve())
        finally:
            remove_folder(folder)
    if not fetched.blobs:
        raise Problem(
            f"There is no file at {row.url} that a release could hold. Give the address of the "
            "folder with the artifacts."
        )
    return fetched
