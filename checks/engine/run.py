"""Runs units in this process. Hostile files are read in a child process instead: see `child`."""

import gc
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from checks.engine.archive import Batch, Member, Report, Sink, pays, walk, walk_apart
from checks.engine.model import Candidate, File, Finding, Level, UnitResult
from checks.engine.plan import OF_ARCHIVES, Unit, readings, rules_of
from checks.engine.rule import (
    ArchiveRule,
    ComparisonRule,
    Examination,
    Facts,
    FileRule,
    Reading,
    ReadingRule,
    ReleaseRule,
    Rule,
)
from checks.rules import ALL

Progress = Callable[[str, int, int], None]  # unit key, bytes read, bytes in all

COMPARED = frozenset(rule.compares.slug for rule in ALL if isinstance(rule, ComparisonRule))
TURN = 0.0005  # seconds that a thread may keep others waiting while an archive is read
MAX_FINDINGS = 1_000  # of one rule about one file: beyond that a count says more than a list


class _Faults:
    """What went wrong in rules, by slug: the first exception of each."""

    def __init__(self) -> None:
        self.by_rule: dict[str, str] = {}

    def add(self, rule: Rule, error: Exception) -> None:
        self.by_rule.setdefault(rule.slug, f"{type(error).__name__}: {error}"[:500])

    def sentence(self, rules: Iterable[str]) -> str:
        """What went wrong in these, "" for nothing."""
        return " ".join(
            f"The rule '{slug}' failed ({self.by_rule[slug]}). "
            "This is a fault of the check, not of the file."
            for slug in sorted(rules)
            if slug in self.by_rule
        )


def run(
    candidate: Candidate, units: Iterable[Unit], progress: Progress | None = None
) -> Iterator[UnitResult]:
    """Run units one after the other and yield each result as it is ready."""
    seen = _Seen(candidate)
    for reading in readings(units):
        started = time.monotonic()
        every, faults, content = _run_reading(candidate, reading, progress, seen)
        seen.note(every)
        took_ms = round((time.monotonic() - started) * 1000, 1)
        for unit in reading:
            findings = tuple(each for each in every if each.rule in unit.rules)
            error = faults.sentence(unit.rules)
            yield UnitResult(unit.key, unit.path, unit.rules, findings, error, took_ms, content)


class _Seen:
    """What archive rules found in this run, for the rules that compare archives."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self._facts: dict[tuple[str, str], Facts] = {}

    def note(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if finding.rule in COMPARED:
                self._facts[finding.rule, finding.path] = finding.data

    def facts(self, rule: ComparisonRule, unit: Unit) -> dict[str, Facts]:
        """The facts of a file and of all that it is compared with, by path."""
        file = _file(self._candidate, unit)
        compared = (file, *rule.others(file, self._candidate))
        return {each.path: self._of(each, rule.compares) for each in compared}

    def _of(self, file: File, kind: type[ArchiveRule]) -> Facts:
        """Facts from this run; where the archive was examined in another one, it is read again."""
        if (kind.slug, file.path) not in self._facts:
            faults = _Faults()
            unit = Unit("", "archive", file.path, (kind.slug,), file.size)
            self.note(_examine(self._candidate, unit, (kind(),), faults, None))
            if faults.by_rule:
                raise RuntimeError(faults.sentence([kind.slug]))
        return self._facts[kind.slug, file.path]


def _run_reading(
    candidate: Candidate, reading: tuple[Unit, ...], progress: Progress | None, seen: _Seen
) -> tuple[list[Finding], _Faults, dict[str, Any]]:
    faults, content = _Faults(), {}
    unit = reading[0]
    rules = tuple(rule for each in reading for rule in rules_of(each))
    if unit.kind in OF_ARCHIVES:
        findings = _examine(candidate, unit, rules, faults, progress)
    elif unit.kind == "comparison":
        findings = [
            each for rule in rules for each in _compare(rule, unit, candidate, seen, faults)
        ]
    else:
        asked = [_ask(rule, unit, candidate, faults) for rule in rules]
        findings = [finding for each in asked for finding in each.findings]
        content = next((each.content for each in asked if each.content), {})
    return findings, faults, content


def _ask(rule: Rule, unit: Unit, candidate: Candidate, faults: _Faults) -> Reading:
    """What a rule about the release or about one file says, and what it read."""
    content: dict[str, Any] = {}
    try:
        if isinstance(rule, ReleaseRule):
            return Reading(tuple(rule.run(candidate)), content)
        if not isinstance(rule, FileRule):
            raise TypeError(f"{rule.slug} is no rule about files")
        file = _file(candidate, unit)
        if isinstance(rule, ReadingRule):
            found, content = rule.read(file, candidate)
        else:
            found = tuple(rule.run(file, candidate))
        return Reading(tuple(_first(found, rule, unit.path)), content)
    except Exception as error:
        faults.add(rule, error)
        return Reading((), {})


def _compare(
    rule: Rule, unit: Unit, candidate: Candidate, seen: _Seen, faults: _Faults
) -> list[Finding]:
    """What a rule says that compares an archive with others."""
    try:
        if not isinstance(rule, ComparisonRule):
            raise TypeError(f"{rule.slug} is no rule that compares")
        facts = seen.facts(rule, unit)
        return _first(rule.run(_file(candidate, unit), candidate, facts), rule, unit.path)
    except Exception as error:
        faults.add(rule, error)
        return []


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without looking for cycles of objects meanwhile. To examine an archive makes none, and keeps
    so many small objects to its end that looking through them again and again takes a tenth of its
    time. And with threads that soon get their turn: those that inflate ask for it several times a
    block."""
    was_on, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_on:
            gc.enable()


@_undisturbed()
def _examine(
    candidate: Candidate,
    unit: Unit,
    rules: tuple[Rule, ...],
    faults: _Faults,
    progress: Progress | None,
) -> list[Finding]:
    """Read an archive once, with every rule looking on."""
    try:
        file = _file(candidate, unit)
        watchers = [_Watcher(rule, file, candidate, faults) for rule in rules]
        read = walk_apart if pays(file.size) else walk
        report = read(
            file.location,
            file.path,
            candidate.policy.limits,
            watchers,
            progress and (lambda done: progress(unit.key, done, unit.size)),
        )
        _require_same_bytes(report, file)
    except Exception as error:
        for rule in rules:
            faults.add(rule, error)
        return []
    return [finding for watcher in watchers for finding in watcher.findings(report)]


def _require_same_bytes(report: Report, file: File) -> None:
    """Findings must be about the bytes the candidate names, not about what lies there now."""
    if report.digest.sha256 != file.sha256:
        raise ValueError(
            f"{file.path} has SHA-256 {report.digest.sha256[:16]}…, not {file.sha256[:16]}… as "
            "planned: the file changed meanwhile"
        )


class _Watcher:
    """Puts a rule's examination before the reader, and keeps its exceptions from the others."""

    def __init__(self, rule: Rule, file: File, candidate: Candidate, faults: _Faults) -> None:
        self._rule = rule
        self._path = file.path
        self._faults = faults
        self._examination: Examination | None = None
        try:
            if not isinstance(rule, ArchiveRule):
                raise TypeError(f"{rule.slug} is no rule about archives")
            self._examination = rule.start(file, candidate)
        except Exception as error:
            self._fail(error)

    def member(self, member: Member) -> Sink | None:
        if self._examination is None:
            return None
        try:
            sink = self._examination.member(member)
        except Exception as error:
            self._fail(error)
            return None
        return sink and _GuardedSink(sink, self._fail)

    def batch(self, members: Batch) -> None:
        try:
            if self._examination:
                self._examination.batch(members)
        except Exception as error:
            self._fail(error)

    def finish(self) -> None:
        try:
            if self._examination:
                self._examination.finish()
        except Exception as error:
            self._fail(error)

    def findings(self, report: Report) -> list[Finding]:
        if self._examination is None:
            return []
        try:
            self._examination.report = report
            return _first(self._examination.findings(), self._rule, self._path)
        except Exception as error:
            self._fail(error)
            return []

    def _fail(self, error: Exception) -> None:
        """From here on the rule sees nothing more of this archive, and says nothing about it."""
        self._faults.add(self._rule, error)
        self._examination = None


class _GuardedSink:
    """A sink whose exceptions end its rule's examination, and nobody else's."""

    __slots__ = ("_fail", "_sink")

    def __init__(self, sink: Sink, fail: Callable[[Exception], None]) -> None:
        self._sink: Sink | None = sink
        self._fail = fail

    def feed(self, block: bytes) -> None:
        if self._sink is not None:
            try:
                self._sink.feed(block)
            except Exception as error:
                self._give_up(error)

    def close(self) -> None:
        if self._sink is not None:
            try:
                self._sink.close()
            except Exception as error:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._sink = None
        self._fail(error)


def _file(candidate: Candidate, unit: Unit) -> File:
    file = candidate.file(unit.path)
    if file is None:
        raise LookupError(f"{unit.path} is planned for, but not among the files")
    return file


def _first(findings: Iterable[Finding], rule: Rule, path: str) -> list[Finding]:
    """The worst MAX_FINDINGS of what a rule says about one file, and how many there were."""
    every = sorted(findings, key=lambda finding: -finding.level.rank)
    if len(every) <= MAX_FINDINGS:
        return every
    left_out = len(every) - MAX_FINDINGS
    message = f"{left_out:,} more findings of this rule are not listed: the worst are shown first."
    return [*every[:MAX_FINDINGS], rule.finding(Level.NOTE, path, message, left_out=left_out)]
