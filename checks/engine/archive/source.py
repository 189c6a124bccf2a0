"""The bytes of the archive file: read once, hashed on the way."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from trusted_releases.lib.digests import BLOCK, Digest, Digester

PIECE = 1 << 17  # bytes handed to a decompressor at a time: what they make of it stays small


class Source:
    """Reads a file from its beginning to its end, once; everything read goes into the digest.

    Hashing runs beside decompressing, in a thread of its own, at most one block behind.
    """

    def __init__(self, path: Path, progress: Callable[[int], None] | None = None) -> None:
        self._file = path.open("rb")
        self._progress = progress
        self._digester = Digester()
        self._hasher = ThreadPoolExecutor(1)
        self._hashed: Future[None] | None = None
        self._read = 0
        self._rest = b""
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hasher.shutdown()
        self._file.close()

    def piece(self) -> bytes:
        """Some next bytes, at most `PIECE`; b"" at the end of the file."""
        if self._at >= len(self._rest):
            self._rest, self._at = self._block(), 0
        start = self._at
        self._at = min(start + PIECE, len(self._rest))
        return self._rest[start : self._at]

    def peek(self, count: int) -> bytes:
        """The next bytes without taking them; fewer only at the end of the file."""
        while len(self._rest) - self._at < count and (block := self._block()):
            self._rest, self._at = self._rest[self._at :] + block, 0
        return self._rest[self._at : self._at + count]

    def take(self, count: int) -> bytes:
        """Exactly so many bytes, or all that are left. For small counts."""
        taken = self.peek(count)
        self._at += len(taken)
        return taken

    def unread(self, data: bytes) -> None:
        """Put the bytes taken last back, or the end of them."""
        self._at -= len(data)

    def digest(self) -> Digest:
        """The digest of the whole file: reads what has not been read."""
        while self._block():
            pass
        if self._hashed:
            self._hashed.result()
        return self._digester.digest()

    def _block(self) -> bytes:
        block = self._file.read(BLOCK)
        if block:
            if self._hashed:
                self._hashed.result()
            self._hashed = self._hasher.submit(self._digester.feed, block)
            self._read += len(block)
            if self._progress:
                self._progress(self._read)
        return block
