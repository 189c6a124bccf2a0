"""What is new, known and fixed in the findings of one revision against another.

A finding is *known* when the other revision has one with the same mark (see `checks.marks`), *new*
when it has none, and what only the other has is *fixed*, or went with its file. Notes are never
fixed: they report what is fine. A note that became a problem is new.

Results are shared between revisions, and an unchanged file has the very same one in both. So only
those results are compared that one side has and the other has not: the cost follows from what
changed, and not from the size of the release. All of it happens in the database.

Some rules name the first hundred members only. Where such a list was cut in the other revision,
nobody knows what of ours was beyond its end, and where it was cut in ours, what of theirs is. These
are taken for known, and `uncertain` names them, rather than to tell of news that are none.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.urls import reverse

from checks.engine.model import Level
from checks.marks import without_version
from checks.models import Finding, FindingQuerySet, Run
from releases.models import Release, Revision
from releases.phases import Phase

BEFORE, RELEASED = "revision", "release"  # against what: the names in addresses
PROBLEM = ~Q(level=Level.NOTE)
CUT = 100  # members of a file that a rule names before it only counts: a list so long may be cut
MORE = Q(data__has_key="more") | Q(data__has_key="left_out")  # what says that it was
FEW = 50_000  # new findings that a query names one by one; beyond that it looks for them itself

KEPT = 3600  # seconds that a process remembers how two runs compare

Pair = tuple[str, str]  # a rule and the path of a file


@dataclass(frozen=True)
class Comparison:
    """The findings of a run against those of another, which came earlier.

    `kind` says which: the previous revision of the same release, or the last released version.
    """

    run: Run
    other: Run
    kind: str

    @property
    def against(self) -> str:
        """With what it is compared, as people call it."""
        if self.kind == RELEASED:
            return str(self.other.revision.release)
        return f"revision {self.other.revision.number}"

    @property
    def url(self) -> str:
        """Where the findings are that it is compared with."""
        revision = self.other.revision
        page = reverse("checks:findings", args=revision.release.url_args)
        return f"{page}?revision={revision.number}"

    def is_new(self) -> Q:
        """Picks the new ones among the findings of the run."""
        few = self._few
        return among(few) if len(few) <= FEW else Q(pk__in=self._fresh().values("pk"))

    def new(self) -> FindingQuerySet:
        return Finding.objects.filter(self.is_new())

    def fixed(self) -> FindingQuerySet:
        """The problems that the other revision has, and this one has not."""
        fresh, gone = self._only(self.run, self.other), self._only(self.other, self.run)
        found = gone.problems().exclude(mark__in=fresh.problems().values("mark"))
        return found.exclude(_listed_in(self._cut_in_both[1]))

    @cached_property
    def _few(self) -> list[int]:
        """The new ones, or one more than a query should name: most revisions change little, and
        all that a page asks is answered at once when the answer to this is known."""
        return self._kept(
            "few", lambda: list(self._fresh().values_list("pk", flat=True)[: FEW + 1])
        )

    def _kept(self, what: str, ask: Callable[[], Any]) -> Any:
        return kept([self.run, self.other], what, ask)

    def _fresh(self) -> FindingQuerySet:
        fresh, gone = self._only(self.run, self.other), self._only(self.other, self.run)
        known = (PROBLEM & Q(mark__in=gone.problems().values("mark"))) | (
            ~PROBLEM & Q(mark__in=gone.values("mark"))
        )
        fresh = fresh.exclude(known).exclude(_listed_in(self._cut_in_both[0]))
        return fresh.exclude(self.run.hidden).order_by()  # what is ignored is no news

    @property
    def uncertain(self) -> list[Pair]:
        """The rules and files whose lists were cut, so that not all of what is new, or fixed, is
        known."""
        new, fixed = self._cut_in_both
        return sorted({*new, *fixed})

    @cached_property
    def _cut_in_both(self) -> tuple[list[Pair], list[Pair]]:
        """Where our findings, and where theirs, are of a list that was cut on the other side."""
        pairs: tuple[list[Pair], list[Pair]] = self._kept("cut", self._find_cut)
        return pairs

    def _find_cut(self) -> tuple[list[Pair], list[Pair]]:
        fresh, gone = self._only(self.run, self.other), self._only(self.other, self.run)
        ours, theirs = self._lists(fresh, self.run), self._lists(gone, self.other)
        cut_here = {place for place, (_, cut) in ours.items() if cut}
        cut_there = {place for place, (_, cut) in theirs.items() if cut}
        return (
            [pair for place, (pair, _) in ours.items() if place in cut_there],
            [pair for place, (pair, _) in theirs.items() if place in cut_here],
        )

    @staticmethod
    def _lists(findings: FindingQuerySet, run: Run) -> dict[Pair, tuple[Pair, bool]]:
        """The rules and files that have findings about members, under names without the version;
        whether there are so many that they may be cut."""
        rows = findings.order_by().values_list("rule", "path")
        rows = rows.annotate(named=Count("pk", ~Q(member="")), more=Count("pk", MORE))
        version = run.revision.release.version
        return {
            (rule, without_version(path, version)): ((rule, path), named >= CUT or more > 0)
            for rule, path, named, more in rows
            if named or more
        }

    @cached_property
    def new_counts(self) -> dict[str, int]:
        return self._kept("new", lambda: self.new().counts())

    @cached_property
    def new_count(self) -> int:
        """How many new problems: a new note is nothing to act on."""
        return sum(self.new_counts.values()) - self.new_counts[Level.NOTE]

    @cached_property
    def fixed_count(self) -> int:
        return self._kept("fixed", lambda: self.fixed().count())

    @staticmethod
    def _only(run: Run, other: Run) -> FindingQuerySet:
        """The findings in results that `run` has and `other` has not."""
        mine = Finding.objects.filter(result__in=_results(run))
        return mine.exclude(result__in=_results(other))


def kept(runs: Iterable[Run | None], what: object, ask: Callable[[], Any]) -> Any:
    """The answer, from the last time this was asked of these runs: one that has ended stays as it
    is, and when it begins again it ends at another time. What is ignored in the first of them, the
    one that is looked at, is a part of the question."""
    runs = list(runs)
    told: list[object] = [what, [each.pk for each in runs[0].ignores] if runs[0] else []]
    for run in runs:
        if run is not None and (run.finished_at is None or run.state != Run.State.DONE):
            return ask()
        told += [run and run.pk, run and run.finished_at]
    key = sha256(repr(told).encode()).hexdigest()
    return cache.get_or_set(f"checks:{key}", ask, KEPT)


def among(keys: list[int]) -> Q:
    """Picks the rows with these keys, which go to the database as one parameter: it takes only so
    many, and reads them slowly."""
    given: list[Any]
    if connection.vendor == "sqlite":
        sql, given = "SELECT value FROM json_each(%s)", [json.dumps(keys)]
    else:
        sql, given = "SELECT unnest(%s::bigint[])", [keys]
    return Q(pk__in=RawSQL(sql, given))  # noqa: S611 - no text of anybody's


def _results(run: Run) -> QuerySet:
    return Run.results.through.objects.filter(run=run).values("result")


def _listed_in(pairs: list[Pair]) -> Q:
    """Picks what these rules say of members of these files."""
    paths: dict[str, list[str]] = defaultdict(list)
    for rule, path in pairs:
        paths[rule].append(path)
    picked = Q(pk__in=[])
    for rule, found in paths.items():
        picked |= Q(rule=rule, path__in=found) & ~Q(member="")
    return picked


def in_section(comparison: Comparison | None) -> Case | Value:
    """0 for what is new, 1 for the rest: to sort by, and to count by."""
    output = IntegerField()
    if comparison is None:
        return Value(1, output_field=output)
    return Case(When(comparison.is_new(), then=Value(0)), default=Value(1), output_field=output)


def comparisons_of(run: Run) -> Iterator[Comparison]:
    """All that this run can be compared with, what changed last first."""
    if run.state != Run.State.DONE:
        return
    others = ((previous_run(run.revision), BEFORE), (released_run(run.revision.release), RELEASED))
    yield from (Comparison(run, other, kind) for other, kind in others if other is not None)


def previous_run(revision: Revision) -> Run | None:
    """That of the latest earlier revision whose checks came to an end."""
    done = Run.objects.filter(state=Run.State.DONE, revision__release=revision.release_id)
    earlier = done.filter(revision__number__lt=revision.number).order_by("-revision__number")
    found = earlier.select_related("revision").first()
    if found is not None:
        found.revision.release = revision.release
    return found


def released_run(release: Release) -> Run | None:
    """That of the version released last before this one: of its cycle, else of its project."""
    others = Release.objects.filter(project=release.project_id, phase=Phase.RELEASED)
    others = others.exclude(pk=release.pk)
    if release.released_at is not None:
        others = others.filter(released_at__lt=release.released_at)
    same_cycle = Case(
        When(cycle=release.cycle_id, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    last = others.order_by(same_cycle, "-released_at").values("candidate")[:1]
    done = Run.objects.filter(state=Run.State.DONE, revision__in=last)
    return done.select_related("revision__release__project").first()
