"""The child's side: `python -m checks.sbom.generate`, one job on standard input, JSON lines out.

Lines are as those of `checks.engine.__main__`; the one result says what is in the document, which
lies where the job wants it, or why there is none.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks.engine.confine import allow_cpu, close_network, die_with_parent, limit
from checks.engine.model import Limits
from checks.engine.saying import say, throttled
from checks.sbom.generate.about import About, Problem
from checks.sbom.generate.work import generate


def main(argv: list[str]) -> int:
    """Do the job on standard input. Nothing of the archive is read before the limits are set."""
    die_with_parent(int(argv[1]))
    job = json.loads(sys.stdin.buffer.read())
    limit(job["limits"]["memory_bytes"])
    say({"ready": {"network": close_network()}})
    allow_cpu(job["limits"]["cpu_seconds"])
    say({"result": _answer(job)})
    return 0


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    location, about = Path(job["location"]), About(**job["about"])
    try:
        made, outcome = generate(
            location, about, Limits(**job["policy"]), _progress(location.stat().st_size)
        )
    except Problem as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": "What the archive holds takes more memory than there is for it."}
    Path(job["target"]).write_bytes(made)
    return {"outcome": outcome.as_json()}


def _progress(total: int) -> Callable[[int], None]:
    tell = throttled()
    return lambda done: tell("", done, total)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
