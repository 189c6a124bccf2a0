"""A bill of materials in short, for pages: only what they show, and all of it safe to show.

What a server keeps, so that nothing opens the document again. Texts are cut, and what cannot be
seen in them, or turns text around, is written out. Addresses are kept only where a browser may
follow them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from checks.engine.names import shown
from checks.sbom.compare import key_of
from checks.sbom.document import Bom, Component, Vulnerability
from checks.sbom.licences import judge
from checks.sbom.score import Gap
from checks.sbom.severity import rank, worst_of
from checks.sbom.tools import Outdated, written_by
from checks.sbom.validate import Outcome

NAME, SHORT, LONG = 200, 100, 300  # characters
AFFECTED = 5  # components that a vulnerability is shown with


def plain(text: str, limit: int = NAME) -> str:
    """A text as it may be shown, in that many characters at most."""
    if len(text) <= limit and text.isprintable():
        return text
    told = shown(text, limit - 1)
    return told if len(told) <= limit else told[: limit - 1] + "…"


def web_address(text: str) -> str:
    """An address that a browser may follow; "" for all others, such as scripts."""
    fits = text.lower().startswith(("https://", "http://")) and len(text) <= 1_000
    return text if fits and text.isprintable() and " " not in text else ""


def content_of(
    bom: Bom,
    outcome: Outcome,
    missing: Iterable[Gap],
    old: Iterable[Outdated],
    *,
    of_source: bool,
) -> dict[str, Any]:
    """The content of a document with what it was judged to be."""
    metadata = bom.metadata
    return {
        "form": bom.form,
        "spec_version": plain(bom.spec_version, 20),
        "version": bom.version,
        "serial": plain(bom.serial_number, SHORT),
        "timestamp": plain(metadata.timestamp if metadata else "", 40),
        "describes": plain(bom.primary.label if bom.primary else ""),
        "supplier": plain(metadata.supplier if metadata else ""),
        "tools": [plain(each, SHORT) for each in written_by(bom)][:10],
        "of_source": of_source,
        "schema": {
            "errors": list(outcome.errors),
            "more": outcome.more,
            "unknown": outcome.unknown,
        },
        "gaps": [
            {
                "code": each.code,
                "weight": each.weight,
                "sentence": each.sentence,
                "examples": [plain(name, SHORT) for name in each.examples],
            }
            for each in missing
        ],
        "outdated": [plain(each.sentence) for each in old],
        "primary": _component(bom.primary) if bom.primary else {},
        "components": [_component(each) for each in bom.components],
        "vulnerabilities": _vulnerabilities(bom),
    }


def _component(component: Component) -> dict[str, Any]:
    verdict = judge(component.licences)
    return {
        "type": plain(component.type, 30),
        "name": plain(component.full_name),
        "version": plain(component.version, SHORT),
        "purl": plain(component.purl, LONG),
        "scope": plain(component.scope, 20),
        "supplier": plain(component.supplier or component.publisher, SHORT),
        "key": hashlib.sha256(key_of(component).encode()).hexdigest()[:16],
        "licence": plain(", ".join(each.text for each in component.licences), LONG),
        "category": str(verdict.category) if verdict else "",
        "avoidable": bool(verdict and verdict.avoidable),
        "chosen": plain(verdict.chosen if verdict else "", SHORT),
        "others": plain(", ".join(verdict.others) if verdict else ""),
    }


def _vulnerabilities(bom: Bom) -> list[dict[str, Any]]:
    """The worst first."""
    labels: dict[str, str] = defaultdict(str)
    for each in bom.described():
        labels[each.bom_ref] = each.label
    found = [_vulnerability(each, labels) for each in bom.vulnerabilities]
    return sorted(found, key=_worst_first)


def _worst_first(told: dict[str, Any]) -> tuple[int, float, str]:
    return rank(told["severity"]), -(told["score"] or 0.0), told["id_text"]


def _vulnerability(found: Vulnerability, labels: dict[str, str]) -> dict[str, Any]:
    scores = [each.score for each in found.ratings if each.score is not None]
    affected = [labels[ref] or ref for ref in found.affects]
    return {
        "id_text": plain(found.id or "without an identifier", SHORT),
        "severity": worst_of({each.severity for each in found.ratings}),
        "score": max(scores, default=None),
        "source": plain(found.source_name, SHORT),
        "url": web_address(found.source_url),
        "description": plain(" ".join(found.description.split()), LONG),
        "state": plain(found.state, 40),
        "affects": [plain(each, SHORT) for each in affected[:AFFECTED]],
        "more": max(0, len(affected) - AFFECTED),
    }
