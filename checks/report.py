"""What there is to say about one file: whose signature it has, what lies in it, since when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import Any

from checks.asking import Asked
from checks.engine.model import Level
from checks.models import Finding, FindingQuerySet, Run
from releases.models import Entry, Release

RULE = "signature"  # the rule that judges signatures
SIGNATURE = ".asc"
PLACES = 100  # folders and members that are listed at once
HISTORY = 20


@dataclass
class Place:
    """A folder or a member of an archive, with how many findings are about it or below it."""

    name: str
    path: str
    is_folder: bool
    counts: Counter[str] = field(default_factory=Counter)
    query: str = ""

    @property
    def count(self) -> int:
        return self.counts.total()

    @property
    def rank(self) -> int:
        return max(Level(level).rank for level in self.counts)

    @property
    def worst(self) -> str:
        return str(list(Level)[self.rank])


@dataclass(frozen=True)
class Places:
    """What lies below one folder of an archive; `more` are those that are not listed."""

    under: str
    steps: tuple[tuple[str, str], ...]  # the folders above, with the query that leads there
    listed: tuple[Place, ...]
    more: int


def places_of(findings: FindingQuerySet, asked: Asked) -> Places | None:
    """The folders and members that these findings are about, below what was asked for, the worst
    first; None when they are about the file itself only.

    A folder that holds all the rest is stepped through: nobody wants to click on what is alone.
    """
    rows = list(findings.exclude(member="").order_by().values_list("member", "level"))
    if not rows:
        return None
    inside = [row for row in rows if row[0].startswith(asked.under)]
    common = commonprefix([member for member, _ in inside])  # noqa: RUF071 - cut at its last slash
    under = _folder(common) if inside else asked.under
    places: dict[str, Place] = {}
    for member, level in inside:
        name, slash, _ = member[len(under) :].partition("/")
        place = places.setdefault(
            name + slash, Place(name + slash, under + name + slash, bool(slash))
        )
        place.counts[level] += 1
    worst = sorted(
        places.values(), key=lambda place: (-place.rank, not place.is_folder, place.name)
    )
    for place in worst:
        place.query = asked.but(under=place.path)
    return Places(under, _steps(under, asked), tuple(worst[:PLACES]), len(worst[PLACES:]))


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _steps(under: str, asked: Asked) -> tuple[tuple[str, str], ...]:
    """The folders on the way, each with where a click on it leads."""
    names = under.split("/")[:-1]
    ends = ["/".join(names[: place + 1]) + "/" for place in range(len(names))]
    return tuple((name, asked.but(under=end)) for name, end in zip(names, ends, strict=True))


@dataclass(frozen=True)
class Signer:
    """One judgement on a signature of the file: by whom, as far as that is known, and its worth."""

    finding: Finding
    name: str
    fingerprint: str

    @property
    def counts(self) -> bool:
        return self.finding.level != Level.BLOCKER


def signers_of(run: Run, path: str) -> list[Signer]:
    """What was found about each signature of a file, as `signature` says it; worst first."""
    signature = path if path.endswith(SIGNATURE) else path + SIGNATURE
    found = run.about(signature).filter(rule=RULE).worst_first()
    return [Signer(each, *_whose(each.data)) for each in found]


def _whose(facts: dict[str, Any]) -> tuple[str, str]:
    return facts.get("user_id") or "", facts.get("certificate_fingerprint") or ""


def kind_of(findings: Iterable[Finding]) -> str:
    """What sort of file it is, as the rule about paths read it; "" where it did not say."""
    return next((each.data["class"] for each in findings if "class" in each.data), "")


@dataclass(frozen=True)
class Span:
    """A content that a path had for a run of revisions; `last` is None while it has it."""

    entry: Entry
    since: int
    last: int | None


def history_of(release: Release, path: str) -> list[Span]:
    """Each content that this path has had, the latest first."""
    entries = Entry.objects.filter(release=release, path=path).select_related("blob", "uploaded_by")
    latest = entries.order_by("-since")[:HISTORY]
    return [Span(each, each.since, each.until - 1 if each.until else None) for each in latest]
