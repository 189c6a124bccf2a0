"""What lies at each path of an archive, with the id that git would give it."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from checks.engine.archive import Kind, Member, Sink
from checks.engine.source.inventory import LINK, RUNS, blob_id
from checks.engine.tree import Tops

PLAIN = "100644"
_ANY_RUN = 0o111

Extra = Callable[[Member], Sink | None]


class Entry(NamedTuple):
    mode: str
    id: str


class _Content:
    """A sink that computes the id of a file's content, and feeds another sink beside."""

    __slots__ = ("_beside", "_entries", "_hash", "_mode", "_name")

    def __init__(
        self, entries: dict[str, Entry], member: Member, algorithm: str, beside: Sink | None
    ) -> None:
        self._hash = hashlib.new(algorithm, b"blob %d\0" % member.size, usedforsecurity=False)
        self._entries = entries
        self._name = member.name
        self._mode = RUNS if member.mode & _ANY_RUN else PLAIN
        self._beside = beside

    def feed(self, block: bytes) -> None:
        self._hash.update(block)
        if self._beside is not None:
            self._beside.feed(block)

    def close(self) -> None:
        self._entries[self._name] = Entry(self._mode, self._hash.hexdigest())
        if self._beside is not None:
            self._beside.close()


class Gathered:
    """Gathers the entries of one archive: a visitor of the archive reader, or a part of one.

    `extra` may give a sink for members of which more than the id is to be known.
    """

    def __init__(self, algorithm: str = "sha1", extra: Extra | None = None) -> None:
        self.entries: dict[str, Entry] = {}
        self.tops = Tops()
        self._algorithm = algorithm
        self._extra = extra

    def member(self, member: Member) -> Sink | None:
        self.tops.add(member)
        if member.kind is Kind.FILE:
            beside = self._extra(member) if self._extra else None
            return _Content(self.entries, member, self._algorithm, beside)
        if member.kind is Kind.SYMLINK:
            target = member.target.encode("utf-8", "surrogateescape")
            self.entries[member.name] = Entry(LINK, blob_id(target, self._algorithm))
        elif member.kind is Kind.HARDLINK:
            # A hard link is the same file again; one that leads nowhere is the safety rule's.
            same = self.entries.get(member.target.removeprefix("./"))
            if same is not None:
                self.entries[member.name] = same
        return None

    def finish(self) -> None:
        """Nothing is left to do at the end."""
