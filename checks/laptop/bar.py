"""How far it is, by bytes, on the last line of a terminal."""

import shutil
import time
from typing import TextIO

WIDTH = 24  # of the bar itself, in characters
EVERY = 0.1  # seconds between two drawings
CLEAR = "\r\x1b[K"  # to the beginning of the line, and delete to its end


class Bar:
    """Draws one line again and again; nothing at all where the stream is no terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._last = float("-inf")
        self._drawn = False

    def show(self, what: str, done: int, total: int) -> None:
        """Say that of `what`, `done` of `total` bytes have been read."""
        now = time.monotonic()
        if not self._shown or now - self._last < EVERY:
            return
        self._last, self._drawn = now, True
        part = min(done / total, 1.0) if total else 1.0
        full = round(part * WIDTH)
        line = f"[{'#' * full}{'.' * (WIDTH - full)}] {part:4.0%} of {megabytes(total)}  {what}"
        room = shutil.get_terminal_size().columns - 1
        self._stream.write(CLEAR + line[:room])
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away, so that what follows begins where it stood."""
        if self._drawn:
            self._stream.write(CLEAR)
            self._stream.flush()
            self._drawn = False


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
