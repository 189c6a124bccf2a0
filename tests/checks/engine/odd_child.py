"""A child whose rules misbehave: what hostile files could make of good rules.

Run as a module it is a child of `run_in_child` with these rules instead of ours.
"""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from checks.engine import __main__ as main
from checks.engine import plan
from checks.engine.archive import Member, Sink
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.rule import ArchiveRule, Examination, FileRule


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


def _once(file: File) -> str:
    """Dies the first time only, as of an operator who stopped the wrong process."""
    before = file.location.with_suffix(".before")
    if not before.exists():
        before.touch()
        _kill(file)
    return ""


def _crash(file: File) -> str:
    ctypes.string_at(0)
    return ""


def _connect(file: File) -> str:
    """Tries to reach what the file names: a port of this host, or the path of a socket."""
    where = file.location.read_text()
    try:
        if where.isdecimal():
            socket.create_connection(("127.0.0.1", int(where)), timeout=5)
        else:
            with socket.socket(socket.AF_UNIX) as local:
                local.connect(where)
    except OSError as error:
        return type(error).__name__
    return "connected"


def _fork(file: File) -> str:
    """Leaves a process behind that tries to get away."""
    read, write = os.pipe()
    if not (pid := os.fork()):
        try:
            os.setsid()
        except OSError:
            os.write(write, b"stayed")
        else:
            os.write(write, b"away")
        time.sleep(600)
    file.location.with_suffix(".pids").write_text(f"{os.getpid()} {pid}")
    return os.read(read, 10).decode()


def _open(file: File) -> str:
    kept = []
    try:
        while True:
            kept.append(file.location.open("rb"))
    except OSError as error:
        return f"{len(kept)} {error.strerror}"


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
    "once": _once,
    "crash": _crash,
    "connect": _connect,
    "fork": _fork,
    "open": _open,
    "raise": _raise,
    "flood": _flood,
    "leave": _leave,
    "tell": _tell,
}


class Calm(FileRule):
    """Stands beside `odd`, and has nothing to do with what that does."""

    slug = "calm"
    version = 1
    title = policy = cost = "For tests."

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return file.path.partition("-")[0].endswith("both")

    def run(self, file: File, candidate: Candidate) -> Iterator[Finding]:
        yield self.finding(Level.CONCERN, file.path, "All is calm.")


class OddInside(ArchiveRule):
    """Does to an archive what members of it are named after."""

    slug = "odd.inside"
    version = 1
    title = policy = cost = "For tests."

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return True

    def start(self, file: File, candidate: Candidate) -> Examination:
        return _Inside(self, file)


class CalmInside(OddInside):
    slug = "calm.inside"


class _Inside(Examination):
    def __init__(self, rule: OddInside, file: File) -> None:
        self._rule = rule
        self._file = file
        self._seen = 0

    def member(self, member: Member) -> Sink | None:
        self._seen += 1
        self._act(member.name.rstrip("/").rpartition("/")[2])
        return _InsideSink(self._act, member.name.rstrip("/").rpartition("/")[2])

    def finish(self) -> None:
        self._act("finish")

    def findings(self) -> list[Finding]:
        self._act("findings")
        said = f"{self._seen} members, {self.report.digest.size} bytes."
        return [self._rule.finding(Level.NOTE, self._file.path, said)]

    def _act(self, when: str) -> None:
        wanted, _, act = self._file.path.partition(".")[0].rpartition("-")
        if self._rule.slug == "odd.inside" and wanted == when and act in ACTS:
            ACTS[act](self._file)


class _InsideSink:
    def __init__(self, act: Callable[[str], None], name: str) -> None:
        self._act = act
        self._name = name

    def feed(self, block: bytes) -> None:
        self._act(f"feed-{self._name}")

    def close(self) -> None:
        self._act(f"close-{self._name}")


RULES = (Odd(), Calm(), OddInside(), CalmInside())

if __name__ == "__main__":
    plan.ALL = RULES
    sys.exit(main.main(sys.argv))
