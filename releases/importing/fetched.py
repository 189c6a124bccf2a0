"""What an import may cost, and what has come of it so far."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from releases.importing.address import Problem
from releases.models.blob import Blob
from trusted_releases.lib.digests import Digest, digest_of
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.paths import check_path

Progress = Callable[[int, int, int, int], None]  # files, files in all, bytes, bytes in all
Keep = Callable[[Path, Digest], Any]  # puts a file away for good, and says where, with its `size`


def as_blob(file: Path, digest: Digest) -> Blob:
    """Into the store of releases."""
    return Blob.objects.keep(file, digest)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one import may take: seconds in all, bytes in all and of one file, files."""

    seconds: float
    total_bytes: int
    file_bytes: int
    files: int


@dataclass
class Fetched:
    """The files that have come, stored; those that were left out; which state of the other side
    it is. `told` is called as they come; `store` puts each away, and `blobs` has what it gave."""

    bounds: Bounds
    told: Progress = lambda *_: None
    store: Keep = as_blob
    until: float = 0
    blobs: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    found: str = ""
    size: int = 0
    expected_files: int = 0
    expected_bytes: int = 0

    def __post_init__(self) -> None:
        self.until = time.monotonic() + self.bounds.seconds

    @property
    def left(self) -> float:
        """Seconds that are left; Problem when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise Problem(
                f"It took longer than {self.bounds.seconds:g} seconds, so it was ended, and nothing"
                " was kept. Import a part of it at a time, or ask an operator to raise "
                "IMPORT_SECONDS."
            )
        return left

    def wanted(self, path: str) -> bool:
        """Whether the file belongs into a release: hidden files are left out, and told. Problem for
        a name that no release may have, and for one file too many."""
        if any(part.startswith(".") for part in path.split("/")):
            self.left_out.append(path)
            return False
        try:
            check_path(path)
        except BadInput as error:
            raise Problem(f"{error} Rename it there, then import again.") from error
        if len(self.blobs) >= self.bounds.files:
            raise self.too_many()
        return True

    def too_many(self) -> Problem:
        return Problem(
            f"There are more than {self.bounds.files:,} files, which is more than a release has. "
            "Give the address of the folder that holds the release alone."
        )

    def require_room(self, more: int, path: str) -> None:
        """Problem when a file of so many bytes is too much."""
        if more > self.bounds.file_bytes:
            raise Problem(
                f"{path} is larger than {self.bounds.file_bytes:,} bytes, the most that one file "
                "of a release has."
            )
        if self.size + more > self.bounds.total_bytes:
            raise Problem(
                f"All together is more than {self.bounds.total_bytes:,} bytes, the most that is "
                "imported at once. Import a part of it at a time."
            )

    def keep(self, path: str, file: Path) -> None:
        """Store a file that lies here now."""
        with file.open("rb") as stream:
            digest = digest_of(stream)
        self.take(path, file, digest)

    def take(self, path: str, file: Path, digest: Digest) -> None:
        """The same, where it is known what it is."""
        self.add(path, self.store(file, digest))

    def add(self, path: str, stored: Any) -> None:
        self.blobs[path] = stored
        self.size += stored.size
        self.tell()

    def tell(self, more: int = 0) -> None:
        """How far it is, with so many bytes of the next file."""
        self.told(len(self.blobs), self.expected_files, self.size + more, self.expected_bytes)
