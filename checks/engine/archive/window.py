"""Reads a file at any place, which for neighbouring places costs one call to the system."""

import os
from pathlib import Path
from typing import Self

WINDOW = 1 << 20  # bytes kept


class Window:
    """A file as a long row of bytes, of which one stretch is kept at a time."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.size = os.fstat(self._file.fileno()).st_size
        self._kept = b""
        self._start = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, offset: int, count: int) -> bytes:
        """The bytes from `offset` on, fewer where the file ends; for counts that were judged."""
        at = offset - self._start
        if at >= 0 and at + count <= len(self._kept):
            return self._kept[at : at + count]
        if count >= WINDOW:
            return os.pread(self._file.fileno(), count, offset) if offset < self.size else b""
        self._kept = os.pread(self._file.fileno(), WINDOW, offset) if offset < self.size else b""
        self._start = offset
        return self._kept[:count]
