"""What the archive reader found while reading an archive once: is it safe, and is it whole."""

import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from checks.engine.archive import Batch, Problem, Report
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.rule import ArchiveRule, Difference, Examination


class _FromReport(ArchiveRule):
    """A rule that passes on those problems of the reader whose code starts with `prefix`."""

    prefix: str
    reads = ("limits",)

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return True

    def start(self, file: File, candidate: Candidate) -> Examination:
        return _Problems(self, file)

    def fine(self, report: Report) -> str:
        """What to say about an archive without problems."""
        raise NotImplementedError

    def about(self, problem: Problem, path: str) -> Finding:
        name = PurePosixPath(path).name
        see = problem.see.replace("{path}", shlex.quote(name))
        facts = {**problem.data, "code": problem.code}
        return self.finding(
            problem.level, path, problem.message, member=problem.member, see=see, **facts
        )


class _Problems(Examination):
    def __init__(self, rule: _FromReport, file: File) -> None:
        self._rule = rule
        self._path = file.path

    def batch(self, members: Batch) -> None:
        """Only the report matters here."""

    def findings(self) -> Iterator[Finding]:
        prefix = self._rule.prefix
        problems = [each for each in self.report.problems if each.code.startswith(prefix)]
        for problem in problems:
            yield self._rule.about(problem, self._path)
        if not problems and self.report.complete:
            facts: dict[str, Any] = {
                "members": self.report.members,
                "files": self.report.files,
                "content_size": self.report.content_size,
            }
            message = self._rule.fine(self.report)
            yield self._rule.finding(Level.NOTE, self._path, message, **facts)


class ArchiveSafety(_FromReport):
    slug = "archive.safety"
    version = 3
    prefix = "safety."
    title = "Nothing in the archive can harm whoever unpacks it"
    policy = (
        "Unpacking a release writes below one folder, and takes a bounded amount of space: no "
        "absolute paths, no way out by '..' or links, no devices, no bombs. (The limits are the "
        "platform's own; https://cwe.mitre.org/data/definitions/22.html and 409.)"
    )
    cost = "Part of the one reading of each archive."
    differences = (
        Difference(
            "Every hard link makes the archive be refused.",
            "A hard link to a file that came earlier in the same archive is accepted.",
            "GNU tar writes them for files with several names; they harm nobody.",
        ),
        Difference(
            "Of members with the same path the first counts.",
            "Such members are a blocker, and a concern where they hold the same.",
            "What one gets depends on the program that unpacks.",
        ),
        Difference(
            "A file in a zip that shrinks by more than 100 to 1 makes the archive be refused.",
            "A small one is a suggestion.",
            "A few hundred kilobytes of one letter, as tests have them, harm nobody.",
        ),
        Difference(
            "Files of macOS metadata are accepted and looked at by nobody.",
            "So they are here, and a suggestion says that they are there.",
            "They are packed by mistake, and everybody downloads them.",
        ),
        Difference(
            "Bits that let a file run with its owner's rights are taken off without a word, and "
            "files that everybody may write to are accepted.",
            "The first are a concern, the second a suggestion.",
            "Whoever downloads the archive gets these bits.",
        ),
    )

    def fine(self, report: Report) -> str:
        return f"All {report.members:,} members stay below the folder they are unpacked into."


class ArchiveIntegrity(_FromReport):
    slug = "archive.integrity"
    version = 3
    prefix = "integrity."
    title = "The archive is whole, and every program reads the same from it"
    policy = (
        "People vote on what they unpack, so the archive must be undamaged, must hold nothing "
        "hidden, and must mean the same to every program that unpacks it. "
        "(https://www.apache.org/legal/release-policy.html#release-approval)"
    )
    cost = "The one reading of each archive: about 1 second for 300 MB of content."
    differences = (
        Difference(
            "Bytes after the end of an archive, and members of a zip that only some programs see, "
            "are not looked at.",
            "They are findings.",
            "They could hold what nobody has voted on.",
        ),
        Difference(
            "Nothing is said of headers of a tar that programs read differently: something else "
            "where a number belongs, a file whose name ends as that of a folder.",
            "They are findings, and blockers where members are lost or become something else.",
            "Python's tarfile, GNU tar and bsdtar unpack different files from them.",
        ),
        Difference(
            "Checksums of zip members are not verified by every check.",
            "The CRC of every member is.",
            "A damaged archive must not be published.",
        ),
    )

    def fine(self, report: Report) -> str:
        return (
            f"Read to its end: {report.files:,} files with {report.content_size:,} bytes, and "
            "nothing damaged or hidden."
        )
