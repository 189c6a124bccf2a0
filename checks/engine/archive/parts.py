"""A sink that keeps what it is fed: for content whose size has been judged before."""


class Parts:
    """Keeps all blocks."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, block: bytes) -> None:
        self._parts.append(block)

    def close(self) -> None:
        """Nothing to do."""

    def content(self) -> bytes:
        return b"".join(self._parts)
