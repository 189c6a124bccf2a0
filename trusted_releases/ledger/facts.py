"""Facts and arguments as plain JSON that every database gives back unchanged."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from trusted_releases.lib.canonical import canonical

MAX_FACTS = 64 << 10  # bytes of canonical JSON: an event says what happened, files hold the rest
MAX_DEPTH = 8
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def plain(value: Any, name: str = "fact", depth: int = 0) -> Any:
    """The value as strings, integers, booleans, None, lists and objects.

    Dates become ISO 8601 in UTC. Floating point is refused, because databases disagree on its
    digits and a digest over it would not hold. What PostgreSQL cannot store in text (NUL, lone
    surrogates) is replaced by U+FFFD. Raises TypeError that names the fact.
    """
    if depth > MAX_DEPTH:
        raise TypeError(f"{name} is nested deeper than {MAX_DEPTH} levels.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (date, UUID)):
        return _written(value)
    if isinstance(value, Mapping):
        return {
            clean(str(key)): plain(item, f"{name}.{key}", depth + 1) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain(item, name, depth + 1) for item in value]
    raise TypeError(f"{name} is a {type(value).__name__}; use text, whole numbers, lists, objects.")


def facts_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Plain facts, at most 64 KiB of them. Raises TypeError or ValueError with a sentence."""
    facts: dict[str, Any] = {name: plain(value, name) for name, value in given.items()}
    if (size := len(canonical(facts))) > MAX_FACTS:
        raise ValueError(f"The facts are {size} bytes; an event holds at most {MAX_FACTS}.")
    return facts


def clean(text: str, limit: int | None = None) -> str:
    """Text that any database stores: no NUL, no lone surrogate, cut at `limit` characters."""
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    text = str.replace(text, "\0", _REPLACEMENT)
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _written(value: date | UUID) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
