"""A folder on this machine as a candidate: what one checks before anything is uploaded."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from checks.engine.model import Candidate, File, Policy
from trusted_releases.lib.digests import blocks, digest_of
from trusted_releases.lib.errors import BadInput

MAX_FILES = 50_000
MAX_KEYS = 10 << 20  # bytes; the largest KEYS files in use have half a megabyte


Progress = Callable[[int, int], None]  # bytes hashed, bytes in all


def candidate_from(
    folder: Path, policy: Policy, keys: Path | None = None, progress: Progress | None = None
) -> Candidate:
    """Hash every file below a folder, streaming, and make a candidate of them.

    The KEYS file that is used is not part of the candidate if it lies in the folder. Raises
    BadInput, with a sentence, for links and devices, unreadable files and names that are no text.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder.")
    used = keys.resolve() if keys else None
    paths = [path for path in _files(folder) if path.resolve() != used]
    if not paths:
        raise BadInput(f"There are no files in {folder}.")
    count = _Count(sum(path.lstat().st_size for path in paths), progress)
    files = tuple(_file(path, folder, count) for path in paths)
    return Candidate(files, policy, _read_keys(keys) if keys else b"")


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder in the order of their names. Links are never followed."""
    count = 0
    for parent, folders, names in os.walk(folder, onerror=_unreadable):
        folders.sort()
        for name in sorted([*names, *folders]):
            path = Path(parent) / name
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode):
                raise BadInput(
                    f"{path} is a link or a special file. A release has only regular files: "
                    "replace it with the file itself, or delete it."
                )
            count += 1
            if count > MAX_FILES:
                raise BadInput(f"There are more than {MAX_FILES:,} files in {folder}.")
            yield path


def _unreadable(error: OSError) -> None:
    raise BadInput(f"{error.filename} cannot be read: {error.strerror}.") from error


class _Count:
    """Tells how many bytes have gone by."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done = 0
        self._total = total
        self._progress = progress

    def passing(self, stream: Iterable[bytes]) -> Iterator[bytes]:
        for block in stream:
            self._done += len(block)
            if self._progress:
                self._progress(self._done, self._total)
            yield block


def _file(path: Path, folder: Path, count: _Count) -> File:
    name = path.relative_to(folder).as_posix()
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput(f"The name {name!a} is not UTF-8. Rename the file.") from error
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    with os.fdopen(handle, "rb") as stream:
        digest = digest_of(count.passing(blocks(stream)))
    return File(name, path.absolute(), digest.size, digest.sha256, digest.sha512)


def _read_keys(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_KEYS + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_KEYS:
        raise BadInput(f"{path} is larger than {MAX_KEYS >> 20} MB, and no KEYS file is.")
    return content
