"""The child's side: `python -m checks.engine.source`, one job on standard input, one answer out."""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from checks.engine.confine import NICENESS, die_with_parent
from checks.engine.source.fetch import Wanted, fetch
from checks.engine.source.git import Problem


def main(argv: list[str]) -> int:
    """Fetch, write the inventory, say of which commit it is; or say why there is none."""
    die_with_parent(int(argv[1]))
    job = json.loads(sys.stdin.buffer.read())
    wanted = Wanted.from_json(job["wanted"])
    limit(job, wanted.max_bytes)
    sys.stdout.write(json.dumps(_answer(job, wanted)))
    return 0


def _answer(job: dict[str, Any], wanted: Wanted) -> dict[str, object]:
    try:
        inventory = fetch(wanted, Path(job["folder"]))
        inventory.write(Path(job["target"]))
    except Problem as error:
        return {"problem": str(error), "again": error.again}
    except OSError as error:
        told = f"The commit cannot be read here: {error.strerror}. Operators can free some space."
        return {"problem": told, "again": True}
    except MemoryError:
        return {"problem": "The commit takes more memory than a fetch may have.", "again": False}
    return {"commit": inventory.commit}


def limit(job: dict[str, Any], written: int) -> None:
    """Bound what this process and every git below it may take. A file that grows beyond
    `written` bytes ends whoever writes it."""
    for name, bound in (
        (resource.RLIMIT_AS, job["memory_bytes"]),
        (resource.RLIMIT_CPU, job["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(name, (bound, bound))
    os.nice(NICENESS)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
