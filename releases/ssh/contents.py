"""What lies in the folder of a transfer: how much, which files, and names that stand for files."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from trusted_releases.lib.errors import BadInput, NotReady, Obstacle
from trusted_releases.lib.paths import MAX_DEPTH

_COMING = re.compile(r"\.(.+)\.\w{6}", re.ASCII)  # what rsync calls a file until it is whole


class Full(NamedTuple):
    """What lies in a folder."""

    files: int
    size: int


def name_all(root: Path, paths: Iterable[str]) -> None:
    """Have files there by their names only: links that lead nowhere. rsync replaces or deletes
    them as it would the files, and nothing of the files can be read or written by them."""
    for path in paths:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(_nowhere(root))


def is_name_only(root: Path, file: Path) -> bool:
    """Whether rsync has left a name as it was. No sender makes such a link: rsync is told to
    change where theirs lead."""
    try:
        return os.readlink(file) == _nowhere(root)
    except OSError:  # no link, or gone by now
        return False


def _nowhere(root: Path) -> str:
    return f"/{root.parent.name}"


def full(root: Path) -> Full:
    """How much has come until now; NotReady when it is more than a release may have."""
    files = size = 0
    _open(root)
    for folder, folders, names in os.walk(root):
        for each in folders:
            _open(Path(folder, each))
        came = [Path(folder, name) for name in names]
        came = [file for file in came if not is_name_only(root, file)]
        files += len(came) + len(folders)
        depth = len(Path(folder).relative_to(root).parts)
        if files > 2 * settings.MAX_FILES or depth > MAX_DEPTH:
            raise too_much(f"{settings.MAX_FILES} files, {MAX_DEPTH} folders deep")
        size += sum(_size(file) for file in came)
        if size > settings.MAX_REVISION_SIZE:
            raise too_much(f"{settings.MAX_REVISION_SIZE} bytes")
    return Full(files, size)


def _open(folder: Path) -> None:
    """Have ourselves look into a folder that has come. rsync gives it the rights that it has with
    the sender as soon as it is full, and without any, nobody would see how much is in it."""
    with suppress(OSError):  # gone by now
        mode = folder.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU:
            folder.chmod(0o700)


def _size(file: Path) -> int:
    try:
        size = file.lstat().st_size
    except (FileNotFoundError, PermissionError):  # rsync has renamed it, or closed its folder, now
        return 0
    if size > settings.MAX_FILE_SIZE:
        coming = _COMING.fullmatch(file.name)
        raise _refused(
            f"{_shown(coming[1] if coming else file.name)} is too large: a file has at most "
            f"{settings.MAX_FILE_SIZE} bytes. Nothing was taken."
        )
    return size


def _shown(name: str) -> str:
    """A name that nobody has judged yet, as a terminal can show it: it may be no text at all."""
    return name if name.isprintable() else ascii(name)


def too_much(most: str) -> NotReady:
    return _refused(f"A release has at most {most}. Nothing was taken.")


def _refused(said: str) -> NotReady:
    return NotReady([Obstacle("too_much", said)])


def files_below(root: Path, folder: Path | None = None) -> Iterator[Path]:
    """All files, also those that are there by name only. BadInput for what is none."""
    folder = folder or root
    folder.chmod(0o700)  # whatever it was where it comes from
    with os.scandir(folder) as entries:
        found = list(entries)
    for each in found:
        mode, place = each.stat(follow_symlinks=False).st_mode, Path(each.path)
        if stat.S_ISDIR(mode):
            yield from files_below(root, place)
        elif stat.S_ISREG(mode):
            place.chmod(0o600)
            yield place
        elif is_name_only(root, place):
            yield place
        else:
            raise BadInput(
                f"{each.name!r} is a link, or no file at all. A release has files only: send what "
                "it leads to under that name, or leave it out."
            )
