"""What the checks said, for pages of layers below: templates ask, views there do not know."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.db.models import Count

from checks import guide, rules
from checks.comparing import Comparison, comparisons_of, kept
from checks.engine.model import Level
from checks.engine.rule import Rule
from checks.models import Finding, Ignore, Run, ignored_in
from releases.models import Entry, Revision
from releases.phases import Verdict
from trusted_releases.ledger.models import Job, WorkerBeat

register = template.Library()

RULES = {rule.slug: rule for rule in rules.ALL}
QUEUES = ("default", "heavy")  # that checks wait in, one after the other
SOURCE = "source.tree"  # the rule that compares with the commit
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
def checks_are_served() -> bool:
    """Whether workers are alive that run checks, the quick ones and the rest."""
    return all(WorkerBeat.objects.serving(queue) for queue in QUEUES)


@register.simple_tag
def compared_with_source(revision: Revision | None) -> list[Finding]:
    """How each source archive of a revision compares with its commit, as a whole."""
    run = run_of(revision)
    if run is None:
        return []
    return list(run.findings.filter(rule=SOURCE, data__has_key="kind").order_by("path"))


@register.simple_tag
def ignored_of(revision: Revision | None) -> list[tuple[Ignore, int]]:
    """What is ignored in a revision: each ignore, and how many findings it hides there."""
    run = run_of(revision)
    if run is None or revision is None:
        return []
    run.revision = revision
    return ignored_in(run)


@register.simple_tag
def rule_of(slug: str) -> Rule | None:
    """The rule of this name; None for one that there is no more."""
    return RULES.get(slug)


@register.simple_tag
def guide_of(slug: str) -> guide.Guide | None:
    """What people read about a rule beside its policy."""
    return guide.GUIDES.get(slug)


@register.simple_tag
def changes_since(revision: Revision | None) -> Comparison | None:
    """What is new and what is fixed in this revision, and against what.

    Of `{% changes_since revision as changes %}` one asks `new_count`, `new_counts` by level,
    `fixed_count`, `against` (“revision 3”, “Tool 1.0”) and `url`, the page of what it is compared
    with. None before there is a verdict, and where there is nothing to compare with. Seven
    questions to the database, whatever the number of findings.
    """
    run = run_of(revision)
    if run is None or revision is None:
        return None
    run.revision = revision
    return next(comparisons_of(run), None)


@register.simple_tag
def file_rows(revision: Revision | None, entries: Iterable[Entry]) -> list[Row]:
    """The files with what the checks say of each: two questions to the database, and one more
    where these are not all files of the revision."""
    entries = list(entries)
    paths = {entry.path for entry in entries}
    beside = {path + end for path in paths for end in SIGNATURES} - paths
    found = _found(revision, paths | beside)
    if revision is not None and revision.file_count > len(entries):
        # Its signature may be on the next page.
        others = Entry.objects.filter(release=revision.release_id, path__in=beside)
        paths |= set(others.at(revision.number).values_list("path", flat=True))
    return [
        Row(entry, _by_level(found[entry.path]), _signature(entry.path, paths, found))
        for entry in entries
    ]


# Of each path: how many findings of which level and rule.
Found = dict[str, list[tuple[str, str, int]]]


def _found(revision: Revision | None, paths: set[str]) -> Found:
    """What was said of these files; nothing before there is a verdict. A later run over the same
    files (a key was added) may be under way beside it: what was found still holds, and is still
    shown."""
    found: Found = defaultdict(list)
    run = run_of(revision)
    if revision is not None and run is not None and revision.verdict != Verdict.PENDING:
        run.revision = revision
        open_ = run.about(*paths).exclude(run.hidden).values_list("path", "level", "rule")
        asked = open_.annotate(Count("pk"))
        rows = kept([run], ("files", sorted(paths)), lambda: list(asked))
        for path, level, rule, count in rows:
            found[path].append((level, rule, count))
        if run.ignores:  # a signature that somebody does not mind is no better for it
            doubts = run.about(*paths).filter(run.hidden, rule=RULE).values_list("path", "level")
            for path, level in doubts:
                found[path].append((level, RULE, 0))
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
