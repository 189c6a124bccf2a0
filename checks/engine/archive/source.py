"""The bytes of the archive file: read once, hashed on the way."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Self, TypeVar

from trusted_releases.lib.digests import BLOCK, Digest, Digester

T = TypeVar("T")
PIECE = 1 << 18  # bytes handed to a decompressor at a time: what they make of it stays small
FIRST = 1 << 16  # bytes of the first step: whoever waits for what is in them has something to do
AHEAD = 4  # blocks that may be decompressed before they are looked at: some are looked at quickly


class _AtOnce(Executor):
    """Does what it is given before it returns."""

    def submit(self, call: Callable[..., T], /, *given: Any, **named: Any) -> "Future[T]":
        done: Future[T] = Future()
        try:
            done.set_result(call(*given, **named))
        except Exception as error:
            done.set_exception(error)
        return done


class Source:
    """Reads a file from its beginning to its end, once; everything read goes into the digest.

    Hashing runs beside, in a thread of its own, at most one block behind; so does decompressing,
    at most `ahead` blocks ahead. Without `threads` each is done when it is asked for, in smaller
    steps: that is quicker where the processors have other work.
    """

    def __init__(
        self, path: Path, progress: Callable[[int], None] | None = None, *, threads: bool = True
    ) -> None:
        self._file = path.open("rb")
        self._progress = progress
        self.ahead = AHEAD if threads else 0
        self._step, self._longest = (BLOCK, BLOCK) if threads else (FIRST, PIECE)
        self._digester = Digester()
        self._hasher: Executor = ThreadPoolExecutor(1) if threads else _AtOnce()
        self._decoder: Executor = ThreadPoolExecutor(1) if threads else _AtOnce()
        self._pending: Future[bytes | None] | None = None
        self._hashed: Future[None] | None = None
        self._read = self._told = 0
        self._rest = b""
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._settle()
        self._decoder.shutdown()
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

    @contextmanager
    def beside(self) -> Iterator[Callable[[Callable[[], bytes | None]], "Future[bytes | None]"]]:
        """Gives a function that has others called in a thread beside this one, one by one. Only
        what is called may read from the source, until all results have been taken."""
        try:
            yield self._submit
        finally:
            self._settle()

    def report(self) -> None:
        """Tell how much has been read: by whoever takes what was read, never by a thread."""
        if self._progress and self._read != self._told:
            self._told = self._read
            self._progress(self._read)

    def digest(self) -> Digest:
        """The digest of the whole file: reads what has not been read."""
        self._settle()
        while self._block():
            self.report()
        if self._hashed:
            self._hashed.result()
        return self._digester.digest()

    def _block(self) -> bytes:
        block = self._file.read(self._step)
        if block:
            self._step = min(2 * self._step, self._longest)
            if self._hashed:
                self._hashed.result()
            self._hashed = self._hasher.submit(self._digester.feed, block)
            self._read += len(block)
        return block

    def _submit(self, call: Callable[[], bytes | None]) -> "Future[bytes | None]":
        # The thread can only begin while nobody else runs Python. So it is waited for until it
        # does, or it would begin when its result is asked for, and nothing would be gained. One
        # that is at work goes on by itself.
        is_at_work = self._pending is not None and not self._pending.done()
        begun = Event()

        def begin() -> bytes | None:
            begun.set()
            return call()

        self._pending = self._decoder.submit(begin)
        if not is_at_work:
            begun.wait()
        return self._pending

    def _settle(self) -> None:
        """Wait for what is called beside; whatever came of it."""
        if self._pending:
            wait((self._pending,))
