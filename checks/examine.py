"""Runs the engine over a revision: what is known is used again, the rest is read once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from checks.engine.child import ChildLimits, run_in_child
from checks.engine.document import document
from checks.engine.model import Candidate, File, Policy, Source, UnitResult
from checks.engine.plan import Unit, plan
from checks.engine.siblings import sibling_paths
from checks.models import Result
from checks.sources import inventory_of, source_of
from keys.models import keys_document
from projects.models import Project
from releases.models import Entry, Release, Revision

UNIT_SECONDS = 1800  # wall clock for one file; the child is stopped after that
NOWHERE = Path("/nonexistent")  # for files that no unit of this run reads

Progress = Callable[[str, int, int], None]


def policy_of(project: Project, version: str) -> Policy:
    """The project's rules as the plain values that the engine takes."""
    rules = project.rules
    return Policy(
        project=project.slug,
        committee=project.committee.slug,
        version=version,
        podling=project.committee.is_podling,
        foundation=settings.FOUNDATION,
        **rules.check_terms,
    )


def candidate_of(revision: Revision) -> Candidate:
    """What the engine is given for a revision, to be planned: `examine` puts the files in place."""
    release: Release = revision.release
    files = tuple(
        File(each.path, NOWHERE, each.blob.size, each.blob.sha256, each.blob.sha512)
        for each in revision.entries
    )
    return Candidate(
        files,
        policy_of(release.project, release.version),
        keys_document(release.committee),
        source_of(release),
    )


def known_results(units: tuple[Unit, ...]) -> dict[str, Result]:
    """What is known already, by unit key: from this release, or from any other."""
    good = Result.objects.good().current().filter(key__in=[unit.key for unit in units])
    return {result.key: result for result in good}


def examine(
    revision: Revision,
    candidate: Candidate,
    units: list[Unit],
    progress: Progress | None = None,
) -> Iterator[UnitResult]:
    """Run these units in a child process with limits, and yield results as they come.

    `candidate` is what the units were planned for: keys or policy may be others by now.
    """
    if not units:
        return
    limits = ChildLimits(settings.CHECK_MEMORY, settings.CHECK_SECONDS)
    with local_files(revision, units) as locations, local_source(candidate) as source:
        placed = (
            replace(each, location=locations.get(each.path, NOWHERE)) for each in candidate.files
        )
        yield from run_in_child(
            replace(candidate, files=tuple(placed), source=source),
            units,
            timeout=UNIT_SECONDS,
            on_progress=progress,
            limits=limits,
        )


@contextmanager
def local_files(revision: Revision, units: list[Unit]) -> Iterator[dict[str, Path]]:
    """Where the bytes lie that these units read; copies are removed at the end."""
    paths = [unit.path for unit in units]
    for unit in units:
        if unit.kind == "comparison":
            paths += sibling_paths(unit.path)
    whole = "" in paths
    with ExitStack() as stack:
        yield {
            each.path: stack.enter_context(each.blob.local_file())
            for each in revision.entries
            if whole or _concerns(each, paths)
        }


@contextmanager
def local_source(candidate: Candidate) -> Iterator[Source | None]:
    """The candidate's source, where its inventory lies on this machine."""
    if candidate.source is None:
        yield None
        return
    with inventory_of(candidate.source).local_file() as location:
        yield replace(candidate.source, location=location)


def _concerns(entry: Entry, paths: list[str]) -> bool:
    """A signature or checksum is read with the artifact it is about."""
    return any(path.startswith(entry.path) or entry.path.startswith(path + ".") for path in paths)


def findings_document(revision: Revision) -> dict[str, object]:
    """The findings document of a revision: equal to what the offline checks print."""
    candidate = candidate_of(revision)
    keys = [unit.key for unit in plan(candidate)]
    rows = Result.objects.filter(key__in=keys, retired=False).prefetch_related("findings")
    return document(candidate, [row.as_unit_result() for row in rows])
