"""The child's side: `python -m checks.engine.inside`, one job on standard input, JSON lines out.

Lines are as those of `checks.engine.__main__`. Results are pieces of the differences, then one that
says how many there are of each kind, or why there are none to tell.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks.engine.confine import allow_cpu, close_network, die_with_parent, limit
from checks.engine.inside.members import Problem, differences, listed
from checks.engine.model import Limits
from checks.engine.saying import say, throttled

PIECE = 500  # differences in one line


def main(argv: list[str]) -> int:
    """Do the job on standard input. Nothing of an archive is read before the limits are set."""
    die_with_parent(int(argv[1]))
    job = json.loads(sys.stdin.buffer.read())
    limit(job["limits"]["memory_bytes"])
    say({"ready": {"network": close_network()}})
    allow_cpu(job["limits"]["cpu_seconds"])
    try:
        _compare(job)
    except Problem as error:
        say({"result": {"problem": str(error)}})
    except MemoryError:
        say({"result": {"problem": "The two hold more members than there is memory for."}})
    return 0


def _compare(job: dict[str, Any]) -> None:
    sides = [Path(job["old"]), Path(job["new"])]
    sizes = [each.stat().st_size for each in sides]
    tell = throttled()
    listings = []
    for place, (location, name) in enumerate(zip(sides, job["names"], strict=True)):
        progress = _progress(tell, sum(sizes[:place]), sum(sizes))
        listings.append(listed(location, name, Limits(**job["policy"]), progress))
    counts: Counter[str] = Counter()
    piece: list[dict[str, Any]] = []
    for line in differences(*listings):
        counts[line.change] += 1
        if counts.total() <= job["most"]:
            piece.append(line.as_json())
        if len(piece) == PIECE:
            say({"result": {"lines": piece}})
            piece = []
    say({"result": {"lines": piece}})
    roots = [each.root for each in listings]
    say({"result": {"counts": dict(counts), "roots": roots}})


def _progress(
    tell: Callable[[str, int, int], None], before: int, total: int
) -> Callable[[int], None]:
    return lambda done: tell("", before + done, total)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
