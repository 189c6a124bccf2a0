"""The words for how bad a vulnerability is: one table for documents and for services."""

from collections.abc import Collection

UNKNOWN = "unknown"
RATED = ("critical", "high", "medium", "low", "info", "none")  # the worst first
SEVERITIES = (*RATED, UNKNOWN)
# Others' words for ours.
_SAME = {"moderate": "medium", "important": "high", "negligible": "low", "informational": "info"}


def severity_of(text: str) -> str:
    """The word of the table for what somebody calls it; `unknown` for all others."""
    word = text.strip().lower()
    word = _SAME.get(word, word)
    return word if word in RATED else UNKNOWN


def worst_of(words: Collection[str]) -> str:
    """The worst of these that the table rates; "" where it rates none."""
    return next((each for each in RATED if each in words), "")


def rank(word: str) -> int:
    """A number to sort by: the worst has the lowest."""
    return SEVERITIES.index(word) if word in SEVERITIES else len(SEVERITIES)
