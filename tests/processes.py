"""Real processes of ours beside a test: a worker, a command, and how to kill them."""

import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import psutil
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]

MARK = "TEST_CHILD"  # in the environment; SPT_NOENV keeps setproctitle from writing over it
T = TypeVar("T")


def database_url() -> str:
    """The URL of the database that the running test uses."""
    at = connection.settings_dict
    name = quote(str(at["NAME"]), safe="/")
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    host = quote(at["HOST"], safe="") + (f":{at['PORT']}" if at["PORT"] else "")
    user = quote(at["USER"]) + (f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else "")
    return f"postgresql://{user}@{host}/{name}"


def environment(**more: str) -> dict[str, str]:
    """That of this process, with the database of the running test."""
    return {**os.environ, "DATABASE_URL": database_url(), **more}


def manage(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command of manage.py to its end, on the test's database."""
    return subprocess.run(
        [*MANAGE, *arguments],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@dataclass
class Child:
    """A process of ours with all that it starts, however they regroup themselves."""

    process: subprocess.Popen[bytes]
    log: Path
    token: str

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """Wait until the output matches. AssertionError, with the output, when it ends without."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.output)):
            over = self.process.poll() is not None or time.monotonic() > end
            assert not over, f"{pattern!r} was not said:\n{self.output}"
            time.sleep(0.05)
        return found

    def family(self) -> list[psutil.Process]:
        """All living processes that inherited our mark, orphans too."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == self.token:
                    found.append(process)
        return found

    def kill(self) -> None:
        """SIGKILL to all of it: what a power cut does."""
        while family := self.family():
            for process in family:
                with suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(family, timeout=1)
        self.process.wait(10)

    def stop(self, seconds: float = 30) -> int:
        """SIGTERM to the main process only; its exit code. What lasts longer is killed."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still there {seconds} s after SIGTERM:\n{self.output}") from None
        finally:
            self.kill()


@contextmanager
def running(*command: str, **more: str) -> Iterator[Child]:
    """The command as a child process to the end of the block, then stopped for good."""
    token = uuid.uuid4().hex
    log = Path(tempfile.mkstemp(dir=os.environ["DATA_DIR"], suffix=".log")[1])
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(**more, **{MARK: token, "SPT_NOENV": "1"}),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    child = Child(process, log, token)
    try:
        yield child
    finally:
        child.kill()


def wait_for(question: Callable[[], T], seconds: float = 90, *, every: float = 0.05) -> T:
    """Ask until the answer is true, and return it; AssertionError when the time is over."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        if time.monotonic() > end:
            name = getattr(question, "__name__", "it")
            raise AssertionError(f"{name} is still {answer!r} after {seconds} s")
        time.sleep(every)
    return answer
