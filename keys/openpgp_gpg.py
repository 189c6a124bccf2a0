"""gpg in a throw-away home: python-gnupg's machinery, made safe for hostile input.

python-gnupg 0.5.7 is the driver. Four things it does are replaced here, and only those:

- it knows no limits: every gpg process gets a time, memory and output limit;
- it decodes status lines and then splits them at every character Unicode calls a line end, so a
  user id with U+0085 in it could write status lines of its own: we split bytes at the line feed;
- its results keep the last signature only: ours keeps every status line in order;
- its key listing is decoded strictly and split in the same way: `listing()` returns bytes.
"""

import logging
import os
import resource
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from subprocess import Popen
from typing import Any, BinaryIO

import gnupg

from trusted_releases.lib import held
from trusted_releases.lib.held import HeldFolder

MEMORY = 1 << 30  # bytes of address space for one gpg; verifying needs about 20 MiB of memory
OUTPUT = 64 << 20  # bytes it may print: a listing is a few times larger than the keys it lists
FILE_SIZE = 64 << 20  # bytes of one file it may write: its keyring, 10 MiB of keys at most
PREFIX = "gpg-"
LONGEST_ROOT = 60  # characters: the path of an agent's socket in a home must stay below 108
OPTIONS = (
    "--no-options",
    "--no-autostart",  # no agent: public keys need none
    "--disable-dirmngr",  # no network
    "--no-auto-key-retrieve",
    "--no-auto-key-locate",
    "--no-auto-check-trustdb",
    "--trust-model=always",  # who is trusted is the platform's question, not a web of trust
    "--lock-never",  # one writer, in a directory of its own
    "--ignore-time-conflict",  # dates are judged by us, against the clock we are given
    "--display-charset=utf-8",
)

# It warns of each exit code that is not 0, which is how gpg says "bad signature"; and at DEBUG it
# would write the beginning of every key into the log.
gnupg.logger.setLevel(logging.ERROR)


class GpgFailed(Exception):
    """gpg could not do its work: too slow, too hungry, or broken. It says nothing of the input."""


class Lines(gnupg.StatusHandler):
    """What gpg said: its status lines in order, standard output, standard error, exit code."""

    def __init__(self, gpg: "Gpg") -> None:
        super().__init__(gpg)
        self.status: list[tuple[str, str]] = []
        self.data = b""
        self.stderr = ""

    def handle_status(self, key: str, value: str) -> None:
        self.status.append((key, value))

    def values(self, key: str) -> list[list[str]]:
        """The arguments of each status line called `key`."""
        return [value.split() for name, value in self.status if name == key]


class Gpg(gnupg.GPG):
    """python-gnupg with limits, which reads status lines as what they are: bytes.

    `timeout` is in seconds, for each gpg process. Raises GpgFailed when it is over.
    """

    result_map = {**gnupg.GPG.result_map, "verify": Lines, "import": Lines}

    def __init__(self, home: Path, *, timeout: float, options: Sequence[str] = OPTIONS) -> None:
        self.timeout = timeout
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        super().__init__(
            gnupghome=str(home),
            options=list(options),
            env={**environment, "HOME": str(home), "GNUPGHOME": str(home)},
        )

    def make_args(self, args: list[str], passphrase: bool) -> list[str]:
        """The command; where the system can, gpg dies with the process that asked, however that
        ends. A gpg that hashes a large file would else go on for nobody."""
        return [*_with_us(), *super().make_args(args, passphrase)]

    def run(self, *arguments: str) -> Lines:
        """A gpg command for which python-gnupg has no method that returns bytes."""
        result = Lines(self)
        process = self._open_subprocess(list(arguments))
        self._collect_output(process, result, stdin=process.stdin)
        return result

    def listing(self, *fingerprints: str) -> bytes:
        """The certificates in the home, in gpg's colon format, with their checked signatures."""
        return self.run("--with-fingerprint", "--check-sigs", *fingerprints).data

    def _open_subprocess(self, args: list[str], passphrase: bool = False) -> Popen[bytes]:
        process: Popen[bytes] = super()._open_subprocess(args, passphrase)
        _limit(process.pid, self.timeout)
        return process

    def _collect_output(
        self, process: Popen[bytes], result: Any, writer: Any = None, stdin: Any = None
    ) -> int:
        overdue = threading.Event()

        def stop() -> None:
            overdue.set()
            process.kill()

        watch = threading.Timer(self.timeout, stop)
        watch.start()
        try:
            code: int = super()._collect_output(process, result, writer, stdin)
        finally:
            watch.cancel()
        if overdue.is_set() or code == -signal.SIGXCPU:
            raise GpgFailed(f"gpg did not finish within {self.timeout:g} seconds.")
        if getattr(result, "overrun", False):
            raise GpgFailed("gpg printed more than any honest input makes it print.")
        if code < 0 or "out of memory" in str(result.stderr):
            raise GpgFailed("gpg stopped before it was done: the input needs too much memory.")
        return code

    def _read_response(self, stream: Any, result: Any) -> None:
        """Status lines, split at the line feed only, and the rest of standard error."""
        kept: list[str] = []
        for chunk in _bounded(stream.stream, result):  # the bytes below python-gnupg's decoder
            text = chunk.decode("utf-8", "backslashreplace")
            begins = not kept or kept[-1].endswith("\n")
            kept.append(text)
            if begins and text.startswith("[GNUPG:] "):
                key, _, value = text[9:].rstrip("\n").partition(" ")
                result.handle_status(key, value)
        result.stderr = "".join(kept)

    def _read_data(
        self, stream: Any, result: Any, on_data: Any = None, buffer_size: int = 1 << 16
    ) -> None:
        result.data = b"".join(_bounded(stream, result))


def _bounded(stream: BinaryIO, result: Any) -> Iterator[bytes]:
    """Lines, or pieces of very long ones, until OUTPUT bytes; then they are read and dropped."""
    size = 0
    while line := stream.readline(1 << 16):
        size += len(line)
        if size <= OUTPUT:
            yield line
        else:
            result.overrun = True


class Home(HeldFolder):
    """A directory for gpg that nobody else can read, short enough for sockets, gone at the end."""

    def __init__(self) -> None:
        super().__init__(PREFIX, _root())


def clear_abandoned() -> int:
    """Remove our homes whose process was killed; say how many there were."""
    return held.clear_abandoned(PREFIX, _root())


def _root() -> str:
    root = tempfile.gettempdir()
    return root if len(root) <= LONGEST_ROOT else "/tmp"  # noqa: S108 - mkdtemp, 0700


@cache
def _with_us() -> tuple[str, ...]:
    """A prefix of commands that ends them with this process; none where there is no such thing."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL") if setpriv else ()


def _limit(pid: int, timeout: float) -> None:
    """Limit a process that has just started, before it can have read anything of size.

    From outside, for a function run between fork and exec is unsafe in a program with threads;
    where the system has no prlimit (macOS), the timeout is what holds. Core dumps gpg turns off
    itself, and dies if their limit is lowered between its look at it and its own change.
    """
    if not hasattr(resource, "prlimit"):
        return
    wanted = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: int(timeout) + 1,
        resource.RLIMIT_FSIZE: FILE_SIZE,
    }
    with suppress(ProcessLookupError):  # it has done its work already
        for what, limit in wanted.items():
            hard = resource.prlimit(pid, what)[1]
            bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.prlimit(pid, what, (bound, bound))
