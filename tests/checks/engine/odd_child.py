"""A child whose rules misbehave: what hostile files could make of good rules.

Run as a module it is a child of `run_in_child` with these rules instead of ours.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from checks.engine import __main__ as main
from checks.engine import plan
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.rule import FileRule


class Odd(FileRule):
    """Does to each file what the file is named after."""

    slug = "odd"
    version = 1
    title = policy = cost = "For tests."

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return True

    def run(self, file: File, candidate: Candidate) -> Iterator[Finding]:
        act = ACTS.get(file.path.partition("-")[2])
        said = act(file) if act else ""
        yield self.finding(Level.NOTE, file.path, said or "Fine.")


def _hang(file: File) -> str:
    with subprocess.Popen(["sleep", "600"]) as grandchild:
        pids = f"{os.getpid()} {grandchild.pid}"
        file.location.with_suffix(".pids").write_text(pids)
        time.sleep(600)
    return ""


def _spin(file: File) -> str:
    while True:
        pass


def _eat(file: File) -> str:
    return str(len(bytes(4 << 30)))


def _write(file: File) -> str:
    with file.location.with_suffix(".big").open("wb") as stream:
        stream.truncate(1 << 40)
    return ""


def _kill(file: File) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def _raise(file: File) -> str:
    raise RuntimeError("boom")


def _flood(file: File) -> str:
    sys.stdout.write("x" * (4 << 20))
    sys.stdout.flush()
    time.sleep(600)
    return ""


def _leave(file: File) -> str:
    sys.stderr.write("first line\nlast words\n")
    sys.stderr.flush()
    os._exit(7)


def _tell(file: File) -> str:
    core = resource.getrlimit(resource.RLIMIT_CORE)[0]
    memory = resource.getrlimit(resource.RLIMIT_AS)[0]
    return f"{core} {memory} {os.nice(0)} {' '.join(sorted(os.environ))}"


ACTS: dict[str, Callable[[File], str]] = {
    "hang": _hang,
    "spin": _spin,
    "eat": _eat,
    "write": _write,
    "kill": _kill,
    "raise": _raise,
    "flood": _flood,
    "leave": _leave,
    "tell": _tell,
}
RULES = (Odd(),)

if __name__ == "__main__":
    plan.ALL = RULES
    sys.exit(main.main(sys.argv))
