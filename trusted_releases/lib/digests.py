"""Digests and size of bytes as they stream past."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

BLOCK = 1 << 20  # bytes read at a time: large enough for hashing at full speed, small in memory


@dataclass(frozen=True, slots=True)
class Digest:
    """What a run of bytes is known by: hexadecimal SHA-256 and SHA-512, and its size in bytes."""

    sha256: str
    sha512: str
    size: int


class Digester:
    """Computes a `Digest` from blocks that are fed one after the other."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes fed until now."""
        return self._size

    def feed(self, block: bytes) -> None:
        self._sha256.update(block)
        self._sha512.update(block)
        self._size += len(block)

    def digest(self) -> Digest:
        return Digest(self._sha256.hexdigest(), self._sha512.hexdigest(), self._size)


@runtime_checkable
class Readable(Protocol):
    """Anything that gives its bytes in pieces and b"" at its end."""

    def read(self, size: int, /) -> bytes: ...


def blocks(stream: Readable, size: int = BLOCK) -> Iterator[bytes]:
    """The stream's bytes, at most `size` at a time."""
    while block := stream.read(size):
        yield block


def digest_of(source: Readable | Iterable[bytes]) -> Digest:
    """Read a stream, or take blocks, to the end, holding one block in memory."""
    digester = Digester()
    for block in blocks(source) if isinstance(source, Readable) else source:
        digester.feed(block)
    return digester.digest()
