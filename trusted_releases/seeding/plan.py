"""Which versions of which projects there are, when each began, and how far it has come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from releases.phases import Phase
from trusted_releases.seeding import names
from trusted_releases.seeding.people import Home
from trusted_releases.seeding.scales import Large, Scale

YEARS = 9
LONGEST_LIFE = timedelta(days=30)  # of a release, from its start to its announcement


@dataclass(frozen=True, slots=True)
class Planned:
    """A release to be. One that is `large` has as many files, findings and ballots as that says."""

    home: Home
    version: str
    start: datetime
    phase: Phase
    large: Large | None = None


def plan(homes: list[Home], scale: Scale, seed: int, at: datetime) -> list[Planned]:
    """All releases in the order of their starts. The newest of them are not finished yet.

    The last of `homes` is the large one.
    """
    *others, home = homes
    begun = sorted(_begun(others, scale, seed, at), key=lambda each: (each[0], each[1].slug))
    dice = Random(f"{seed}:phases")  # noqa: S311 - made-up data
    unfinished = [
        *[Phase.COMPOSE] * scale.composing,
        *[Phase.VOTE] * scale.voting,
        *[Phase.FINISH] * scale.finishing,
    ]
    dice.shuffle(unfinished)
    phases = [Phase.RELEASED] * (len(begun) - len(unfinished)) + unfinished
    planned = [
        Planned(home, version, start, phase)
        for (start, home, version), phase in zip(begun, phases, strict=True)
    ]
    return sorted([*planned, *_large(home, scale.large, at)], key=lambda each: each.start)


def _large(home: Home, large: Large, at: datetime) -> Iterator[Planned]:
    """Of the large project: a release every ten days, and then the two that are large."""
    newest = at - LONGEST_LIFE
    for number in range(large.releases):
        start = newest - timedelta(days=10 * (large.releases - number))
        yield Planned(home, f"{1 + number // 20}.{number % 20}.0", start, Phase.RELEASED)
    next_ = 1 + large.releases // 20
    yield Planned(home, f"{next_}.90.0", newest, Phase.VOTE, large)
    yield Planned(home, f"{next_}.91.0", newest, Phase.COMPOSE, large)


def _begun(
    homes: list[Home], scale: Scale, seed: int, at: datetime
) -> Iterator[tuple[datetime, Home, str]]:
    """A few projects release often, most of them rarely: as one over the root of their rank."""
    weights = [(rank + 1) ** -0.5 for rank in range(len(homes))]
    share = scale.releases / sum(weights)
    counted, due = 0, 0.0
    for home, weight in zip(homes, weights, strict=True):
        due += weight * share
        count = round(due) - counted
        counted += count
        dice = Random(f"{seed}:{home.slug}")  # noqa: S311 - made-up data
        suffix = "-incubating" if home.team.is_podling else ""
        age = timedelta(days=dice.uniform(YEARS * 365 / 3, YEARS * 365))
        starts = sorted(at - LONGEST_LIFE - age * dice.random() for _ in range(count))
        yield from zip(starts, [home] * count, names.versions(dice, count, suffix), strict=True)
