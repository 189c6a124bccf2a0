"""Where the files of reviews lie until they are checked: apart from the store of releases.

The store keeps what it has for good, and knows equal bytes by their digest. What people bring here
is theirs alone and goes again, so each review has a folder of its own, of which nobody is told what
is in it. All hosts see it: who takes the files is seldom who checks them.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from releases.leftovers import remove_folder
from releases.models.blob import scratch
from trusted_releases.lib.digests import Digest, blocks, digest_of

KEYS = "KEYS"  # the file of a candidate that signatures are held against, and that is not checked
FOLDER = "review-"  # of copies; what is left of them goes with the rest of the scratch directory


class Gone(Exception):
    """The files are not there any more, or are not what they were."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of a review: its path in the candidate, under which name it lies, what it is."""

    path: str
    name: str
    size: int
    sha256: str
    sha512: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _store() -> Storage:
    return storages["reviews"]


def put(key: str, path: str, file: Path, digest: Digest) -> Stored:
    """Put a local file into the folder of the review of this key; it may be gone afterwards.

    Each time under a name of its own, so that two workers that fetch the same do not meet.
    """
    name, store = f"{key}/{secrets.token_hex(8)}", _store()
    if isinstance(store, FileSystemStorage):
        target = Path(store.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(file, target)
        except OSError:  # another file system
            _copy(file, store, name)
    else:
        _copy(file, store, name)
    return Stored(path, name, digest.size, digest.sha256, digest.sha512)


def _copy(file: Path, store: Storage, name: str) -> None:
    with file.open("rb") as stream:
        store.save(name, File(stream, name))


@contextmanager
def local(stored: Stored) -> Iterator[Path]:
    """The file on this machine, as long as the block lasts. Raises Gone."""
    store = _store()
    if isinstance(store, FileSystemStorage):
        place = Path(store.path(stored.name))
        if not place.is_file():
            raise Gone
        yield place
        return
    copy = scratch() / f"{FOLDER}{secrets.token_hex(8)}"
    try:
        _fetch(store, stored, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _fetch(store: Storage, stored: Stored, to: Path) -> None:
    try:
        with store.open(stored.name, "rb") as stream, to.open("xb") as target:
            for block in blocks(stream):
                target.write(block)
    except FileNotFoundError as error:
        raise Gone from error
    with to.open("rb") as stream:
        if digest_of(stream).sha256 != stored.sha256:
            raise Gone


def remove(key: str) -> None:
    """Remove the folder of the review of this key. What is gone already is no error."""
    store = _store()
    if isinstance(store, FileSystemStorage):
        remove_folder(Path(store.path(key)))
        return
    for name in _names(store, key):
        store.delete(f"{key}/{name}")


def folders() -> list[str]:
    """The keys of all folders that there are."""
    try:
        return sorted(_store().listdir("")[0])
    except FileNotFoundError:
        return []


def newest(key: str) -> datetime | None:
    """When something last came into the folder of this key; None where there is none."""
    store = _store()
    times = []
    if isinstance(store, FileSystemStorage):  # of the folder itself: it may be empty as yet
        with suppress(FileNotFoundError):
            times.append(store.get_modified_time(key))
    for name in _names(store, key):
        with suppress(FileNotFoundError):
            times.append(store.get_modified_time(f"{key}/{name}"))
    return max(times, default=None)


def _names(store: Storage, key: str) -> list[str]:
    try:
        return list(store.listdir(key)[1])
    except FileNotFoundError:
        return []
