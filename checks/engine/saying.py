"""What a child process tells its parent: lines of JSON on standard output."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

PROGRESS_EVERY = 0.2  # seconds


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def throttled() -> Callable[[str, int, int], None]:
    """A progress function, of a unit, what is done and the whole, that speaks at most five times a
    second."""
    last = 0.0

    def progress(unit: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PROGRESS_EVERY:
            last = now
            say({"progress": {"unit": unit, "done": done, "total": total}})

    return progress
