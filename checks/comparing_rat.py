"""Runs Apache RAT itself on an archive, and says where it and we disagree.

Nothing of the platform needs RAT or Java: this is for those who want to see for themselves that
`license.rat` says the same. An archive is unpacked by our own reader, after that has found
nothing dangerous in it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from checks.engine.archive import Kind, Member, Sink, is_archive, walk
from checks.engine.headers import GENERATED_SUFFIXES
from checks.engine.model import Level, Limits
from checks.engine.rat import excludes, verdicts
from trusted_releases.lib.errors import BadInput

SECONDS = 300  # for one archive; RAT takes six to thirty
MAX_REPORT = 256 << 20  # bytes; a hundred thousand files take forty million
REPORT = ".rat-report.xml"
ALWAYS = ("MISC", "HIDDEN_DIR", "MAC")
EXTENDED = ("MAVEN", "ECLIPSE", "IDEA", "GIT", "STANDARD_SCMS")  # unless exclusions are shipped


class Failed(Exception):
    """Why an archive could not be compared: a sentence."""


class Comparison(NamedTuple):
    """One archive: how many files it has, and what RAT and we say of those where we differ."""

    files: int
    differences: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Rat:
    """The program: a Java, and RAT's own jar. Raises BadInput where one of them is missing."""

    java: str
    jar: str

    def __post_init__(self) -> None:
        if not self.jar:
            raise BadInput(
                "No RAT is configured. Download apache-rat from "
                "https://creadur.apache.org/rat/download_rat.cgi and name its jar: set RAT_JAR, "
                "or give --jar."
            )
        if not Path(self.jar).is_file():
            raise BadInput(f"There is no jar at {self.jar}. Correct RAT_JAR, or --jar.")
        if shutil.which(self.java) is None:
            raise BadInput(
                f"There is no Java: {self.java} cannot be run. Install a Java runtime, or say "
                "where it is: set JAVA, or give --java."
            )

    def command(self, report: Path, *, shipped: bool) -> list[str]:
        """How RAT is run, as the reference platform runs it, in the folder that is scanned."""
        kinds = ALWAYS if shipped else (*ALWAYS, *EXTENDED)
        own = ["--input-exclude", excludes.NAME, "--input-exclude-file", excludes.NAME]
        return [
            *(self.java, "-Xmx512m", "-jar", str(Path(self.jar).absolute())),
            *("--output-style", "xml", "--output-file", str(report)),
            *("--counter-max", "UNAPPROVED:-1"),
            *("--counter-min", "LICENSE_CATEGORIES:0", "LICENSE_NAMES:0", "STANDARDS:0"),
            *("--input-exclude-std", *kinds),
            *(word for end in GENERATED_SUFFIXES for word in ("--input-exclude", f"**/*{end}")),
            *(own if shipped else ()),
            *("--", "."),
        ]

    def run(self, folder: Path, report: Path, *, shipped: bool) -> bytes:
        """RAT's report on a folder."""
        try:
            done = subprocess.run(  # noqa: S603 - the operator names the program
                self.command(report, shipped=shipped),
                cwd=folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"RAT took more than {SECONDS} seconds.") from error
        if done.returncode or not report.is_file():
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise Failed(f"RAT failed (exit code {done.returncode}). {' '.join(said[-3:])[:500]}")
        if report.stat().st_size > MAX_REPORT:
            raise Failed(f"RAT's report is larger than {MAX_REPORT >> 20} MiB.")
        return report.read_bytes()


def shown(command: list[str]) -> str:
    """A command as people read it: programs and files without the folders they lie in."""
    return " ".join(Path(word).name if word.startswith("/") else word for word in command)


def archives(folder: Path) -> Iterator[Path]:
    """Every archive in a folder and below."""
    return (path for path in sorted(folder.rglob("*")) if is_archive(path.name) and path.is_file())


def compare(archive: Path, rat: Rat) -> Comparison:
    """Have an archive judged by RAT and by us. Raises Failed where that cannot be."""
    with tempfile.TemporaryDirectory(prefix="compare-rat-") as place:
        top = Path(place) / "files"
        shipped = unpack(archive, top)
        if len(shipped) > 1:
            raise Failed(f"It holds {len(shipped)} files named {excludes.NAME}; one is allowed.")
        base = verdicts.scan_root(dict.fromkeys(shipped, ""))
        report = rat.run(top / base, Path(place) / REPORT, shipped=bool(shipped))
    try:
        expected = verdicts.theirs(report)
    except verdicts.NotAReport as error:
        raise Failed(f"RAT's report cannot be read: {error}.") from error
    found = {
        path: verdict for path, verdict in verdicts.ours(archive).items() if path.startswith(base)
    }
    return Comparison(len(found), verdicts.differences(expected, found, base))


def unpack(archive: Path, folder: Path) -> list[str]:
    """Write the files of an archive below a folder; the paths of the exclude files among them.

    Links are left out: what they lead to is judged under its own name.
    """
    report = walk(archive, archive.name, Limits())
    worst = next((each for each in report.problems if each.level is Level.BLOCKER), None)
    if worst or not report.complete:
        why = worst.message if worst else "It cannot be read to its end."
        raise Failed(f"It is not unpacked, for it is not safe or not whole. {why}")
    folder.mkdir()
    writing = _Writing(folder)
    walk(archive, archive.name, Limits(), [writing])
    return writing.excludes


class _Writing:
    """A visitor that writes what it is shown. It is shown nothing but what has been judged."""

    def __init__(self, folder: Path) -> None:
        self.excludes: list[str] = []
        self._folder = folder

    def member(self, member: Member) -> Sink | None:
        path = self._folder / member.name
        if member.kind is not Kind.FILE:
            return None
        if path.name == excludes.NAME:
            self.excludes.append(member.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return _File(path.open("wb"))

    def finish(self) -> None:
        """Nothing to do."""


class _File:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def feed(self, block: bytes) -> None:
        self._stream.write(block)

    def close(self) -> None:
        self._stream.close()
