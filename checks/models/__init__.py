"""What the checks found and read, and what a committee has decided not to look at again."""

from checks.models.ignore import Ignore
from checks.models.ignored import ignored_in
from checks.models.inside import Comparison, MemberChange
from checks.models.results import WORST_FIRST, Finding, FindingQuerySet, Result
from checks.models.review import Review
from checks.models.runs import Run
from checks.models.sbom import Sbom, SbomComponent, SbomVulnerability
from checks.models.scan import KnownVulnerability, Scan

__all__ = [
    "WORST_FIRST",
    "Comparison",
    "Finding",
    "FindingQuerySet",
    "Ignore",
    "KnownVulnerability",
    "MemberChange",
    "Result",
    "Review",
    "Run",
    "Sbom",
    "SbomComponent",
    "SbomVulnerability",
    "Scan",
    "ignored_in",
]
