"""The count of a vote as people read it: rows of ballots, what they bind, and what is missing."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.timezone import now

from projects.roles import Person
from releases.models import Ballot, Vote
from releases.voices import Voice, carried_voices

PER_PAGE = 20


@dataclass
class Row:
    """A voter's ballot that counts, and those that it replaced."""

    ballot: Ballot
    binds: bool
    replaced: list[Ballot] = field(default_factory=list)

    def holds(self, pk: int) -> bool:
        return pk in {self.ballot.pk, *(each.pk for each in self.replaced)}


@dataclass(frozen=True)
class Count:
    """All ballots of a vote, once each voter: binding ones first, then as they were cast.

    `carried` are the votes of a podling's first round that count in the second.
    """

    vote: Vote
    tally: Any  # of the models, or as the vote has kept it
    binding: set[str]
    rows: list[Row]
    carried: list[Voice]

    @classmethod
    def of(cls, vote: Vote) -> "Count":
        """As it was when the vote was resolved; while it is open, as it is now."""
        kept = vote.counted
        binding = set(kept["binding_voters"]) if kept else vote.binding_names()
        tally = kept["tally"] if kept else vote.tally()
        return cls(vote, tally, binding, _rows(vote, binding), carried_voices(vote))

    def carried_of(self, person: Person) -> Voice | None:
        """The person's vote of the first round, where it counts here."""
        name = person.get_username()
        return next((each for each in self.carried if each.voter == name), None)

    @cached_property
    def against(self) -> list[Row]:
        """Who voted -1; read their comments before anything else."""
        return [row for row in self.rows if row.ballot.choice == "-1"]

    @property
    def told(self) -> str:
        """Differs when anything that the count or the list of ballots tells has changed."""
        newest = max((row.ballot.pk for row in self.rows), default=0)
        return f"{self.vote.outcome} {self._left} {newest} {self.tally} {len(self.rows)}"

    @property
    def _left(self) -> int:
        """The time left, as finely as a page tells it: in minutes, but hours when it is long."""
        if self.vote.ends_at is None:
            return 0
        minutes = int((self.vote.ends_at - now()).total_seconds() // 60)
        return minutes if abs(minutes) < 120 else minutes // 60 * 60

    def page(self, number: Any = None, holding: Any = None) -> Page:
        """A page of rows: the one asked for, or the one with this ballot."""
        pages = Paginator(self.rows, PER_PAGE)
        if isinstance(holding, str) and holding.isdecimal() and len(holding) < 19:
            places = [place for place, row in enumerate(self.rows) if row.holds(int(holding))]
            if places:
                return pages.page(places[0] // PER_PAGE + 1)
        return pages.get_page(number)


@dataclass(frozen=True)
class Standing:
    """What a person's vote is worth, and why, in a sentence."""

    binds: bool
    why: str

    @classmethod
    def of(cls, vote: Vote, person: Person, binding: set[str]) -> "Standing":
        committee = vote.deciding_committee
        if person.is_authenticated and person.username in binding:
            if vote.is_first:
                above = vote.committee.parent
                return cls(True, f"You are a member of {committee}. {above} votes after you.")
            return cls(True, f"Your vote binds: you are a member of {committee}.")
        return cls(
            False,
            f"Your vote is counted and published, and does not bind: the votes of the members of "
            f"{committee} decide.",
        )


def _rows(vote: Vote, binding: set[str]) -> list[Row]:
    rows: dict[int, Row] = {}
    for ballot in vote.ballots.select_related("voter").order_by("cast_at", "pk"):
        before = rows.get(ballot.voter_id)
        replaced = [before.ballot, *before.replaced] if before else []
        rows[ballot.voter_id] = Row(ballot, ballot.voter.username in binding, replaced)
    return sorted(rows.values(), key=lambda row: (not row.binds, row.ballot.pk))
