"""Which rule is at work, written where the parent can read it after the process has died.

Used when a unit is run again because its process died: every call of a rule is bracketed by its
number. That costs too much to do it always.
"""

import mmap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from checks.engine.archive import Member, Sink
from checks.engine.rule import ArchiveRule, Examination, Rule

NOBODY = 0


class Marker:
    """One byte of a file: the number of the rule at work, from 1, or NOBODY."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes([NOBODY]))
        with path.open("r+b") as file:
            self._byte = mmap.mmap(file.fileno(), 1)

    def during(self, number: int, act: Callable[..., Any], *arguments: Any) -> Any:
        self._byte[0] = number
        try:
            return act(*arguments)
        finally:
            self._byte[0] = NOBODY


def mark(rules: Iterable[Rule], path: Path) -> None:
    """From now on each of these rules says when it is at work."""
    marker = Marker(path)
    for number, rule in enumerate(rules, start=1):
        _mark(rule, number, marker)


def culprit(rules: tuple[Rule, ...], path: Path) -> str:
    """The slug of the rule that was at work when the process died, "" when it was none of them."""
    number = path.read_bytes()[0] if path.exists() else NOBODY
    return rules[number - 1].slug if NOBODY < number <= len(rules) else ""


def _mark(rule: Rule, number: int, marker: Marker) -> None:
    """Put ourselves before the rule's only entrance."""
    if isinstance(rule, ArchiveRule):
        start = rule.start
        entrance: Callable[..., Any] = lambda *given: _Marked(  # noqa: E731
            marker.during(number, start, *given), number, marker
        )
        rule.__dict__["start"] = entrance
    else:
        run = rule.run  # type: ignore[attr-defined]
        # To its end: a generator does nothing until somebody asks.
        rule.__dict__["run"] = lambda *given: marker.during(number, lambda: list(run(*given)))


class _Marked(Examination):
    """An examination that says when it is at work."""

    def __init__(self, examination: Examination, number: int, marker: Marker) -> None:
        self._examination = examination
        self._number = number
        self._marker = marker

    def member(self, member: Member) -> Sink | None:
        sink = self._marker.during(self._number, self._examination.member, member)
        return sink and _MarkedSink(sink, self._number, self._marker)

    def finish(self) -> None:
        self._marker.during(self._number, self._examination.finish)

    def findings(self) -> Any:
        self._examination.report = self.report
        return self._marker.during(self._number, lambda: list(self._examination.findings()))


class _MarkedSink:
    def __init__(self, sink: Sink, number: int, marker: Marker) -> None:
        self._sink = sink
        self._number = number
        self._marker = marker

    def feed(self, block: bytes) -> None:
        self._marker.during(self._number, self._sink.feed, block)

    def close(self) -> None:
        self._marker.during(self._number, self._sink.close)
