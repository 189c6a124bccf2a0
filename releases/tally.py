"""Counting a vote: a pure function of ballots, the people whose votes bind, and the rule.

The rule is the foundation's (Vote Policy of the data model; release policy "What are the ASF
requirements on approving a release?"): at least three binding +1, and more binding +1 than binding
-1. A -1 is no veto on a release.
"""

from collections.abc import Iterable, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

CHOICES = ("+1", "0", "-1")


@dataclass(frozen=True, slots=True)
class Cast:
    """One ballot: who, what, when. `order` settles which of two at one instant came later."""

    voter: str
    choice: str
    at: datetime
    order: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """When a vote passes. `ends_at` None: it may end as soon as the count allows."""

    binding_needed: int = 3
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    for_it: int = 0
    abstain: int = 0
    against: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """The count at an instant.

    `passes`: the count is enough and the time is over. `missing` are sentences that say what a
    pass still needs; empty exactly when it passes.
    """

    binding: Counts
    other: Counts
    enough: bool
    passes: bool
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def effective(ballots: Iterable[Cast]) -> dict[str, Cast]:
    """Each voter's last ballot: a changed vote counts once."""
    last: dict[str, Cast] = {}
    for ballot in ballots:
        if ballot.choice not in CHOICES:
            raise ValueError(f"{ballot.choice!r} is no vote: it must be one of {CHOICES}.")
        known = last.get(ballot.voter)
        if known is None or (ballot.at, ballot.order) > (known.at, known.order):
            last[ballot.voter] = ballot
    return last


def carried(first: Iterable[Cast], own: Iterable[Cast], binding: Set[str]) -> list[Cast]:
    """The votes of a first round that count in the second, whose own votes are these.

    They are of those whose votes bind in the second, until they vote in it themselves: then theirs
    of the first round counts no more, whatever clocks say.
    """
    voted = {ballot.voter for ballot in own}
    last = effective(first)
    return [last[voter] for voter in sorted(last) if voter in binding and voter not in voted]


def count(ballots: Iterable[Cast]) -> Counts:
    choices = [ballot.choice for ballot in ballots]
    return Counts(*(choices.count(choice) for choice in CHOICES))


def tally(ballots: Iterable[Cast], binding: Set[str], rule: Rule, now: datetime) -> Tally:
    """Count the ballots. `binding` holds the voters whose votes bind at this instant."""
    last = effective(ballots)
    ours = count(ballot for voter, ballot in last.items() if voter in binding)
    others = count(ballot for voter, ballot in last.items() if voter not in binding)
    short = tuple(_shortfalls(ours, rule))
    waiting = rule.ends_at is not None and now < rule.ends_at
    missing = (*short, *(["The vote is still open."] if waiting else []))
    return Tally(ours, others, enough=not short, passes=not missing, missing=missing)


def _shortfalls(ours: Counts, rule: Rule) -> Iterable[str]:
    if (short := rule.binding_needed - ours.for_it) > 0:
        yield f"{short} more binding +1 needed ({ours.for_it} of {rule.binding_needed})."
    if ours.for_it <= ours.against:
        yield (
            f"More binding +1 than -1 are needed; there are {ours.for_it} +1 and {ours.against} -1."
        )
