"""Bills of materials, for pages of layers below, and of vulnerabilities known of what they list."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings

from checks.models import KnownVulnerability, SbomVulnerability, Scan
from checks.rules.sbom import is_described, sbom_of
from releases.models import Blob, Entry, Generated, Revision

register = template.Library()

SHOWN = 10  # archives without one that a draft's page names
# The words for severities in the colours of findings; the word itself always stands beside.
LEVELS = {"critical": "blocker", "high": "blocker", "medium": "concern", "low": "suggestion"}


@dataclass(frozen=True)
class Described:
    """An archive, its bill of materials or "", and what was generated for it last, if anything."""

    path: str
    sbom: str
    row: Generated | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def in_hand(self) -> bool:
        return self.row is not None and self.row.is_in_hand


@dataclass(frozen=True)
class Sboms:
    """The archives of a revision: those that have a bill of materials, and those that have none."""

    having: list[Described]
    lacking: list[Described]

    @property
    def count(self) -> int:
        return len(self.having) + len(self.lacking)

    @property
    def shown(self) -> list[Described]:
        return self.lacking[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.lacking) - SHOWN)

    @property
    def in_hand(self) -> bool:
        return any(each.in_hand for each in self.shown)


@register.simple_tag
def sboms_of(revision: Revision | None) -> Sboms | None:
    """`{% sboms_of revision as sboms %}`: which archives have one. Two questions to the database,
    and one more for each that is being generated."""
    if revision is None:
        return None
    current = Entry.objects.filter(release=revision.release_id).at(revision.number)
    paths = set(current.values_list("path", flat=True))
    archives = sorted(filter(is_described, paths))
    if not archives:
        return None
    asked = Generated.objects.filter(release=revision.release_id).exclude(
        state=Generated.State.MADE
    )
    rows = {row.path: row for row in asked.order_by("pk")}
    every = [Described(path, sbom_of(path, paths), rows.get(path)) for path in archives]
    return Sboms([each for each in every if each.sbom], [each for each in every if not each.sbom])


@register.simple_tag
def sbom_beside(revision: Revision | None, path: str) -> Described | None:
    """The archive's bill of materials in this revision; None for what is no archive."""
    if revision is None or not is_described(path):
        return None
    current = Entry.objects.filter(release=revision.release_id).at(revision.number)
    return Described(path, sbom_of(path, set(current.values_list("path", flat=True))))


@register.simple_tag
def scan_of(blob: Blob | None) -> Scan | None:
    """The last scan of a bill of materials that came to a result: `scan.worst_first`,
    `scan.counts`, `scan.fetched_at`, `scan.service`."""
    return Scan.objects.last_done(blob)


@register.simple_tag
def scans_are_offered() -> bool:
    """Whether a service is set that can be asked about vulnerabilities."""
    return bool(settings.OSV_URL)


@register.inclusion_tag("checks/_severity.html")
def severity(
    found: KnownVulnerability | SbomVulnerability | str, count: int | None = None
) -> dict[str, Any]:
    """How bad a vulnerability is, as a word with its score; or a word with how many there are."""
    if isinstance(found, str):
        return {"word": found, "level": LEVELS.get(found, "note"), "count": count}
    level = LEVELS.get(found.severity, "note")
    return {"word": found.severity or "not said", "level": level, "score": found.score}
