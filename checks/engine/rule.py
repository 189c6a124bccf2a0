"""What a rule is: it looks at files and says what it found. No database, no clock, no network.

How to add one: a class in a module of its own under `checks/rules/`, one line in `ALL` there, a
test beside it. Everything a rule reads, apart from the bytes of the file it is about, belongs in
`inputs` or `reads`: results are kept under a key made of these and used again while it is equal.
"""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from checks.engine.archive import Batch, Member, Report, Sink, show
from checks.engine.model import Candidate, File, Finding, Level

Facts = Mapping[str, Any]  # the data of a finding: JSON values


class Difference(NamedTuple):
    """Where a rule decides otherwise than the reference platform, and why. For the catalogue."""

    theirs: str
    ours: str
    why: str


class Rule(ABC):
    """One rule, with what a person needs to know about it.

    `slug` names it for ever; `version` goes up by one whenever the same input may get another
    answer, so that stored results of the old version are not used. `title` says what holds when
    the rule finds nothing wrong. `policy` is the sentence it stands on, in our words, and where
    that is written. `cost` says what running it takes. `levels` are the levels it may use, `reads`
    the names of the fields of `Policy` that it looks at.
    """

    slug: ClassVar[str]
    version: ClassVar[int]
    title: ClassVar[str]
    policy: ClassVar[str]
    cost: ClassVar[str]
    levels: ClassVar[tuple[Level, ...]] = tuple(Level)
    reads: ClassVar[tuple[str, ...]] = ()
    differences: ClassVar[tuple[Difference, ...]] = ()

    def finding(
        self, level: Level, path: str, message: str, *, member: str = "", see: str = "", **data: Any
    ) -> Finding:
        """A finding of this rule. `data` holds facts for programs: JSON values only.

        Text may come from hostile files: what no database takes is escaped here, once for all.
        """
        return Finding(
            self.slug,
            self.version,
            level,
            path,
            _storable(message),
            _storable(member),
            _storable(see),
            _storable(data),
        )


class ReleaseRule(Rule):
    """Looks at the release as a whole, once."""

    def inputs(self, candidate: Candidate) -> Any:
        """All that `run` reads beside the policy, as a JSON value."""
        return None

    @abstractmethod
    def run(self, candidate: Candidate) -> Iterator[Finding]:
        """What there is to say about the release and about each of its files."""


class FileRule(Rule):
    """Looks at one file and, where it must, at others beside it.

    `weight` says how many bytes could be digested in the time that one byte takes here.
    """

    weight: ClassVar[int] = 1

    @abstractmethod
    def applies_to(self, file: File, candidate: Candidate) -> bool:
        """Whether this file is this rule's business, by its path and the policy: reads no bytes."""

    def inputs(self, file: File, candidate: Candidate) -> Any:
        """All that `run` reads beside this file's bytes and the policy, as a JSON value."""
        return None

    @abstractmethod
    def run(self, file: File, candidate: Candidate) -> Iterator[Finding]:
        """What there is to say about this file."""


class Reading(NamedTuple):
    """What a file came to: findings, and its content in short for pages that show it."""

    findings: tuple[Finding, ...]
    content: dict[str, Any]


class ReadingRule(FileRule):
    """Looks at one file, and tells also what is in it: a server keeps that, and so never has to
    open the file again. It is no part of what was found, and stands in no document."""

    def run(self, file: File, candidate: Candidate) -> Iterator[Finding]:
        yield from self.read(file, candidate).findings

    @abstractmethod
    def read(self, file: File, candidate: Candidate) -> Reading:
        """What there is to say about this file, and its content: JSON values, {} for nothing."""

    def reading(self, findings: Iterable[Finding], content: dict[str, Any]) -> Reading:
        """What was found with a content that any database takes."""
        return Reading(tuple(findings), _storable(content))


class Examination(ABC):
    """One archive as one rule sees it go by. It is a visitor of the archive reader.

    The engine shows it every member, calls `finish`, sets `report`, and asks for `findings`.
    Nearly all members are small, and come many at a time to `batch`: a rule that every archive
    is judged by does its work there in one loop, for a call a member is what its reading costs.
    """

    report: Report

    def member(self, member: Member) -> Sink | None:
        """A member goes by. Return a sink to be fed its content."""
        return None

    def batch(self, members: Batch) -> None:
        """Small members go by, each with its content: the same as `member` for each of them."""
        show(self, members)

    def finish(self) -> None:  # noqa: B027 - most examinations have nothing to do here
        """The last member has gone by."""

    @abstractmethod
    def findings(self) -> Iterable[Finding]:
        """What there is to say, after the end, with `report` at hand."""

    def printing(self, path: str, member: str) -> str:
        """A command that prints a member of this archive, which has that path in the release."""
        prints = "unzip -p" if self.report.format == "zip" else "tar xOf"
        return f"{prints} {shlex.quote(path.rpartition('/')[2])} {shlex.quote(member)}"


class ArchiveRule(Rule):
    """Looks inside archives. All rules of one archive share one reading of it."""

    @abstractmethod
    def applies_to(self, file: File, candidate: Candidate) -> bool:
        """Whether this archive is this rule's business, by path and policy: reads no bytes."""

    def inputs(self, file: File, candidate: Candidate) -> Any:
        """All that the examination reads beside this file's bytes and the policy, as JSON."""
        return None

    @abstractmethod
    def start(self, file: File, candidate: Candidate) -> Examination:
        """Begin to examine one archive."""


class SourceRule(ArchiveRule):
    """Compares an archive with the source it was made from, while it is read for the others.

    It has results of its own: the source comes later than the files, and may change without them.
    """


class ComparisonRule(Rule):
    """Compares an archive with others of the release, by what another rule found in each.

    That rule, `compares`, says one thing about an archive, and the data of that finding are its
    facts. Archives are not read again for this, unless what was found in them is not at hand.
    """

    compares: ClassVar[type[ArchiveRule]]

    @abstractmethod
    def others(self, file: File, candidate: Candidate) -> tuple[File, ...]:
        """What the file is compared with, by paths alone; () where it is not this rule's business.
        The bytes of all of them are part of the key of the result."""

    @abstractmethod
    def run(
        self, file: File, candidate: Candidate, facts: Mapping[str, Facts]
    ) -> Iterator[Finding]:
        """What there is to say about this file. `facts` holds those of it and of all others, by
        path."""


def _storable(value: Any) -> Any:
    """A JSON value whose strings are valid UTF-8 without NUL, as PostgreSQL wants them."""
    if isinstance(value, str):
        if not value.isascii():
            value = value.encode("utf-8", "backslashreplace").decode("utf-8")
        return value.replace("\0", "\\x00")
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(each) for each in value]
    return value
