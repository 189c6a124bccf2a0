"""Patterns for paths as .gitignore writes them, for what a policy calls source or binary.

What is supported is the whole of gitignore(5) for files: `*`, `?`, `[...]`, `**`, a leading or
inner slash that ties the pattern to the top, a slash at the end for folders, `!` for taking back,
`\\` before a character that is meant as itself. The last pattern that matches decides.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

MAX_PATTERN = 512  # characters; no path is longer in practice, and matching stays quick


def matches(patterns: Iterable[str], path: str) -> bool:
    """Whether the patterns, taken together, name this file; naming a folder names what is in it."""
    named = False
    for pattern in patterns:
        negated, regex = _compiled(pattern)
        if regex is not None and any(regex.match(each) for each in _with_parents(path)):
            named = not negated
    return named


def _with_parents(path: str) -> list[str]:
    """The path, and each folder above it with a slash at its end."""
    parts = path.split("/")
    return [path, *("/".join(parts[:count]) + "/" for count in range(1, len(parts)))]


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> tuple[bool, re.Pattern[str] | None]:
    text = pattern.strip()[:MAX_PATTERN]
    negated = text.startswith("!")
    text = text[1:] if negated else text
    if not text.strip("/") or text.startswith("#"):
        return negated, None
    folder = text.endswith("/")
    body = text.strip("/") if folder else text.lstrip("/")
    anchored = "/" in text.rstrip("/")
    regex = "" if anchored else "(?:[^/]+/)*"
    regex += _translate(re.sub(r"\*{3,}", "**", body))
    try:
        return negated, re.compile(regex + ("/" if folder else "/?") + r"\Z")
    except re.error:
        return negated, None


_PIECE = re.compile(r"\*\*/|/\*\*\Z|\*+|\?|\[!?\]?[^\]/]*\]|\\.|.", re.DOTALL)


def _translate(text: str) -> str:
    return "".join(_piece(match[0]) for match in _PIECE.finditer(text))


def _piece(piece: str) -> str:
    fixed = {"**/": "(?:[^/]+/)*", "/**": "/.+", "?": "[^/]"}
    if piece in fixed:
        return fixed[piece]
    if piece.startswith("*"):
        return "[^/]*"
    if piece.startswith("[") and len(piece) > 2:
        return _character_class(piece)
    return re.escape(piece[-1] if piece.startswith("\\") else piece)


def _character_class(piece: str) -> str:
    inside = piece[1:-1].replace("\\", "\\\\").replace("[", "\\[")
    if inside.startswith("!"):
        inside = "^" + inside[1:]
    return f"(?!/)[{inside}]"
