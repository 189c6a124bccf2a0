"""Which findings a page lists, under which headings, and how many there are of each.

Rows with one sentence about many members of one file are listed as one item with its first members,
so that two hundred files without a header are one thing to read. What is counted is findings, never
items, and everything is counted from the very query that is listed: the numbers on a page are those
of what it shows.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field, replace
from functools import cached_property, reduce
from itertools import groupby
from operator import or_
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from checks.asking import FACETS, LEVELS, WHOLE, Asked, Choice
from checks.comparing import Comparison, in_section, kept
from checks.engine.model import Level
from checks.models import WORST_FIRST, Finding, FindingQuerySet, Run

ITEMS = 25  # on a page
MEMBERS = 20  # of one item; the rest is one link away
FILES = 100  # that one can choose from: those with the worst findings
GROUP = ("section", "rank", "path", "rule", "message")
# What somebody has to do about findings of a level.
DUTIES = {
    Level.BLOCKER: ("You must mend", "No vote can be called while there is one."),
    Level.CONCERN: ("You must read", "Mend it, or confirm when you call the vote that it is fine."),
    Level.SUGGESTION: ("You should consider", "It could be better. Nothing stands in the way."),
    Level.NOTE: ("Nothing to do", "What was looked at and is fine."),
}


@dataclass
class Item:
    """One sentence of one rule about one file, with the members it is true of."""

    first: Finding
    count: int
    shown: list[Finding] = field(default_factory=list)
    query: str = ""  # to all of them, where they are not all here

    @property
    def folded(self) -> bool:
        return self.count > 1

    @property
    def left_out(self) -> int:
        return self.count - len(self.shown)


@dataclass
class Block:
    """The items of one level about one file, one after the other on a page.

    The first of its section on a page, and the first of its level, carry their heading: `opens_…`
    says so, and `…_total` how many findings there are under it on all pages.
    """

    section: int
    level: str
    path: str
    items: list[Item]
    opens_section: bool
    opens_level: bool
    section_total: int
    level_total: int

    @property
    def duty(self) -> str:
        return DUTIES[Level(self.level)][0]

    @property
    def what_then(self) -> str:
        return DUTIES[Level(self.level)][1]


class Listing:
    """The findings of a run that were asked for, page by page; with `path`, of one file only."""

    def __init__(
        self,
        run: Run,
        asked: Asked,
        comparison: Comparison | None = None,
        *,
        path: str | None = None,
    ) -> None:
        self.run = run
        self.path = path
        self.asked = asked if comparison else replace(asked, new="")
        self.comparison = comparison

    @property
    def all(self) -> FindingQuerySet:
        return self.asked.listed(self.run, self.path)

    @property
    def number(self) -> int:
        """How many there are to list, whatever filters are set."""
        which = ("all", self.path, self.asked.ignored)
        found: int = kept([self.run], which, self.all.count)
        return found

    def findings(self, *but: str) -> FindingQuerySet:
        """What was asked for, without these filters."""
        found = self.all
        for name in FACETS:
            value = getattr(self.asked, name)
            if value and name not in but:
                found = found.filter(self._wish(name, value))
        return found

    def _wish(self, name: str, value: str) -> Q:
        if name == "new":
            return self.comparison.is_new() if self.comparison else Q()
        if name == "file":
            return Q(path="" if value == WHOLE else value)
        if name == "under":
            return Q(member__startswith=value)
        return Q(**{name: value})

    @cached_property
    def counts(self) -> dict[tuple[int, str], int]:
        """How many findings are listed in each section at each level, on all pages together."""
        rows = self.findings().annotate(section=in_section(self.comparison)).order_by()
        rows = rows.values_list("section", "level").annotate(Count("pk"))
        found = self._kept("counts", lambda: list(rows))
        return {(section, level): count for section, level, count in found}

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def section_total(self, section: int) -> int:
        return sum(count for (each, _), count in self.counts.items() if each == section)

    @cached_property
    def levels(self) -> list[Choice]:
        return self._choices("level", self._kept("levels", self.findings("level").counts))

    @cached_property
    def rules(self) -> list[Choice]:
        found = self._kept("rules", lambda: dict(self._tally("rule").order_by("rule")))
        if self.asked.rule:
            found.setdefault(self.asked.rule, 0)
        return self._choices("rule", found)

    @cached_property
    def files(self) -> list[Choice]:
        """The files that have findings, the worst first; the one that was asked for is there."""
        worst = self._tally("path").annotate(rank=Min(WORST_FIRST)).order_by("rank", "path")
        rows = self._kept("files", lambda: list(worst[:FILES]))
        found = {path or WHOLE: count for path, count, _ in rows}
        if self.asked.file:
            found.setdefault(self.asked.file, self.total)
        return self._choices("file", found)

    @cached_property
    def news(self) -> Choice | None:
        """The filter for what is new, where there is something to compare with."""
        if self.comparison is None:
            return None
        new = self.findings("new").filter(self.comparison.is_new())
        count = self._kept("news", new.count)
        query = self.asked.but(new="" if self.asked.new else "yes")
        return Choice("new", count, query, bool(self.asked.new))

    def _tally(self, name: str) -> Any:
        without = {"path": "file"}.get(name, name)
        return self.findings(without).order_by().values_list(name).annotate(Count("pk"))

    def _choices(self, name: str, counts: Mapping[str, int]) -> list[Choice]:
        """One choice each; that of what is chosen already takes the filter away."""
        asked = getattr(self.asked, name)
        order = LEVELS if name == "level" else list(counts)
        return [
            Choice(
                value,
                counts[value],
                self.asked.but(**{name: "" if value == asked else value}),
                value == asked,
            )
            for value in order
            if counts[value] or name == "level" or value == asked
        ]

    def page(self, number: str | int | None) -> Page:
        """A page of items; a number that is none leads to the first page, or the last."""
        page: Page = Paginator(self._order, ITEMS).get_page(number)
        page.object_list = self._items(self._groups_of(list(page.object_list)))
        return page

    def place_of(self, finding: Finding) -> int:
        """How many items come before this finding, where each is listed by itself."""
        return [one for _, one, _ in self._order].index(finding.pk)

    @cached_property
    def _order(self) -> list[tuple[int, int, int]]:
        """Every item in its place: its section, its first finding, how many there are."""
        rows = self._groups().values_list("section", "one", "count")
        order: list[tuple[int, int, int]] = self._kept("order", lambda: list(rows))
        return order

    def _kept(self, what: str, ask: Callable[[], Any]) -> Any:
        """The answer about what was asked for, which stays the same once the checks have ended."""
        other = self.comparison.other if self.comparison else None
        return kept([self.run, other], (what, self.path, *astuple(self.asked)), ask)

    def _groups(self) -> QuerySet:
        key = (*GROUP, "pk") if self.asked.every else GROUP
        groups = self._placed().order_by().values(*key)
        groups = groups.annotate(count=Count("pk"), at=Min("place"), one=Min("pk"))
        return groups.order_by("section", "rank", "path", "rule", "at", "one")

    def _groups_of(self, order: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
        """These items with what makes each a group."""
        firsts = Finding.objects.in_bulk([one for _, one, _ in order])
        return [
            {
                "section": section,
                "rank": -Level(firsts[one].level).rank,
                **{name: getattr(firsts[one], name) for name in ("path", "rule", "message")},
                "count": count,
                "first": firsts[one],
            }
            for section, one, count in order
        ]

    def _placed(self) -> FindingQuerySet:
        return self.findings().annotate(section=in_section(self.comparison), rank=WORST_FIRST)

    def _items(self, groups: list[dict[str, Any]]) -> list[tuple[int, Item]]:
        """The groups with their findings: two more questions, however many there are of either."""
        members = self._members([each for each in groups if each["count"] > 1])
        items = []
        for group in groups:
            shown = [group["first"]] if group["count"] == 1 else members[_key(group)]
            items.append((group["section"], self._item(shown, group["count"])))
        return items

    def _item(self, shown: list[Finding], count: int) -> Item:
        first = shown[0]
        wishes = {"level": first.level, "rule": first.rule}
        if self.path is None:
            wishes["file"] = first.path or WHOLE
        return Item(first, count, shown, self.asked.but(**wishes, every="yes"))

    def _members(self, groups: list[dict[str, Any]]) -> dict[tuple[str, ...], list[Finding]]:
        """The first findings of each of these groups."""
        if not groups:
            return {}
        number = Window(
            RowNumber(), partition_by=[F(name) for name in GROUP], order_by=[F("place"), F("pk")]
        )
        ours = [{name: each[name] for name in ("path", "rule", "message")} for each in groups]
        wanted = reduce(or_, (Q(**each) for each in ours))
        rows = self._placed().filter(wanted).annotate(number=number).filter(number__lte=MEMBERS)
        keys = rows.order_by("place", "pk").values_list(*GROUP, "pk")
        told = self._kept(f"members:{[each['first'].pk for each in groups]}", lambda: list(keys))
        findings = Finding.objects.in_bulk([row[-1] for row in told])
        found: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
        for *group, pk in told:
            found[tuple(group)].append(findings[pk])
        return found


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in GROUP)


def blocks_of(items: list[tuple[int, Item]], listing: Listing) -> list[Block]:
    """The items of a page of this listing under their sections, levels and files."""
    blocks: list[Block] = []
    before: tuple[int, str] | tuple[None, None] = None, None
    for (section, level, path), rows in groupby(items, key=_heading):
        blocks.append(
            Block(
                section,
                level,
                path,
                [item for _, item in rows],
                opens_section=section != before[0],
                opens_level=(section, level) != before,
                section_total=listing.section_total(section),
                level_total=listing.counts[section, level],
            )
        )
        before = section, level
    return blocks


def _heading(row: tuple[int, Item]) -> tuple[int, str, str]:
    section, item = row
    return section, item.first.level, item.first.path
