"""Looking into archives before they become part of a release."""

from pathlib import Path

from django.conf import settings

from checks.engine.child import ChildLimits, run_in_child
from checks.engine.model import Candidate, File, Finding, Level, UnitResult
from checks.engine.plan import plan
from checks.examine import UNIT_SECONDS, policy_of
from checks.models import Result
from checks.rules.archive import ArchiveIntegrity, ArchiveSafety
from keys.models import keys_document
from releases.models import Arrival, ArrivedFile

JUDGES = frozenset({ArchiveSafety.slug, ArchiveIntegrity.slug})


def look_into(arrival: Arrival) -> dict[str, str]:
    """Why archives of this upload cannot be part of a release, by path; empty where nothing speaks
    against them.

    What the rules found in those that can is kept: the checks of the revision read them no second
    time.
    """
    problems: dict[str, str] = {}
    for file in arrival.archives:
        with file.held_blob.local_file() as location:
            results = _examined(arrival, file, location)
        if problem := _problem(results):
            problems[file.path] = problem
            continue
        for result in results:
            Result.objects.keep(result, arrival.release.version)
    return problems


def _examined(arrival: Arrival, file: ArrivedFile, location: Path) -> list[UnitResult]:
    blob, release = file.held_blob, arrival.release
    candidate = Candidate(
        (File(file.path, location, blob.size, blob.sha256, blob.sha512),),
        policy_of(release.project, release.version),
        keys_document(release.committee),
    )
    units = [unit for unit in plan(candidate) if unit.kind == "archive"]
    limits = ChildLimits(settings.CHECK_MEMORY, settings.CHECK_SECONDS)
    return list(run_in_child(candidate, units, timeout=UNIT_SECONDS, limits=limits))


def _problem(results: list[UnitResult]) -> str:
    """The first thing that makes it unfit, as a sentence. What cannot be judged is unfit, too."""
    for result in results:
        for finding in result.findings:
            if finding.rule in JUDGES and finding.level == Level.BLOCKER:
                return _told(finding)
        if result.error:
            return f"It could not be looked into. {result.error}"
    return ""


def _told(finding: Finding) -> str:
    where = f" ({finding.member})" if finding.member else ""
    return f"{finding.message}{where}"
