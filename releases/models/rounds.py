"""The two rounds of a podling's vote: its own members decide first, then those of its parent."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from projects.models import Committee, Recipients, Rules, User
from projects.models.rules import rules_of_committee
from releases import tally
from releases.bundle import votes_in
from releases.models.part import PartOfRelease
from trusted_releases.lib.errors import Obstacle

if TYPE_CHECKING:
    from releases.models.timed import Ending
    from releases.models.vote import Vote

FIRST, SECOND = 1, 2


def second_lists(committee: Committee) -> tuple[str, ...]:
    """Where the second vote of a podling may be called, its usual list first.

    The lists that its parent's own policy names for votes, else the parent's general list.
    """
    if committee.parent is None:
        return ()
    rules: Rules = rules_of_committee(committee.parent)
    return rules.vote_to if rules.is_own("vote_recipients") else (committee.parent.general_list,)


@dataclass(frozen=True)
class Second:
    """The second vote of a podling, as whoever resolves the first asks for it."""

    subject: str
    body: str
    recipients: Recipients
    ending: "Ending"


class Rounded(PartOfRelease):
    """The part of `Vote` that knows its round. A committee votes once, and `round` is None.

    A podling votes twice on the same files. `deciding` is the committee whose members' votes bind,
    pinned when the vote is called: the podling's own, then its parent's.
    """

    round = models.PositiveSmallIntegerField(null=True, editable=False)
    deciding = models.ForeignKey(
        Committee, models.PROTECT, null=True, editable=False, related_name="+"
    )
    second_to = models.EmailField(blank=True, editable=False)  # where its second vote is called

    if TYPE_CHECKING:
        pk: int
        release_id: int
        number: int
        revision_id: int
        counted: dict[str, Any]

        @property
        def thread_link(self) -> str: ...

    class Meta:
        abstract = True

    @property
    def is_first(self) -> bool:
        return self.round == FIRST

    @property
    def is_second(self) -> bool:
        return self.round == SECOND

    @property
    def deciding_committee(self) -> Committee:
        """Whose members' votes bind."""
        return self.deciding or self.committee.binding_committee

    @property
    def binding_voters(self) -> models.QuerySet[User]:
        """Active accounts whose votes bind in this vote today."""
        return self.deciding_committee.members_who_bind

    @property
    def kinds(self) -> tuple[str, str]:
        """What the votes that decide are called, and the others: a podling's own are formal."""
        return ("formal", "informal") if self.is_first else ("binding", "non-binding")

    @cached_property
    def first_round(self) -> "Vote | None":
        """The vote that this one is the second round of; it is closed, and has passed."""
        return self._neighbour(FIRST, self.number - 1) if self.is_second else None

    @cached_property
    def second_round(self) -> "Vote | None":
        """The vote that followed this first round, once it has passed."""
        return self._neighbour(SECOND, self.number + 1) if self.is_first else None

    def _neighbour(self, round: int, number: int) -> "Vote | None":
        votes: Any = type(self)._base_manager
        found: Vote | None = votes.filter(
            release=self.release_id, round=round, number=number
        ).first()
        if found is not None:
            found.release = self.release
        return found

    def carried(self, own: Iterable[tally.Cast], binding: Collection[str]) -> list[tally.Cast]:
        """The votes of the first round that count in this one."""
        first = self.first_round
        return tally.carried(votes_in(first.counted), own, set(binding)) if first else []

    def rounds_told(self, carried: list[tally.Cast]) -> dict[str, Any]:
        """What the result says of its round; the second holds the whole result of the first."""
        if self.round is None:
            return {}
        told: dict[str, Any] = {"round": self.round, "deciding": self.deciding_committee.slug}
        if first := self.first_round:
            told["first"] = first.counted
            told["carried"] = [
                {"voter": each.voter, "choice": each.choice, "at": each.at.isoformat()}
                for each in sorted(carried, key=lambda each: each.voter)
            ]
        return told

    def second_obstacles(self) -> Iterator[Obstacle]:
        """What stands between a first round that passes and the second."""
        if self.committee.parent is None:
            yield Obstacle(
                "no_parent",
                f"{self.committee} has no parent committee any more, so nobody could vote in the "
                "second round. Cancel this vote, and call one anew.",
            )
        yield from self.project.held_obstacles()
        if settings.ARCHIVE_URL and not self.thread_link:
            yield Obstacle(
                "not_archived",
                "The second round points to the thread of the first, which has not been found in "
                "the archive of the list yet. Have it read.",
            )
