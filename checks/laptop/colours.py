"""Colours for a terminal that wants them (https://no-color.org)."""

import os
from typing import TextIO

from checks.engine.text import Paint

CHOICES = ("auto", "always", "never")
_CODES = {
    "error": "1;31",
    "blocker": "1;31",
    "concern": "33",
    "suggestion": "36",
    "note": "32",
    "path": "1",
}


def paint_for(stream: TextIO, wanted: str = "auto") -> Paint | None:
    """How to paint what goes to this stream; None for plainly."""
    return _paint if wanted == "always" or (wanted == "auto" and _is_wanted(stream)) else None


def _is_wanted(stream: TextIO) -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def _paint(level: str, text: str) -> str:
    code = _CODES.get(level)
    return f"\x1b[{code}m{text}\x1b[0m" if code else text
