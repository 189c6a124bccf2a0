"""Temporary folders that are held while they are in use.

A process that is killed leaves its folder behind. Whoever clears up cannot tell by its age, for a
clock may jump: the folder's lock tells. That of a living process is held, that of a dead one free.
"""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

LOCK = "in-use"
YOUNG = 60  # seconds in which a folder that was just made may not be locked yet


class HeldFolder:
    """A new folder that nobody else can read, gone at the end of the block.

    It holds one file, `in-use`, and is called `prefix` and something random.
    """

    def __init__(self, prefix: str, root: str | None = None) -> None:
        self._directory = tempfile.TemporaryDirectory(
            prefix=prefix, dir=root, ignore_cleanup_errors=True
        )
        self.path = Path(self._directory.name)
        self._lock = (self.path / LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()
        self._lock.close()


def clear_abandoned(prefix: str, root: str | None = None) -> int:
    """Remove the held folders whose process was killed; say how many there were."""
    gone = 0
    for lock in Path(root or tempfile.gettempdir()).glob(f"{prefix}*/{LOCK}"):
        with suppress(OSError), lock.open("r+") as stream:
            if time.time() - os.fstat(stream.fileno()).st_mtime < YOUNG:
                continue
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
            gone += 1
    return gone
