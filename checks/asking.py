"""What a reader of findings asks to see, as the address of the page says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import QueryDict

from checks.engine.model import Level
from checks.models import FindingQuerySet, Ignore, Run

LEVELS = [str(level) for level in reversed(Level)]
WHOLE = "."  # in addresses: the release as a whole, which has no path
LONGEST = 1200  # characters of a wish
FACETS = ("level", "rule", "file", "new", "under")


@dataclass(frozen=True)
class Asked:
    """What the reader asked to see: "" is no wish. `every` lists each finding by itself; `ignored`
    lists what is ignored instead of what counts: all of it, or what the ignore of this number
    hides."""

    level: str = ""
    rule: str = ""
    file: str = ""
    new: str = ""
    ignored: str = ""
    under: str = ""
    every: str = ""
    since: str = ""
    revision: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """From the query of an address. What no finding could have is no wish."""
        wishes = {name: query.get(name, "") for name in cls.__dataclass_fields__}
        given = {name: wish.replace("\0", "")[:LONGEST] for name, wish in wishes.items()}
        if given["level"] not in LEVELS:
            given["level"] = ""
        if given["ignored"] and not (given["ignored"].isdecimal() and len(given["ignored"]) < 9):
            given["ignored"] = "yes"
        return cls(**given)

    def but(self, **changes: str) -> str:
        """The query for the same with these changes, from its first page on."""
        query = QueryDict(mutable=True)
        wishes = replace(self, **changes)
        for name in self.__dataclass_fields__:
            if value := getattr(wishes, name):
                query[name] = value
        return f"?{query.urlencode()}"

    def listed(self, run: Run, path: str | None = None) -> FindingQuerySet:
        """The findings that a page lists before any filter, of one file with `path`: what counts,
        or what is ignored."""
        found = run.findings if path is None else run.about(path)
        if not self.ignored:
            return found.exclude(run.hidden)
        if self.ignored == "yes":
            return found.filter(run.hidden)
        one = [each for each in run.ignores if str(each.pk) == self.ignored]
        return found.filter(Ignore.objects.hidden_by(one))

    @property
    def others(self) -> list[tuple[str, str]]:
        """All wishes but the file, for the form in which one chooses a file."""
        wishes = [(name, getattr(self, name)) for name in self.__dataclass_fields__]
        return [(name, value) for name, value in wishes if value and name not in ("file", "under")]

    def wider(self) -> str:
        """The query for everything that the page can list."""
        return self.but(**dict.fromkeys((*FACETS, "every"), ""))

    @property
    def any(self) -> bool:
        """Whether less than all is asked for."""
        return any(getattr(self, name) for name in FACETS)


@dataclass(frozen=True)
class Choice:
    """One value that a filter may have, with how many findings it would leave."""

    value: str
    count: int
    query: str
    chosen: bool
