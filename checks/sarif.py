"""The findings document as SARIF 2.1.0, which editors, code hosts and dashboards read.

A blocker is an error, a concern a warning, a suggestion a note; what is fine is listed as passed. A
finding keeps its fingerprint from one revision to the next, so that tools can tell what is new.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from checks import rules
from checks.engine.model import Finding, Level
from checks.engine.rule import Rule
from checks.marks import marks_of

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "trustedReleases/v1"
BASE = "RELEASE"  # stands for the folder that holds the release's files
WEIGHTS = {
    Level.BLOCKER: {"kind": "fail", "level": "error"},
    Level.CONCERN: {"kind": "fail", "level": "warning"},
    Level.SUGGESTION: {"kind": "fail", "level": "note"},
    Level.NOTE: {"kind": "pass", "level": "none"},
}
_PLACES = {rule.slug: place for place, rule in enumerate(rules.ALL)}


def sarif(
    document: dict[str, Any],
    *,
    version: str,
    address: str = "",
    run: str = "",
    passed: bool = True,
    ignored: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The log of one run. `version` is ours; `address` that of the pages about rules, if there
    are any; `run` names the run for those who collect several. Without `passed` what is fine is
    left out, for readers that do not know of kinds and would list it as a problem. `ignored` has
    the reasons why findings are ignored, by their marks."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(version, address)},
                **({"automationDetails": {"id": run}} if run else {}),
                "invocations": [_invocation(document)],
                "originalUriBaseIds": {
                    BASE: {"description": {"text": "The folder that holds the release's files."}}
                },
                "artifacts": [_artifact(each) for each in document["files"]],
                "results": [
                    each
                    for each in _results(document, ignored or {})
                    if passed or each["kind"] != "pass"
                ],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _driver(version: str, address: str) -> dict[str, Any]:
    return {
        "name": "Trusted Releases",
        "version": version,
        "rules": [_rule(each, address) for each in rules.ALL],
    }


def _rule(rule: Rule, address: str) -> dict[str, Any]:
    worst = max(rule.levels, key=lambda level: level.rank)
    return {
        "id": rule.slug,
        "name": "".join(word.title() for word in rule.slug.replace(".", " ").split()),
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.policy},
        "defaultConfiguration": {"level": WEIGHTS[worst]["level"]},
        "properties": {"version": rule.version},
        **({"helpUri": f"{address}{rule.slug}/"} if address else {}),
    }


def _invocation(document: dict[str, Any]) -> dict[str, Any]:
    """Whether all checks ran: one that failed is our fault, and no result."""
    failed = [each for each in document["results"] if each["error"]]
    return {
        "executionSuccessful": not failed,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": each["error"]},
                "locations": [_location(each["path"])] if each["path"] else [],
            }
            for each in failed
        ],
    }


def _artifact(file: dict[str, Any]) -> dict[str, Any]:
    return {
        "location": {"uri": quote(file["path"]), "uriBaseId": BASE},
        "length": file["size"],
        "hashes": {"sha-256": file["sha256"], "sha-512": file["sha512"]},
        "properties": {"class": file["class"]},
    }


def _results(document: dict[str, Any], ignored: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for unit in document["results"]:
        findings = [Finding.from_json(each) for each in unit["findings"]]
        marks = marks_of(findings, document["policy"]["version"])
        for finding, mark in zip(findings, marks, strict=True):
            yield _result(finding, mark, ignored.get(mark, ""))


def _result(finding: Finding, mark: str, reason: str) -> dict[str, Any]:
    known = {"ruleIndex": _PLACES[finding.rule]} if finding.rule in _PLACES else {}
    more = {"help": finding.see} if finding.see else {}
    suppressed = {"kind": "external", "status": "accepted", "justification": reason}
    return {
        "ruleId": finding.rule,
        **known,
        **WEIGHTS[finding.level],
        "message": {"text": finding.message},
        "locations": [_location(finding.path, finding.member)],
        "partialFingerprints": {FINGERPRINT: mark},
        **({"suppressions": [suppressed]} if reason else {}),
        "properties": {"level": str(finding.level), **more},
    }


def _location(path: str, member: str = "") -> dict[str, Any]:
    """A file, or the folder for the release as a whole: code hosts refuse a whole log for one
    result that has no place."""
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(path) or ".", "uriBaseId": BASE}}
    }
    if member:
        place["logicalLocations"] = [{"fullyQualifiedName": member, "kind": "member"}]
    return place
