"""Source files begin with the licence header."""

import shlex
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from checks.engine.archive import Kind, Member
from checks.engine.classify import FileClass, class_of
from checks.engine.head import Head
from checks.engine.headers import EXTENSIONS, GENERATED_SUFFIXES, WINDOW, extension, has_header
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import parse
from checks.engine.patterns import matches
from checks.engine.rule import ArchiveRule, Difference, Examination
from checks.rules.licenses import SUFFIXES

MAX_LISTED = 100  # members named for one archive; the counts are of all


class LicenseHeaders(ArchiveRule):
    slug = "license.headers"
    version = 1
    title = "Source files begin with the licence header"
    policy = (
        "Each source file holds the header that says under which terms the foundation licenses "
        "it, in full or as three SPDX fields. "
        "(https://www.apache.org/legal/src-headers.html)"
    )
    cost = "Part of the one reading of each archive; 4 KiB of each source file are looked at."
    levels = (Level.NOTE, Level.CONCERN)
    reads = (
        "source_paths",
        "binary_paths",
        "license_mode",
        "header_excludes",
        "limits",
    )
    differences = (
        Difference(
            "A header whose first or last words are broken over two lines is not found.",
            "It is, for only words are compared.",
            "It is the header, and how it is wrapped says nothing about its meaning.",
        ),
        Difference(
            "A header in lines that begin with REM is not found.",
            "It is in Visual Basic and SQL, where such lines are comments.",
            "REM is no word of the header there. Elsewhere it stays one.",
        ),
        Difference(
            "Every file with a header has a note of its own.",
            "One note has the counts.",
            "Nobody reads ten thousand notes.",
        ),
        Difference(
            "Every file without a header has a concern.",
            f"The first {MAX_LISTED} have, and the concern about the archive has the count of all "
            "and says of which kinds they are.",
            "A list that long is read by nobody; the kinds show at once whether a folder of "
            "third-party code or one forgotten file is the reason.",
        ),
        Difference(
            "Only tar.gz, tgz and zip are looked into.",
            "tar, tar.bz2 and tar.xz are too.",
            "Several projects publish their source as tar.bz2 only.",
        ),
    )

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        wanted = candidate.policy.license_mode != "files"
        return wanted and file.path.endswith(SUFFIXES) and parse(file.path).is_artifact

    def start(self, file: File, candidate: Candidate) -> Examination:
        is_source = class_of(file, candidate.policy) == FileClass.SOURCE
        return _Headers(self, file, candidate, is_source=is_source)


class _Headers(Examination):
    """Counts the source files of one archive, and those without a header."""

    def __init__(
        self, rule: LicenseHeaders, file: File, candidate: Candidate, *, is_source: bool
    ) -> None:
        self._rule = rule
        self._path = file.path
        self._asked = not (is_source and candidate.policy.license_mode == "rat")
        self._excludes = candidate.policy.header_excludes if is_source else ()
        self._archive = PurePosixPath(file.path).name
        self._valid = 0
        self._skipped = 0
        self._listed: list[str] = []
        self._kinds: Counter[str] = Counter()

    def member(self, member: Member) -> Head | None:
        name = member.name[member.name.rfind("/") + 1 :]
        if not self._asked or name.startswith("._") or member.kind is Kind.DIRECTORY:
            return None
        if self._excludes and matches(self._excludes, f"{self._archive}/{member.name}"):
            return None
        ext = extension(name)
        if (
            ext not in EXTENSIONS
            or member.kind is not Kind.FILE
            or name.endswith(GENERATED_SUFFIXES)
        ):
            self._skipped += 1
            return None
        return Head(WINDOW, partial(self._judge, member.name, ext))

    def _judge(self, path: str, ext: str, head: bytes) -> None:
        if len(head) < WINDOW and not head.strip():
            self._skipped += 1
        elif has_header(head, ext):
            self._valid += 1
        else:
            self._kinds[f".{ext}"] += 1
            if len(self._listed) < MAX_LISTED:
                self._listed.append(path)

    def findings(self) -> Iterator[Finding]:
        if not self._asked:
            return
        if not self.report.complete:
            message = "Not judged, because the archive could not be read to its end."
            yield self._rule.finding(Level.NOTE, self._path, message)
            return
        for path in self._listed:
            yield self._rule.finding(
                Level.CONCERN,
                self._path,
                f"It has no licence header in its first {WINDOW // 1024} KiB. Add it.",
                member=path,
                see=self._see(path),
            )
        yield self._summary()
        if self._kinds:
            yield self._roll_up()

    def _facts(self) -> dict[str, Any]:
        invalid = self._kinds.total()
        return {
            "files_checked": self._valid + invalid,
            "files_with_valid_headers": self._valid,
            "files_with_invalid_headers": invalid,
            "files_skipped": self._skipped,
            "excludes_source": "policy" if self._excludes else "none",
        }

    def _summary(self) -> Finding:
        facts = self._facts()
        checked = facts["files_checked"]
        message = (
            f"Checked {checked:,} file{'s' * (checked != 1)}, found {self._valid:,} with valid "
            f"headers, {facts['files_with_invalid_headers']:,} with invalid headers, and "
            f"{self._skipped:,} skipped."
        )
        return self._rule.finding(Level.NOTE, self._path, message, **facts)

    def _roll_up(self) -> Finding:
        invalid = self._kinds.total()
        kinds = ", ".join(f"{count:,} {ext}" for ext, count in self._kinds.most_common(5))
        more = f" The first {MAX_LISTED} are listed." if invalid > MAX_LISTED else ""
        message = (
            f"{invalid:,} source file{'s have' if invalid != 1 else ' has'} no licence header "
            f"({kinds}{', …' * (len(self._kinds) > 5)}). Add it, or name what needs none, such as "
            f"third-party code, in the project's policy.{more}"
        )
        return self._rule.finding(Level.CONCERN, self._path, message, invalid=invalid)

    def _see(self, member: str) -> str:
        """A command that prints what was looked at."""
        name, quoted = shlex.quote(self._archive), shlex.quote(member)
        prints = f"unzip -p {name}" if self.report.format == "zip" else f"tar xOf {name}"
        return f"{prints} {quoted} | head -c {WINDOW}"
