"""Reads out of a bill of materials what to ask about, in a process of its own with limits.

Run as `python -m checks.sbom.osv_child` it is that process; see `checks.engine.__main__` for what
the two say to each other.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from checks.engine.child import FOLDER, Child, ChildLimits
from checks.engine.confine import allow_cpu, close_network, die_with_parent, limit
from checks.engine.saying import say
from checks.sbom.document import Unreadable
from checks.sbom.osv import Questions, questions_of
from checks.sbom.reading import read
from trusted_releases.lib.held import HeldFolder

MODULE = "checks.sbom.osv_child"
SECONDS = 120  # wall clock
USUAL = ChildLimits(cpu_seconds=60)


def questions_in(location: Path, limits: ChildLimits = USUAL) -> Questions:
    """What to ask about the document at a place. Raises Unreadable with a sentence."""
    with HeldFolder(FOLDER) as held:
        job = {"location": str(location), "limits": asdict(limits)}
        with Child(job, str(held.path), SECONDS, None, module=MODULE) as child:
            for answer in child.answers(1):
                if "problem" in answer:
                    raise Unreadable(answer["problem"])
                return Questions.from_json(answer["questions"])
            raise Unreadable(f"It could not be read. {child.death(limits)}")


def main(argv: list[str]) -> int:
    """The child's side: one job on standard input, one answer out."""
    die_with_parent(int(argv[1]))
    job = json.loads(sys.stdin.buffer.read())
    limit(job["limits"]["memory_bytes"])
    close_network()
    say({"ready": {}})
    allow_cpu(job["limits"]["cpu_seconds"])
    say({"result": _answer(Path(job["location"]))})
    return 0


def _answer(location: Path) -> dict[str, Any]:
    try:
        bom = read(location.read_bytes())
    except Unreadable as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": "It takes more memory than there is for reading it."}
    return {"questions": questions_of(bom.components).as_json()}


if __name__ == "__main__":
    sys.exit(main(sys.argv))
