"""One vulnerability as OSV describes it, read from what a service has answered."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

from checks.sbom.severity import UNKNOWN, severity_of

MAX_SUMMARY = 1_000  # characters
MAX_ALIASES = 20
MAX_ADDRESS = 500

_VECTORS = {"CVSS_V2": CVSS2, "CVSS_V3": CVSS3, "CVSS_V4": CVSS4}
_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """What is known of a vulnerability. `score` is that of CVSS, None where there is none."""

    id: str
    aliases: tuple[str, ...] = ()
    severity: str = UNKNOWN
    score: float | None = None
    vector: str = ""
    summary: str = ""
    url: str = ""
    published: datetime | None = None
    modified: datetime | None = None


def vulnerability_of(ident: str, value: Any) -> Vulnerability | None:
    """The vulnerability in an answer; None for no answer, and for one that was withdrawn."""
    if not isinstance(value, dict) or value.get("withdrawn"):
        return None
    severity, score, vector = _rating(value)
    return Vulnerability(
        ident,
        aliases=tuple(_aliases(value))[:MAX_ALIASES],
        severity=severity,
        score=score,
        vector=vector,
        summary=_summary(value),
        url=_address(value),
        published=_moment(value.get("published")),
        modified=_moment(value.get("modified")),
    )


def _aliases(value: dict[str, Any]) -> list[str]:
    return [
        each for each in _list(value, "aliases") if isinstance(each, str) and _ALIAS.match(each)
    ]


def _summary(value: dict[str, Any]) -> str:
    """The summary, or the first paragraph of the details, in one line."""
    for name in ("summary", "details"):
        told = value.get(name)
        if isinstance(told, str) and told.strip():
            first = told.strip().partition("\n\n")[0]
            text = " ".join(first.split())
            return text if len(text) <= MAX_SUMMARY else f"{text[:MAX_SUMMARY]}…"
    return ""


def _rating(value: dict[str, Any]) -> tuple[str, float | None, str]:
    """Severity, score and vector: of the last vector that can be read, else by the word."""
    ratings = [
        found for each in _list(value, "severity") if (found := _by_vector(each)) is not None
    ]
    if ratings:
        return ratings[-1]
    for place in (value, *_list(value, "affected")):
        specific = place.get("database_specific") if isinstance(place, dict) else None
        word = specific.get("severity") if isinstance(specific, dict) else None
        if isinstance(word, str) and (known := severity_of(word)) != UNKNOWN:
            return known, None, ""
    return UNKNOWN, None, ""


def _by_vector(rating: Any) -> tuple[str, float, str] | None:
    kind = rating.get("type") if isinstance(rating, dict) else None
    vector = rating.get("score") if isinstance(rating, dict) else None
    reader = _VECTORS.get(kind) if isinstance(kind, str) else None
    if reader is None or not isinstance(vector, str) or len(vector) > 500:
        return None
    try:
        score = float(reader(vector.strip()).base_score)
    except (CVSSError, ValueError, TypeError, ArithmeticError, KeyError):
        return None
    return _by_score(score), score, vector.strip()


def _by_score(score: float) -> str:
    """The word for a score, by the scale of CVSS 3 and 4 (for those of CVSS 2 as well)."""
    steps = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
    return next((word for least, word in steps if score >= least), "none")


def _address(value: dict[str, Any]) -> str:
    """Where people read about it: the first address on the web, that of an advisory first."""
    references = [each for each in _list(value, "references") if isinstance(each, dict)]
    for kinds in (("ADVISORY",), ("WEB", "REPORT", "ARTICLE")):
        for each in references:
            url = each.get("url")
            if each.get("type") in kinds and isinstance(url, str) and _is_safe(url):
                return url
    return ""


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
    return (
        parts.scheme in ("https", "http")
        and named
        and len(url) <= MAX_ADDRESS
        and url.isprintable()
    )


def _moment(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _list(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found[:1_000] if isinstance(found, list) else []
