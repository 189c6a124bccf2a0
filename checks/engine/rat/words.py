"""Which of a few words a file holds. Every file is asked this, so it has to be quick.

Hyperscan looks for all of them in one go, whatever their case, at 2 GB/s: where it is installed,
that takes a seventh of the time of searching for one after the other. The answer is the same.
"""

import threading
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

hyperscan: Any = None
with suppress(ImportError):  # where there is no build of it
    hyperscan = import_module("hyperscan")

ADDRESS = b"://www.apache.org/licenses/LICENSE-2.0"
GPL = b"General Public License"
SPDX = b"SPDX-License-Identifier:"

# Groups of words in lower case: a file holds a group if it has one of its words, in any case by
# the letters of ASCII. Only what matters is told apart, for each answer costs a call of Python.
Group = tuple[bytes, ...]
GENERATED: Group = (b"generated",)
GENERATED_ODDLY: Group = (b"workspace", b"javadoc")
LICENSE: Group = (b"licen", b"redistribution", b"oasis", b"w3.org/consortium")
APACHE: Group = (b"apache",)
OTHERS: Group = (GPL.lower(), SPDX.lower())
GROUPS = (GENERATED, GENERATED_ODDLY, LICENSE, APACHE)
# Asked for only where the foundation is named but no licence: words as short as these would make
# the search through all files half as fast.
COPYRIGHT = (b"copy", b"(c)", b"\xa9")

Found = Container[Group]


class Finder:
    """Looks for groups of words in one text after the other."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = tuple(groups)
        self._kept = threading.local()  # what Hyperscan works in must not be shared

    def __call__(self, text: bytes) -> Found:
        """The groups that the text holds."""
        if hyperscan is None:
            return _Searched(text)
        try:
            scan = self._kept.scan
        except AttributeError:
            scan = self._kept.scan = self._scanner()
        found: Found = scan(text)
        return found

    def _scanner(self) -> Callable[[bytes], Found]:
        """Looks for the compiled words, in this thread. Every file comes here: what can be made
        once is."""
        database = hyperscan.Database()
        database.compile(
            expressions=[b"|".join(map(_escaped, group)) for group in self._groups],
            ids=list(range(len(self._groups))),
            elements=len(self._groups),
            flags=hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_CASELESS,
        )
        scratch, groups, run = hyperscan.Scratch(database), self._groups, database.scan
        found: list[Group] = []

        def note(number: int, *_: Any) -> None:
            found.append(groups[number])

        def scan(text: bytes) -> Found:
            found.clear()
            if text:
                run(text, match_event_handler=note, scratch=scratch)
            return tuple(found)

        return scan


def _escaped(word: bytes) -> bytes:
    return b"".join(rb"\x%02x" % code for code in word)


class _Searched:
    """Looks for a group when it is asked for."""

    __slots__ = ("_lower",)

    def __init__(self, text: bytes) -> None:
        self._lower = text.lower()

    def __contains__(self, group: object) -> bool:
        return any(word in self._lower for word in group)  # type: ignore[attr-defined]  # a Group


found = Finder(GROUPS)  # called with the beginning of a file: the groups that it holds
of_others = Finder((OTHERS,))  # the same of many files in one, whether one of them may name another
