"""Which rules look at what, and under which key each result is kept.

Planning reads no file: it needs paths, digests and policy only, so a server can plan for files
that lie in a remote store, and find what it already knows before it fetches anything.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Literal

from checks.engine.archive import is_archive
from checks.engine.model import Candidate, File
from checks.engine.rule import (
    ArchiveRule,
    ComparisonRule,
    FileRule,
    ReleaseRule,
    Rule,
    SourceRule,
)
from checks.rules import ALL
from trusted_releases.lib.canonical import canonical

FORMAT = 1  # goes up when the engine itself changes what results mean

Kind = Literal["release", "file", "archive", "source", "comparison"]
OF_ARCHIVES = ("archive", "source")  # the kinds of units that read an archive
OfFile = Literal["file", "archive", "source"]


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of work with a result of its own: rules over one file, or the release.

    `key` is the same exactly when the answer must be the same: it covers the path, the bytes, the
    rules with their versions, and everything else that these rules read. `size` in bytes is what
    there is to read: nothing for comparisons, which use what was found in archives.
    """

    key: str
    kind: Kind
    path: str
    rules: tuple[str, ...]
    size: int


def plan(candidate: Candidate) -> tuple[Unit, ...]:
    """All units of a candidate, quick answers first: the release, small files, then archives, and
    at last comparisons of what was found in these. What compares an archive with its source
    follows on the archive, so that both can share one reading of it."""
    return (
        *_release_units(candidate),
        *sorted(_units(candidate, "file"), key=_by_size),
        *sorted((*_units(candidate, "archive"), *_units(candidate, "source")), key=_by_size),
        *sorted(_comparisons(candidate), key=_by_size),
    )


@cache
def rules_digest() -> str:
    """A digest of all rules with their versions: what a verdict was made with."""
    told = [FORMAT, *([rule.slug, rule.version] for rule in ALL)]
    return hashlib.sha256(canonical(told)).hexdigest()


def rules_of(unit: Unit) -> tuple[Rule, ...]:
    """The rules a unit names, in the order of the catalogue."""
    return tuple(rule for rule in ALL if rule.slug in unit.rules)


def readings(units: Iterable[Unit]) -> Iterator[tuple[Unit, ...]]:
    """The units that share one reading, each group in its order: an archive is read once."""
    for (_, path), group in groupby(units, key=lambda unit: (unit.kind in OF_ARCHIVES, unit.path)):
        together = tuple(group)
        if path and together[0].kind in OF_ARCHIVES:
            yield together
        else:
            yield from ((unit,) for unit in together)


def _by_size(unit: Unit) -> tuple[int, str]:
    return unit.size, unit.path


def _release_units(candidate: Candidate) -> Iterator[Unit]:
    if rules := [rule for rule in ALL if isinstance(rule, ReleaseRule)]:
        inputs = {rule.slug: rule.inputs(candidate) for rule in rules}
        yield _unit("release", None, rules, inputs, candidate)


def _units(candidate: Candidate, kind: OfFile) -> Iterator[Unit]:
    """One unit for each file that at least one rule of this kind applies to."""
    for file in candidate.files:
        if rules := _rules_for(file, kind, candidate):
            inputs = {rule.slug: rule.inputs(file, candidate) for rule in rules}
            yield _unit(kind, file, rules, inputs, candidate)


def _comparisons(candidate: Candidate) -> Iterator[Unit]:
    """One unit for each file that is compared with others: their bytes are in its key."""
    rules = [rule for rule in ALL if isinstance(rule, ComparisonRule)]
    for file in candidate.files:
        others = {rule: rule.others(file, candidate) for rule in rules}
        if compared := [rule for rule in rules if others[rule]]:
            inputs = {
                rule.slug: [
                    rule.compares.version,
                    sorted([each.path, each.sha256] for each in others[rule]),
                ]
                for rule in compared
            }
            yield _unit("comparison", file, compared, inputs, candidate)


def _rules_for(file: File, kind: OfFile, candidate: Candidate) -> list[FileRule | ArchiveRule]:
    if kind != "file" and not is_archive(file.path):
        return []
    rules = [
        rule for rule in ALL if isinstance(rule, FileRule | ArchiveRule) and _kind_of(rule) == kind
    ]
    return [rule for rule in rules if rule.applies_to(file, candidate)]


def _kind_of(rule: FileRule | ArchiveRule) -> OfFile:
    if isinstance(rule, FileRule):
        return "file"
    return "source" if isinstance(rule, SourceRule) else "archive"


def _unit(
    kind: Kind,
    file: File | None,
    rules: list[Any],
    inputs: dict[str, Any],
    candidate: Candidate,
) -> Unit:
    path = file.path if file else ""
    policy = candidate.policy.as_json()
    identity = {
        "format": FORMAT,
        "kind": kind,
        "path": path,
        "sha256": file.sha256 if file else "",
        "rules": [[rule.slug, rule.version] for rule in rules],
        "inputs": inputs,
        "policy": {name: policy[name] for rule in rules for name in rule.reads},
    }
    key = hashlib.sha256(canonical(identity)).hexdigest()
    size = file.size if file and kind != "comparison" else 0
    return Unit(key, kind, path, tuple(rule.slug for rule in rules), size)
