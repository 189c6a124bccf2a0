"""A file that a program sends: streamed to disk, bounded, hashed on the way, stored by digest."""

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from projects.lifecycle import authorise, require
from projects.roles import Person
from releases.models import Arrival, Blob, Release, Revision, Way
from releases.models.blob import scratch
from releases.models.usage import obstacles_before
from trusted_releases.ledger.models import Event
from trusted_releases.lib.digests import Digest, Digester
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path


class TooBig(Exception):
    """More bytes than a file of a release may have."""


class Landing:
    """One file on its way to the store. At the end of the block it is there, or gone."""

    def __init__(self) -> None:
        self._location: Path = scratch() / f"upload-{secrets.token_hex(16)}"
        self._digester = Digester()
        self._file: Any = None

    def __enter__(self) -> "Landing":
        self._file = self._location.open("xb")
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # what is left to write found no room before
            self._file.close()
        self._location.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes that have come until now."""
        return self._digester.size

    def feed(self, block: bytes) -> None:
        if self.size + len(block) > settings.MAX_FILE_SIZE:
            raise TooBig
        self._digester.feed(block)
        self._file.write(block)

    def close(self) -> None:
        """All of it has come. The file stays until the end of the block."""
        self._file.close()

    def landed(self) -> tuple[Path, Digest]:
        """All of it has come: where it lies until the end of the block, and what it is."""
        self._file.close()
        return self._location, self._digester.digest()

    def keep(self, sha256: str = "") -> Blob:
        """Store what has come; BadInput where it is not what the digest says, if one is given."""
        location, digest = self.landed()
        if sha256 and digest.sha256 != sha256:
            raise BadInput(
                "A file is not what its digest says: it has changed since, or was not read well. "
                "Begin the upload again."
            )
        return Blob.objects.keep(location, digest)


def check(
    release: Release, path: str | None, *, by: Person, seen: int | None, size: int = 0
) -> None:
    """Refuse an upload that cannot be taken before its bytes are read; the attempt is on record.
    `size`: how many bytes it has at least."""
    try:
        authorise(by, "releases.change_files", release)
        if path is not None:
            check_path(path)
        require(release.compose_obstacles(seen))
        require(obstacles_before(release, size))
    except Exception as error:
        Event.objects.record_refusal("add_files", by=by, subject=release, error=error)
        raise


def take(
    release: Release, path: str, blob: Blob, *, by: Person, begun: int, seen: int | None
) -> Revision | Arrival:
    """Make it part of the files, as a revision; an archive when a worker has looked into it.

    `begun` is the newest revision when the upload began.
    """
    return release.receive({path: blob}, by=by, way=Way.API, base=begun, seen=seen)
