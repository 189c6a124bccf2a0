"""Decompressors behind one face: fed piece by piece, giving a bounded number of bytes a call.

The face is that of the standard library's `bz2` and `lzma` objects.
"""

import bz2
import lzma
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from typing import NoReturn, Protocol, cast

import zstandard
from isal import isal_zlib

from checks.engine.archive.problems import Problems
from checks.engine.archive.source import Source

PLAIN = 1 << 20  # bytes a decompressor may give at once
XZ_MEMORY = 100 << 20  # `xz -9` needs 65 MiB to unpack; larger dictionaries are refused
ZSTD_WINDOW = 27  # as a power of two: 128 MiB, what `zstd -d` unpacks without being told to

ERRORS: tuple[type[Exception], ...] = (
    MemoryError,
    OSError,
    EOFError,
    ValueError,
    lzma.LZMAError,
    zlib.error,
    cast("type[Exception]", isal_zlib.error),  # its stub calls it an instance
    zstandard.ZstdError,
)


class Decoder(Protocol):
    """One compressed stream."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Inflate:
    """Raw deflate, by ISA-L: two to four times as fast as zlib."""

    def __init__(self) -> None:
        self._stream = isal_zlib.decompressobj(-15)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self._stream.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._stream.unused_data)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        stream = self._stream
        plain: bytes = stream.decompress(data or stream.unconsumed_tail, max_length)
        self.needs_input = len(plain) < max_length and not stream.unconsumed_tail
        return plain


class Zstandard:
    """One zstd frame. The library bounds no output, so it is fed so little that it need not."""

    # A block of 128 KiB takes at least 4 bytes: at most 32 MiB come of one step.
    STEP = 1 << 10

    def __init__(self) -> None:
        options = zstandard.ZstdDecompressor(max_window_size=1 << ZSTD_WINDOW)
        self._stream = options.decompressobj()
        self._rest = b""
        self._at = 0
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data + self._rest[self._at :]

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if data:
            self._rest, self._at = self._rest[self._at :] + data, 0
        parts = []
        room = max_length
        while room > 0 and self._at < len(self._rest) and not self._stream.eof:
            step = self._rest[self._at : self._at + self.STEP]
            self._at += len(step)
            plain = self._stream.decompress(step)
            parts.append(plain)
            room -= len(plain)
        self.needs_input = self._at >= len(self._rest)
        return b"".join(parts)


def new_decoder(format_: str) -> Decoder:
    """A decoder for the next stream of a compressed tar."""
    if format_ == "tar.bz2":
        return bz2.BZ2Decompressor()
    if format_ == "tar.xz":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
    return Zstandard()


class _Damaged(Exception):
    """The decoder refuses its data. Other errors, such as of the disk, are not the archive's."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def decoded(decoder: Decoder, source: Source, problems: Problems, see: str) -> Iterator[bytes]:
    """The content of one compressed stream; what follows it stays in the source.

    While one block is looked at, a second thread makes the next, if there is one: few, so that
    memory stays flat.
    """

    block = partial(_block, decoder, source)
    with source.beside() as beside:
        made: deque[Future[bytes | None]] = deque()

        def make(count: int) -> None:
            while len(made) < count and not decoder.eof:
                made.append(beside(block))

        make(1)
        while made:
            plain = _result(made.popleft(), problems, see)
            source.report()
            make(source.ahead)
            if plain:
                yield plain
            make(1)  # where none is made ahead
    source.unread(decoder.unused_data)


def _block(decoder: Decoder, source: Source) -> bytes | None:
    """The next block, which may be empty; None where the source ends too early."""
    if decoder.eof:
        return b""
    data = source.piece() if decoder.needs_input else b""
    if not data and decoder.needs_input:
        return None
    try:
        return decoder.decompress(data, PLAIN)
    except ERRORS as error:
        raise _Damaged(error) from error


def _result(ahead: Future[bytes | None], problems: Problems, see: str) -> bytes:
    """The block that was made; the reading ends where it could not be."""
    try:
        plain = ahead.result()
    except _Damaged as damaged:
        _refuse(damaged.error, problems, see)
    if plain is None:
        problems.stop("integrity.truncated", "The compressed data ends too early.", see=see)
    return plain


def _refuse(error: Exception, problems: Problems, see: str) -> NoReturn:
    text = str(error).lower()
    if isinstance(error, MemoryError) or "memory" in text:
        problems.stop("safety.memory", "Unpacking needs more memory than is allowed.", see=see)
    problems.stop("integrity.compression", "The compressed data is damaged.", see=see, error=text)
