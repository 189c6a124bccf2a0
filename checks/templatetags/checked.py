"""What the checks said, for pages of layers below: templates ask, views there do not know."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.db.models import Count

from checks.engine.model import Level
from checks.models import Run
from releases.models import Entry, Revision
from releases.phases import Verdict
from trusted_releases.ledger.models import Job

register = template.Library()

RULE = "signature"  # the rule that judges signatures
SIGNATURES = (".asc", ".sig")
SIDE_FILES = (".asc", ".sig", ".sha256", ".sha512", ".sha1", ".md5")


@dataclass
class Row:
    """A file as a list shows it: with the findings about it and what its signature is worth."""

    entry: Entry
    counts: dict[str, int]
    signature: str

    @property
    def worst(self) -> str:
        """The worst level found, "" when nothing was said."""
        found = [level for level in reversed(Level) if self.counts.get(str(level))]
        return str(found[0]) if found else ""

    @property
    def is_side_file(self) -> bool:
        return self.entry.path.endswith(SIDE_FILES)


@register.simple_tag
def run_of(revision: Revision | None) -> Run | None:
    """The checks of this revision, or None when no worker has seen it yet."""
    return Run.objects.filter(revision=revision).first() if revision else None


@register.simple_tag
def checks_stopped(revision: Revision) -> bool:
    """Whether no worker will go on with the checks of this revision by itself."""
    return Job.objects.about(revision).failed().exists()


@register.simple_tag
def file_rows(revision: Revision | None, entries: Iterable[Entry]) -> list[Row]:
    """The files with what the checks say of each, in one question to the database."""
    found = _found(revision)
    entries = list(entries)
    paths = {entry.path for entry in entries}
    return [
        Row(entry, _by_level(found[entry.path]), _signature(entry.path, paths, found))
        for entry in entries
    ]


# Of each path: how many findings of which level and rule.
Found = dict[str, list[tuple[str, str, int]]]


def _found(revision: Revision | None) -> Found:
    """Nothing before there is a verdict. A later run over the same files (a key was added) may be
    under way beside it: what was found still holds, and is still shown."""
    found: Found = defaultdict(list)
    run = run_of(revision)
    if revision is not None and run is not None and revision.verdict != Verdict.PENDING:
        rows = run.findings.values_list("path", "level", "rule").annotate(Count("pk"))
        for path, level, rule, count in rows:
            found[path].append((level, rule, count))
    return found


def _by_level(rows: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for level, _, count in rows:
        counts[level] += count
    return dict(counts)


def _signature(path: str, paths: set[str], found: Found) -> str:
    """What the signature of this file is worth; "" for files that are not signed.

    `good`, `doubtful` (it counts once somebody has looked), `refused`, `unknown` (not judged yet)
    or `none`. Never "bad": for gpg that is a file that was changed, and here it may as well be a
    key that nobody has added.
    """
    if path.endswith(SIDE_FILES):
        return ""
    beside = next((path + end for end in SIGNATURES if path + end in paths), None)
    if beside is None:
        return "none"
    levels = {level for place in (path, beside) for level, rule, _ in found[place] if rule == RULE}
    if not levels:
        return "unknown"
    if str(Level.BLOCKER) in levels:
        return "refused"
    return "doubtful" if str(Level.CONCERN) in levels else "good"
