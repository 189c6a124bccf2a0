"""Shares a time among the targets, one after the other, each in a process of its own.

    python -m tests.fuzz [--seconds 600] [--only tar]

What was tried is kept in var/fuzz and tried again by the next run. The exit code is 1 when an
input was found for which something does not hold; it is named, and so is where.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.targets import TARGETS
from tests.shared import ROOT

_FIGURE = re.compile(r"stat::(\w+): +(\d+)")


class Outcome(NamedTuple):
    """What one run of a target came to."""

    executions: int
    peak: int  # MiB
    found: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="for all targets together")
    parser.add_argument("--only", choices=[*TARGETS], help="one target")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "fuzz")
    chosen = parser.parse_args()
    names = [chosen.only] if chosen.only else [*TARGETS]
    shares = sum(TARGETS[name].share for name in names)
    faults = 0
    print(f"{'target':<12}{'seconds':>9}{'executions':>13}{'peak MiB':>10}{'found':>7}", flush=True)
    for name in names:
        seconds = max(1, chosen.seconds * TARGETS[name].share // shares)
        outcome = fuzz(name, chosen.folder / name, seconds)
        faults += len(outcome.found)
        print(
            f"{name:<12}{seconds:>9}{outcome.executions:>13,}{outcome.peak:>10}"
            f"{len(outcome.found):>7}",
            flush=True,
        )
        for line in outcome.found:
            print(f"  {line}", flush=True)
    return 1 if faults else 0


def fuzz(name: str, folder: Path, seconds: int) -> Outcome:
    """Feed one target for so long. SystemExit where it could not be fed to the end."""
    command = [sys.executable, "-m", "tests.fuzz.one", name, str(folder)]
    command.append(f"-max_total_time={seconds}")
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = process.stdout.read()
    figures = dict(_FIGURE.findall(said))
    found = [line.removeprefix("FOUND ") for line in said.splitlines() if line.startswith("FOUND")]
    if "number_of_executed_units" not in figures:
        raise SystemExit(f"{said[-3000:]}\nThe target {name} ended before its time.")
    if process.returncode:
        found.append(f"{folder}/found: hung or ran out of memory, see its newest file")
    return Outcome(int(figures["number_of_executed_units"]), int(figures["peak_rss_mb"]), found)


if __name__ == "__main__":
    sys.exit(main())
