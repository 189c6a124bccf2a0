"""The texts of many small files, each looked through once for all rules that ask about it."""

from functools import cached_property
from itertools import compress, count
from typing import NamedTuple

from checks.engine.archive import Batch
from checks.engine.rat import words
from checks.engine.rat.openings import Openings
from checks.engine.rat.read import (
    PLAIN,
    STANDARD,
    WINDOW,
    Document,
    has_address,
    is_plain,
    is_silent,
    read,
)
from checks.engine.rat.texts import UTF16


class May(NamedTuple):
    """What is possible: a licence header of any form; the name of another licence, or of a program
    that wrote the file."""

    header: bool
    other: bool


_OPENINGS = Openings()
ANYTHING, NOTHING = May(True, True), May(False, False)


class Texts:
    """What rules want to know of the texts of a batch; files are named by their place in it."""

    def __init__(self, members: Batch) -> None:
        self.heads = [content[:WINDOW] for _, _, content in members]
        self._named: list[int] = []  # files with the address that did not begin as others do
        self._found: dict[int, words.Found] = {}
        self._documents: dict[int, Document] = {}

    def found(self, at: int) -> words.Found:
        """The words in the beginning of a file."""
        found = self._found.get(at)
        if found is None:
            found = self._found[at] = words.found(self.heads[at])
        return found

    def document(self, at: int, name: str) -> Document:
        """What a file of this base name is to RAT."""
        known = self._documents.get(at)
        if known is None:
            head = self.heads[at]
            known = PLAIN if at in self.plain else read(name, head, lambda _: self.found(at))
            self._documents[at] = known
        return known

    def may_hold(self, at: int, name: str) -> May:
        """What the very beginning of a file may hold, by what is known of more of it.

        What stands there is in the whole as well, where both are read as the same letters; but of
        several SPDX tags in a line, only the last one counts."""
        head = self.heads[at]
        if at in self.plain or head.startswith(UTF16):
            return ANYTHING
        found = self.found(at)
        if is_silent(found, head):
            return NOTHING
        as_whole = head.isascii() and words.SPDX not in head
        is_nothing = as_whole and self.document(at, name) is STANDARD
        # All forms of the header name the foundation, and the marks of generators their own word.
        return May(words.APACHE in found or words.GENERATED in found, not is_nothing)

    @cached_property
    def opened(self) -> list[bool]:
        """Of each file whether it is known to hold the licence's header and its address, for it
        begins as others do."""
        opened = _OPENINGS.of(self.heads)
        for at, head in enumerate(self.heads):
            if not opened[at] and has_address(head):
                opened[at] = _OPENINGS.learn(head)
                self._named.append(at)
        return opened

    @cached_property
    def plain(self) -> frozenset[int]:
        """The files that `is_plain` holds for. Nearly all that have the licence's address name no
        GPL and no SPDX, and so one search through all of them replaces one through each."""
        heads = self.heads
        named = frozenset(compress(count(), self.opened)).union(self._named)
        if words.OTHERS not in words.of_others(b"\n".join([heads[at] for at in named])):
            return named
        return frozenset(at for at in named if is_plain(heads[at]))
