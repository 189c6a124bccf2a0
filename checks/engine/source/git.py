"""Runs git so that it does what we say, and nothing that a repository or a machine says.

No configuration but ours, no hooks, no helpers, no questions, no proxies, no redirects, no
transport that was not named. Limits on memory, time and files are those of the process we are in:
see `checks.engine.source.child`.
"""

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

SAID = 4_000  # bytes at the end of what git writes about errors
LONGEST_ANSWER = 1 << 20  # bytes of an answer that is held in memory
SLOW = (1_000, 30)  # bytes a second below which a transfer ends, after so many seconds

SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.fsmonitor": "false",
    "core.packedGitWindowSize": "32m",
    "core.packedGitLimit": "256m",
    "core.bigFileThreshold": "16m",
    "credential.helper": "",
    "filter.lfs.smudge": "",
    "filter.lfs.process": "",
    "filter.lfs.required": "false",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": str(SLOW[0]),
    "http.lowSpeedTime": str(SLOW[1]),
    "http.proxy": "",
    "maintenance.auto": "false",
    "pack.threads": "1",
    "protocol.version": "2",
    "submodule.recurse": "false",
    "tar.umask": "0022",
    "transfer.unpackLimit": "1",  # one file, whose size has a limit
}


class Problem(Exception):
    """The source cannot be had. `str()` is a sentence that says what to do; `again` whether
    trying again without doing anything may help."""

    def __init__(self, sentence: str, *, again: bool = False) -> None:
        super().__init__(sentence)
        self.again = again


class GitFailed(Exception):
    """Git came to an end with an error. `said` is the end of what it wrote about it."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Git:
    """Git in one repository. `schemes` are the transports it may use: none, if not named."""

    def __init__(
        self, repository: Path, home: Path, *, schemes: Collection[str] = (), pins: str = ""
    ) -> None:
        program = shutil.which("git")
        if program is None:
            raise Problem("The program git is not installed where checks run. Operators can.")
        settings = SETTINGS | ({"http.curloptResolve": pins} if pins else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._start = [program, "-C", str(repository), *options]
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": ":".join(schemes),
        }

    def __call__(self, *arguments: str) -> str:
        """Run to the end; what it answers, of which the first MiB counts. Raises GitFailed."""
        with self.reading(*arguments) as answer:
            return answer.read(LONGEST_ANSWER).decode("utf-8", "backslashreplace").strip()

    @contextmanager
    def reading(self, *arguments: str, given: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
        """The answer as a stream; `given` is what git reads. Raises GitFailed at the end of the
        block, unless the block leaves the stream in the midst by an exception of its own."""
        with TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603 - no shell, and our own list of arguments
                [*self._start, *arguments],
                stdin=given or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self._environment,
            )
            try:
                if process.stdout is None:
                    raise RuntimeError("git was started without a pipe")
                with process.stdout as answer:
                    yield answer
                if process.wait() != 0:
                    raise GitFailed(_end_of(errors) or f"git ended with code {process.returncode}")
            finally:
                process.kill()
                process.wait()


def _end_of(errors: IO[bytes]) -> str:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - SAID))
    return errors.read().decode("utf-8", "backslashreplace").strip()
