"""Files that are no archives, and whose names promise a format: they begin as that format does."""

import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.rule import Difference, FileRule

WINDOW = 1024  # bytes in which a PDF may begin; all others begin with their mark


class Format(NamedTuple):
    """What a suffix promises: in words, and by the bytes it begins with."""

    what: str
    mark: bytes
    within: int = 0  # how far into the file the mark may stand


FORMATS = {
    ".deb": Format("a Debian package", b"!<arch>\ndebian-binary"),
    ".exe": Format("a program for Windows", b"MZ"),
    ".pack.gz": Format("a gzip file", b"\x1f\x8b\x08"),
    ".pdf": Format("a PDF", b"%PDF-", WINDOW),
    ".rpm": Format("an RPM package", b"\xed\xab\xee\xdb"),
}


class FileContent(FileRule):
    slug = "file.content"
    version = 1
    title = "A file is of the format that its name promises"
    policy = (
        "What is published must be what it says it is: installers run with the rights of whoever "
        "installs them. Archives are looked at by `archive.integrity`. "
        "(https://www.apache.org/legal/release-policy.html#compiled-packages)"
    )
    cost = "The first kilobyte of each package for Debian or RPM, program for Windows, and PDF."
    levels = (Level.NOTE, Level.BLOCKER)
    differences = (
        Difference(
            "A file of another format than its name says, or an empty one, refuses the whole "
            "upload.",
            "It is a blocker on that file.",
            "All else can be looked at and mended at the same time.",
        ),
        Difference(
            "The format is guessed among all that a library knows, and for .exe any unknown one "
            "passes.",
            "It is looked for at the place where the format puts its mark.",
            "Guesses by a few bytes are wrong in both directions.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return _format(file.path) is not None

    def run(self, file: File, candidate: Candidate) -> Iterator[Finding]:
        format_ = _format(file.path)
        if format_ is None:
            return
        with file.location.open("rb") as stream:
            head = stream.read(WINDOW)
        see = f"file {shlex.quote(PurePosixPath(file.path).name)}"
        if not head:
            message = "The file is empty. Delete it, or upload it anew."
            yield self.finding(Level.BLOCKER, file.path, message, see=see)
        elif head.find(format_.mark, 0, format_.within + len(format_.mark)) < 0:
            message = (
                f"The content is not {format_.what}, as the name says. Rename the file or make it "
                "anew."
            )
            yield self.finding(Level.BLOCKER, file.path, message, see=see)
        else:
            message = f"It begins as {format_.what} does."
            yield self.finding(Level.NOTE, file.path, message)


def _format(path: str) -> Format | None:
    """What the name promises; upper and lower case are the same."""
    lowered = path.lower()
    return next((format_ for suffix, format_ in FORMATS.items() if lowered.endswith(suffix)), None)
