"""The findings document: everything a check of a candidate came to, in one deterministic value.

It holds no times and no host names, so a server and a laptop that look at the same files under the
same policy write the same bytes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from checks.engine.classify import class_of_name
from checks.engine.model import Candidate, Finding, Level, UnitResult
from checks.engine.plan import Unit, plan
from trusted_releases.lib.canonical import canonical

TYPE = "trusted-releases/findings/v1"

NOT_RUN = "This check has not run."


def document(candidate: Candidate, results: Iterable[UnitResult]) -> dict[str, Any]:
    """The findings document of a candidate.

    A unit without a result is listed with an error: what was not checked has not passed.
    """
    by_key = {result.key: result for result in results}
    units = plan(candidate)
    shown = [by_key.get(unit.key) or _not_run(unit) for unit in units]
    findings = [finding for result in shown for finding in result.findings]
    return {
        "type": TYPE,
        "policy": candidate.policy.as_json(),
        "files": _files(candidate, findings),
        "results": [_result(unit, result) for unit, result in zip(units, shown, strict=True)],
        "counts": _counts(shown),
        "verdict": "failed" if failed(shown) else "passed",
    }


def as_bytes(document: dict[str, Any]) -> bytes:
    """The one form in which servers and laptops write it."""
    return canonical(document) + b"\n"


def failed(results: Iterable[UnitResult]) -> bool:
    """Whether something stands in the way of a vote: a blocker, or a check that could not run."""
    return any(
        result.error or any(finding.level == Level.BLOCKER for finding in result.findings)
        for result in results
    )


def _not_run(unit: Unit) -> UnitResult:
    return UnitResult(unit.key, unit.path, unit.rules, error=NOT_RUN)


def _files(candidate: Candidate, findings: list[Finding]) -> list[dict[str, Any]]:
    """The files with their classes: as the paths rule read them, else as their names say."""
    seen = {each.path: each.data["class"] for each in findings if "class" in each.data}
    return [
        {
            "path": file.path,
            "size": file.size,
            "sha256": file.sha256,
            "sha512": file.sha512,
            "class": seen.get(file.path) or str(class_of_name(file.path, candidate.policy)),
        }
        for file in sorted(candidate.files, key=lambda each: each.path)
    ]


def _result(unit: Unit, result: UnitResult) -> dict[str, Any]:
    findings = sorted(result.findings, key=_order)
    return {
        "key": unit.key,
        "kind": unit.kind,
        "path": unit.path,
        "rules": list(unit.rules),
        "findings": [finding.as_json() for finding in findings],
        "error": result.error,
    }


def _order(finding: Finding) -> tuple[Any, ...]:
    return (finding.path, finding.rule, -finding.level.rank, finding.member, finding.message)


def _counts(results: list[UnitResult]) -> Mapping[str, int]:
    counts = Counter(str(finding.level) for each in results for finding in each.findings)
    errors = sum(1 for each in results if each.error)
    return {**{str(level): counts[str(level)] for level in Level}, "error": errors}
