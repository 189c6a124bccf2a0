"""The report on a candidate that is no release: the findings document, bounded, and marked as such.

It is what `trusted-check` writes of the same files, with one more object, `review`, which says that
it is neither a release nor a vote. Hostile files can have more findings than anybody reads, and
than a row should hold: the worst of them are listed, and all are counted.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from checks.engine.document import as_bytes, document
from checks.engine.model import Candidate, Finding, Level, UnitResult
from checks.sarif import sarif

NOTICE = (
    "This is not a release, and not a vote: somebody had these files checked for themself. No "
    "committee has decided anything about them."
)
MOST_FINDINGS = 5_000  # that are listed
MOST_BYTES = 16 << 20  # of findings, as JSON
FOR_NOTES = 0.5  # the share of both that what is fine, or could be better, may take


class Collector:
    """Takes results as they come, counts what is in them, and keeps no more than there is room."""

    def __init__(self, findings: int = MOST_FINDINGS, size: int = MOST_BYTES) -> None:
        self._findings, self._size = findings, size
        self._used = self._bytes = 0
        self.counts: Counter[str] = Counter()
        self.left_out = 0
        self.results: list[UnitResult] = []

    def take(self, result: UnitResult) -> None:
        self.counts.update(str(each.level) for each in result.findings)
        self.counts["error"] += bool(result.error)
        worst = sorted(result.findings, key=lambda each: -each.level.rank)
        kept = tuple(each for each in worst if self._fits(each))
        self.left_out += len(worst) - len(kept)
        self.results.append(replace(result, findings=kept, content={}))

    def _fits(self, finding: Finding) -> bool:
        share = 1 if finding.level.rank >= Level.CONCERN.rank else FOR_NOTES
        if self._used + 1 > self._findings * share:
            return False
        size = len(json.dumps(finding.as_json()))
        if self._bytes + size > self._size * share:
            return False
        self._used, self._bytes = self._used + 1, self._bytes + size
        return True

    def report(self, candidate: Candidate, **about: Any) -> "Report":
        """The report on what came. `about` stands in its `review`, beside the notice."""
        found = document(candidate, self.results)
        counts = {name: self.counts[name] for name in (*map(str, Level), "error")}
        missing = len(found["results"]) - len(self.results)  # what was not checked has not passed
        counts["error"] += missing
        failed = bool(counts["error"] or counts[Level.BLOCKER])
        return Report(
            {
                **found,
                "counts": counts,
                "verdict": "failed" if failed else "passed",
                "review": {"notice": NOTICE, "left_out": self.left_out, **about},
            }
        )


@dataclass(frozen=True)
class FileLine:
    """A file of the candidate, with what was said of it."""

    path: str
    size: int
    sha512: str
    kind: str
    counts: Mapping[str, int]

    @property
    def worst(self) -> str:
        """The worst level that was listed, "" when nothing was said."""
        return next((str(each) for each in reversed(Level) if self.counts.get(str(each))), "")


class Report:
    """What was found, as a document for programs and as lines for people."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.document = found

    @classmethod
    def read(cls, content: bytes) -> "Report":
        return cls(json.loads(content))

    def as_bytes(self) -> bytes:
        return as_bytes(self.document)

    def as_sarif(self, *, version: str, address: str, run: str) -> bytes:
        """The same as SARIF, whose run is marked as well."""
        made = sarif(self.document, version=version, address=address, run=run)
        made["runs"][0]["properties"] = {"review": self.review}
        return as_bytes(made)

    @property
    def review(self) -> dict[str, Any]:
        """What it is a report on, and that it is no release."""
        found: dict[str, Any] = self.document["review"]
        return found

    @property
    def counts(self) -> dict[str, int]:
        """How many findings of each level there are, also of those that are not listed."""
        found: dict[str, int] = self.document["counts"]
        return found

    @property
    def passed(self) -> bool:
        return bool(self.document["verdict"] == "passed")

    @cached_property
    def findings(self) -> list[Finding]:
        """All that are listed, the worst first."""
        every = [
            Finding.from_json(each)
            for result in self.document["results"]
            for each in result["findings"]
        ]
        return sorted(every, key=lambda each: (-each.level.rank, each.path, each.rule, each.member))

    @cached_property
    def files(self) -> list[FileLine]:
        by_path: dict[str, Counter[str]] = {}
        for each in self.findings:
            by_path.setdefault(each.path, Counter())[str(each.level)] += 1
        return [
            FileLine(
                each["path"],
                each["size"],
                each["sha512"],
                each["class"],
                dict(by_path.get(each["path"], {})),  # templates ask a Counter for "items"
            )
            for each in self.document["files"]
        ]

    @property
    def errors(self) -> Iterator[Mapping[str, Any]]:
        """Checks that failed, through no fault of the files."""
        return (each for each in self.document["results"] if each["error"])

    def asked_for(self, level: str, path: str | None) -> list[Finding]:
        """Those of a level and of a file; "" is any level, None any file, and "" the whole."""
        found: Iterable[Finding] = self.findings
        if level:
            found = (each for each in found if each.level == level)
        if path is not None:
            found = (each for each in found if each.path == path)
        return list(found)
