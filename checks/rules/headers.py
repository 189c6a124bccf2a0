"""Source files begin with the licence header."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from checks.engine import rat
from checks.engine.archive import Batch, Kind, Member
from checks.engine.classify import FileClass, class_of
from checks.engine.head import Head
from checks.engine.headers import (
    EXTENSIONS,
    GENERATED_SUFFIXES,
    WINDOW,
    extension,
    has_header,
    has_plain_header,
    is_plainly_named,
)
from checks.engine.model import Candidate, File, Finding, Level
from checks.engine.names import parse
from checks.engine.patterns import matches
from checks.engine.rule import ArchiveRule, Difference, Examination
from checks.rules.licenses import SUFFIXES

_FILE, _DIRECTORY = Kind.FILE, Kind.DIRECTORY
MAX_LISTED = 100  # members named for one archive; the counts are of all
APACHE = "AL"  # the family of our own licence, whose files need the header


class LicenseHeaders(ArchiveRule):
    slug = "license.headers"
    version = 3
    title = "Source files begin with the licence header"
    policy = (
        "Each source file holds the header that says under which terms the foundation licenses "
        "it, in full or as three SPDX fields; third-party works keep their own. "
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
            "A header with tags of Javadoc, <p> or <br>, in its blank lines is not found.",
            "It is.",
            "Editors put them there when they format a file. No word of the header is another.",
        ),
        Difference(
            "Every file with a header has a note of its own.",
            "One note has the counts.",
            "Nobody reads ten thousand notes.",
        ),
        Difference(
            "Every file without a header has a concern, and the archive one that sums them up.",
            f"The first {MAX_LISTED} have. Only where there are more, the archive has a concern "
            "with the count of all, which says of which kinds they are.",
            "A list that long is read by nobody. Where all are named, each can be mended or "
            "ignored, and nothing is left to say.",
        ),
        Difference(
            "A file under another licence, or that a program wrote, is a concern.",
            "It is skipped where it says so in words that Apache RAT knows: MIT, BSD with three "
            "clauses, CDDL, W3C, OASIS, or one of the marks of generators.",
            "The policy forbids the header on third-party works, and generated files have no "
            "author. What RAT does not know stays a concern: a person should see it.",
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
        self._others = 0
        self._listed: list[str] = []
        self._kinds: Counter[str] = Counter()

    def member(self, member: Member) -> Head | None:
        ext = self._asked_of(member, member.name[member.name.rfind("/") + 1 :])
        return Head(WINDOW, partial(self._judge, member.name, ext)) if ext else None

    def batch(self, members: Batch) -> None:
        if not self._asked:
            return
        texts = members.once(rat.Texts)
        opened = texts.opened
        all_count = not self._excludes
        for at, (member, name, content) in enumerate(members):
            if all_count and opened[at] and is_plainly_named(name):
                self._valid += 1
            elif ext := self._asked_of(member, name):
                head = content[:WINDOW]
                if has_plain_header(head, ext):
                    self._valid += 1
                else:
                    self._judge(member.name, ext, head, texts.may_hold(at, name))

    def _asked_of(self, member: Member, name: str) -> str:
        """The extension of a member that must have a header; "" for all others."""
        kind = member.kind
        if not self._asked or kind is _DIRECTORY or name.startswith("._"):
            return ""
        if self._excludes and matches(self._excludes, f"{self._archive}/{member.name}"):
            return ""
        ext = extension(name)
        if ext not in EXTENSIONS or kind is not _FILE or name.endswith(GENERATED_SUFFIXES):
            self._skipped += 1
            return ""
        return ext

    def _judge(self, path: str, ext: str, head: bytes, may: rat.May = rat.ANYTHING) -> None:
        if len(head) < WINDOW and (not head or head.isspace()):
            self._skipped += 1
        elif may.header and has_header(head, ext):
            self._valid += 1
        elif may.other and _needs_none(path, head):
            self._skipped += 1
            self._others += 1
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
        if self._kinds.total() > MAX_LISTED:
            yield self._roll_up()

    def _facts(self) -> dict[str, Any]:
        invalid = self._kinds.total()
        return {
            "files_checked": self._valid + invalid,
            "files_with_valid_headers": self._valid,
            "files_with_invalid_headers": invalid,
            "files_skipped": self._skipped,
            "files_with_other_licenses": self._others,
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
        message = (
            f"{invalid:,} source files have no licence header "
            f"({kinds}{', …' * (len(self._kinds) > 5)}). Add it, or name what needs none, such as "
            f"third-party code, in the project's policy. The first {MAX_LISTED} are listed."
        )
        return self._rule.finding(Level.CONCERN, self._path, message, invalid=invalid)

    def _see(self, member: str) -> str:
        """A command that prints what was looked at."""
        return f"{self.printing(self._path, member)} | head -c {WINDOW}"


def _needs_none(path: str, head: bytes) -> bool:
    """Whether the file says that a program wrote it, or names an approved licence of others."""
    document = rat.judge(path[path.rfind("/") + 1 :], head)
    if document is rat.PLAIN:  # the answer for most that name any: ours
        return False
    if document.licenses:
        return document.is_approved and all(each.family != APACHE for each in document.licenses)
    return document.type is rat.Type.GENERATED
