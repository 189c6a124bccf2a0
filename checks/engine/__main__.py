"""The child's side: `python -m checks.engine`, one job on standard input, JSON lines out.

Lines are `{"ready": …}` once, `{"progress": {unit, done, total}}` at most five a second, and
`{"result": …}` for each unit as it is ready. Limits are set, and the network is closed, before a
byte of a release is read.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from checks.engine.child import candidate_of
from checks.engine.confine import allow_cpu, close_network, die_with_parent, limit
from checks.engine.culprit import mark
from checks.engine.plan import Unit, plan, readings, rules_of
from checks.engine.run import run
from checks.engine.saying import say, throttled


def main(argv: list[str]) -> int:
    """Run the job on standard input. 0 when all units have a result, 2 for an unusable job."""
    if len(argv) > 1:
        die_with_parent(int(argv[1]))
    job = json.loads(sys.stdin.buffer.read())
    candidate = candidate_of(job)
    limit(job["limits"]["memory_bytes"])
    network = close_network()
    units = _wanted(plan(candidate), job.get("units"))
    if job.get("marker"):
        units = [replace(unit, rules=tuple(job["rules"])) for unit in units]
        mark(rules_of(units[0]), Path(job["marker"]))
    say({"ready": {"units": len(units), "network": network}})
    progress = throttled()
    for reading in readings(units):
        allow_cpu(job["limits"]["cpu_seconds"])
        for result in run(candidate, reading, progress):
            say({"result": result.as_json()})
    return 0


def _wanted(units: tuple[Unit, ...], keys: list[str] | None) -> list[Unit]:
    """The units asked for, in the order asked for; all where none are named."""
    if keys is None:
        return list(units)
    by_key = {unit.key: unit for unit in units}
    return [by_key[key] for key in keys]


if __name__ == "__main__":
    sys.exit(main(sys.argv))
