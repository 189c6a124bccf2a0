"""Patterns for paths as .gitignore writes them, for what a policy calls source or binary.

What is supported is the whole of gitignore(5) for files: `*`, `?`, `[...]`, `**`, a leading or
inner slash that ties the pattern to the top, a slash at the end for folders, `!` for taking back,
`\\` before a character that is meant as itself. The last pattern that matches decides.

People write patterns, so matching must not be slow for any of them: segments are matched one by
one, with fnmatch's translation, which does not backtrack.
"""

import fnmatch
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_PATTERN = 512  # characters; no path is longer in practice


class _Pattern(NamedTuple):
    negated: bool
    folder: bool  # only folders: the path must go on below what matched
    segments: tuple[re.Pattern[str] | None, ...]  # None stands for `**`


def matches(patterns: Iterable[str], path: str) -> bool:
    """Whether the patterns, taken together, name this file; naming a folder names what is in it."""
    named = False
    parts = path.split("/")
    for text in patterns:
        pattern = _compiled(text)
        if pattern and _names(pattern, parts):
            named = not pattern.negated
    return named


def _names(pattern: _Pattern, parts: list[str]) -> bool:
    """Whether the pattern matches the path or a folder above it."""
    longest = len(parts) - 1 if pattern.folder else len(parts)
    return any(_match(pattern.segments, parts[:count]) for count in range(1, longest + 1))


def _match(segments: Sequence[re.Pattern[str] | None], parts: Sequence[str]) -> bool:
    """Whether all segments match all parts, by the positions that can be reached."""
    reached = {0}
    for index, segment in enumerate(segments):
        if segment is None:
            last = index == len(segments) - 1
            reached = set(range(min(reached) + last, len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and segment.match(parts[at])}
        if not reached:
            return False
    return len(parts) in reached


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> _Pattern | None:
    text = pattern.strip()[:MAX_PATTERN]
    negated = text.startswith("!")
    text = text[1:] if negated else text
    if not text.strip("/") or text.startswith("#"):
        return None
    parts = [part for part in text.split("/") if part]
    if "/" not in text.rstrip("/"):
        parts = ["**", *parts]
    segments = tuple(None if part == "**" else _segment(part) for part in parts)
    return _Pattern(negated, text.endswith("/"), segments)


def _segment(text: str) -> re.Pattern[str]:
    literal = re.sub(r"\\([*?[])", r"[\1]", text)
    literal = re.sub(r"\\(.)", r"\1", literal)
    return re.compile(fnmatch.translate(re.sub(r"\*{2,}", "*", literal)))
