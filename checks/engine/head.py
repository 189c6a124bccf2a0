"""A sink for the beginning of a member: what most rules about content want, and no more."""

from collections.abc import Callable


class Head:
    """Keeps the first bytes of one member, and hands them over when the member ends.

    What comes after the limit costs a comparison a block. `then` is called once, also for a member
    of which reading stopped early: whether that happened is in the report of the archive.
    """

    __slots__ = ("_blocks", "_room", "_then")

    def __init__(self, limit: int, then: Callable[[bytes], None]) -> None:
        self._blocks: list[bytes] = []
        self._room = limit
        self._then = then

    def feed(self, block: bytes) -> None:
        if self._room > 0:
            self._blocks.append(block if len(block) <= self._room else block[: self._room])
            self._room -= len(block)

    def close(self) -> None:
        blocks = self._blocks
        self._then(blocks[0] if len(blocks) == 1 else b"".join(blocks))
