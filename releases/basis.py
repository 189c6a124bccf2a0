"""What checks judge by beside files, keys and policy: told by the app that does the checking.

Releases know nothing of checks, but a verdict that was made by other rules than today's must not
let a vote begin. So whoever judges registers here, once at start, what its judgement depends on.
"""

from collections.abc import Callable
from typing import Any

_PARTS: dict[str, Callable[[], Any]] = {}


def judged_by(name: str, part: Callable[[], Any]) -> None:
    """From now on the value of `part()`, a JSON value, is a part of each release's basis."""
    _PARTS[name] = part


def parts() -> dict[str, Any]:
    """All that was registered, as it is now."""
    return {name: part() for name, part in sorted(_PARTS.items())}
