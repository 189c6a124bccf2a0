"""Files from a Subversion repository, by the program `svn` in a folder of its own.

It may read and write that folder alone, has no credentials and asks for none, follows no externals,
and reaches an https server through a gate that leads there and nowhere else.
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from releases.importing.address import Allowed, Place, Problem, place_of
from releases.importing.fetched import Fetched
from releases.importing.gate import Gate
from releases.ssh import confined

WATCH_EVERY = 0.2  # seconds
MEMORY = 1 << 30
CPU_SECONDS = 1200
LARGEST_ANSWER = 32 << 20  # bytes of what it lists
QUOTED = 300
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
OPTIONS = ("--non-interactive", "--no-auth-cache")
_REVISION = re.compile(rb'\srevision="(\d{1,10})"')
_KIND = re.compile(rb'\skind="(dir|file)"')
_SIZE = re.compile(rb"<size>(\d{1,15})</size>")

# What svn says, what that means, whether to try again.
_MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (
        r"E170001|E215004|Authentication|Authorization|forbidden",
        "The repository asks for a password: it is private, or there is none of this address. Give "
        "one that everybody may read.",
        False,
    ),
    (
        r"E160006|No such revision",
        "The repository has no such revision. Correct its number.",
        False,
    ),
    (
        r"E200009|E160013|E170000|non-existent|path not found|File not found",
        "There is nothing at this address in that revision. Correct the address or the revision.",
        False,
    ),
    (r"E160028|External at|is not a working copy", "This cannot be exported.", False),
    (
        r"E230001|certificate",
        "The server's certificate is not one that this machine trusts.",
        False,
    ),
)


def fetch(url: str, at: str, allowed: Allowed, fetched: Fetched, folder: Path) -> None:
    """All that is below the address in one revision, stored. `folder` is empty and ours to use.

    Raises Problem. `fetched.found` is the number of the revision.
    """
    program = shutil.which("svn")
    if program is None:
        raise Problem("The program svn is missing where imports run. Operators can install it.")
    place = place_of(url.rstrip("/"), allowed)
    with _gate(place, fetched) as options:
        svn = _Svn(program, folder, [*OPTIONS, *options], fetched)
        said = svn.ask("info", "--xml", f"{place.url}@{at}")
        revision, kind = _REVISION.search(said), _KIND.search(said)
        if revision is None or kind is None:
            raise Problem("Subversion does not say which revision this is. Try again.", again=True)
        number = revision[1].decode()
        there = f"{place.url}@{number}"
        _foresee(svn.ask("list", "--xml", "--recursive", there), fetched)
        target = folder / "export"
        if kind[1] == b"file":
            target.mkdir()
            target = target / place.path.rpartition("/")[2]
        svn.export(there, target)
    fetched.found = number
    _collect(folder / "export", fetched)


def _foresee(listed: bytes, fetched: Fetched) -> None:
    """Refuse what is too much before any of it has come."""
    sizes = [int(each) for each in _SIZE.findall(listed)]
    if len(sizes) > fetched.bounds.files:
        raise fetched.too_many()
    if sizes:
        fetched.require_room(max(sizes), "One of the files")
    if sum(sizes) > fetched.bounds.total_bytes:
        raise Problem(
            f"All together has {sum(sizes):,} bytes; {fetched.bounds.total_bytes:,} are imported "
            "at once. Give the address of a part of it."
        )
    fetched.expected_files, fetched.expected_bytes = len(sizes), sum(sizes)
    fetched.tell()


def _collect(target: Path, fetched: Fetched) -> None:
    """Store what has been exported; Problem for links and devices."""
    for location in sorted(target.rglob("*")):
        mode = location.lstat().st_mode
        path = location.relative_to(target).as_posix()
        if S_ISDIR(mode):
            continue
        if not S_ISREG(mode):
            raise Problem(f"{path} is a link, which no release holds. Take it out, then import.")
        if fetched.wanted(path):
            _ = fetched.left
            fetched.require_room(location.stat().st_size, path)
            fetched.keep(path, location)


@contextmanager
def _gate(place: Place, fetched: Fetched) -> Iterator[list[str]]:
    """What svn has to be told so that it goes through the gate; nothing where it speaks svn://."""
    secure = place.scheme != "svn"
    most = fetched.bounds.total_bytes * 2 + LARGEST_ANSWER
    with Gate(place, most) if secure else nullcontext() as gate:
        settings = {"http-proxy-host": "127.0.0.1", "http-proxy-port": gate.port} if gate else {}
        options = [
            f"--config-option=servers:global:{name}={value}" for name, value in settings.items()
        ]
        try:
            yield options
        except Problem as problem:
            if gate and gate.refused:
                raise Problem(
                    f"The repository leads to {gate.refused[0] or 'another address'}. Give the "
                    "address where it is now."
                ) from problem
            raise


class _Svn:
    """The program, confined to a folder."""

    def __init__(self, program: str, folder: Path, options: list[str], fetched: Fetched) -> None:
        self._program, self._folder, self._fetched = program, folder, fetched
        (folder / "config").mkdir(exist_ok=True)
        self._options = [*options, f"--config-dir={folder / 'config'}"]
        known = ssl.get_default_verify_paths().cafile or CERTIFICATES
        if Path(known).exists():  # it cannot read those of the system
            shutil.copyfile(known, folder / "authorities.pem")
            authorities = folder / "authorities.pem"
            self._options.append(
                f"--config-option=servers:global:ssl-authority-files={authorities}"
            )

    def ask(self, command: str, *arguments: str) -> bytes:
        """What it answers, which is not much."""
        answer = self._folder / "answer"
        self._run([command, *arguments], answer)
        if answer.stat().st_size > LARGEST_ANSWER:
            raise self._fetched.too_many()
        return answer.read_bytes()

    def export(self, url: str, target: Path) -> None:
        arguments = ["--quiet", "--ignore-externals", "--native-eol=LF", url, str(target)]
        self._run(["export", *arguments], self._folder / "answer", target)

    def _run(self, arguments: list[str], answer: Path, watched: Path | None = None) -> None:
        problems = self._folder / "problems"
        limits = {
            "memory": MEMORY,
            "file": max(self._fetched.bounds.file_bytes, LARGEST_ANSWER) + 1,
            "cpu": CPU_SECONDS,
        }
        with answer.open("wb") as out, problems.open("wb") as errors:
            child = subprocess.Popen(  # noqa: S603 - svn, with an address that was judged
                [
                    *(sys.executable, "-I", "-S", confined.__file__),
                    *(str(os.getpid()), json.dumps(limits), str(self._folder), self._program),
                    *(*arguments, *self._options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "HOME": str(self._folder)},
                start_new_session=True,
            )
            try:
                self._wait(child, watched)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        if child.returncode:
            raise _meaning(problems.read_bytes()[:10_000].decode("utf-8", "replace"))

    def _wait(self, child: subprocess.Popen[bytes], watched: Path | None) -> None:
        """To its end; Problem when it takes too long, or brings too much."""
        while child.poll() is None:
            time.sleep(min(WATCH_EVERY, self._fetched.left))
            if watched is not None:
                files, size = _taken(watched)
                if files > self._fetched.bounds.files * 2:
                    raise self._fetched.too_many()
                if size > self._fetched.bounds.total_bytes:
                    self._fetched.require_room(self._fetched.bounds.total_bytes + 1, "All of it")
                self._fetched.told(
                    min(files, self._fetched.expected_files),
                    self._fetched.expected_files,
                    size,
                    self._fetched.expected_bytes,
                )


def _taken(folder: Path) -> tuple[int, int]:
    """Files and bytes that lie below a folder which another process fills."""
    files = size = 0
    for above, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += (Path(above) / name).lstat().st_size
            files += 1
    return files, size


def _meaning(said: str) -> Problem:
    for pattern, sentence, again in _MEANINGS:
        if re.search(pattern, said, re.IGNORECASE):
            return Problem(sentence, again=again)
    lines = [line for line in said.splitlines() if line.strip()]
    last = lines[-1][:QUOTED] if lines else "nothing"
    return Problem(f"Subversion could not export this. It said: {last}", again=True)
