"""How files begin that have the licence's header: the files of a project do so in few ways."""

from collections.abc import Iterable

from checks.engine.headers import opening_of
from checks.engine.rat.read import has_address

KEPT = 256  # openings, of at most 4 KiB each
_KEY = 64  # bytes by which one is looked up: no header is as short


class Openings:
    """Knows beginnings of files that hold both the header and the licence's address. A file that
    begins like one of them holds both too, whatever follows: that is told by comparing bytes."""

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def of(self, heads: Iterable[bytes]) -> list[bool]:
        """Whether each of these begins in a way that is known."""
        known = self._known
        return [
            (opening := known.get(head[:_KEY])) is not None and head.startswith(opening)
            for head in heads
        ]

    def learn(self, head: bytes) -> bool:
        """Know from now on how this file begins; whether there is something to know."""
        opening = opening_of(head)
        if not (opening and has_address(opening)):
            return False
        if len(self._known) >= KEPT:
            self._known.clear()
        self._known[head[:_KEY]] = opening
        return True
