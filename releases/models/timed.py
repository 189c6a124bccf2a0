"""When a vote ends, what happens then by itself, and to whom its mails go."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models

from projects.models import Committee, Recipients, VoteMode
from projects.roles import Person
from releases.models.closing import Closing
from releases.models.rounds import FIRST
from trusted_releases.lib.errors import Obstacle


@dataclass(frozen=True, slots=True)
class Ending:
    """What whoever calls a vote asks to happen when it ends."""

    auto_resolve: bool = False
    auto_publish: bool = False
    tell_end: bool = False

    def obstacles(
        self, committee: Committee, mode: str, by: Person, *, round: int = FIRST
    ) -> Iterator[Obstacle]:
        """What stands between a vote and ending so."""
        if (self.auto_resolve or self.tell_end) and mode != VoteMode.TRUSTED:
            yield Obstacle(
                "not_counted_here",
                "Only votes that are ballots on this site end by themselves: people count others.",
            )
        if self.auto_resolve and committee.is_podling and round == FIRST:
            yield Obstacle(
                "podling", "The first vote of a podling leads to a second: a person resolves it."
            )
        if self.auto_publish and not self.auto_resolve:
            yield Obstacle(
                "not_resolved_by_itself",
                "What is published by itself is resolved by itself: ask for both.",
            )
        if self.auto_publish and not by.has_perm("releases.cast_binding_vote", committee):
            yield Obstacle(
                "not_a_member", "Only a member of the committee has a release published by itself."
            )


class Timed(Closing):
    """The part of `Vote` that the clock moves: pinned, like its rule, when it is called.

    With `auto_resolve` a vote that has passed by its rule is resolved when it ends, as the person
    who called it; one that has not is left to people. `tell_end` has that person told either way.
    """

    recipients = models.JSONField(default=dict, editable=False)
    auto_resolve = models.BooleanField(default=False, editable=False)
    auto_publish = models.BooleanField(default=False, editable=False)
    tell_end = models.BooleanField(default=False, editable=False)
    acknowledged = models.JSONField(default=list, editable=False)
    checklist = models.TextField(blank=True, editable=False)  # the policy's, when it was called

    class Meta:
        abstract = True

    def called_facts(self) -> dict[str, Any]:
        """What the event of its call tells."""
        return {
            "vote": self.number,
            "revision": self.revision.number,
            "manifest": self.manifest_digest,
            "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            "acknowledged": self.acknowledged,
            **({"round": self.round} if self.round else {}),
        }

    @property
    def mail_to(self) -> Recipients:
        """To whom its mails go, pinned when it was called; older votes follow the policy."""
        if not self.recipients:
            return self.release.rules.vote_mail
        return Recipients.of_json(self.recipients)

    @property
    def is_on_private_list(self) -> bool:
        """Whether its thread is for the committee's members: it is on their private list alone."""
        ours = self.committee.private_list.lower()
        return {each.lower() for each in self.mail_to.to} == {ours}
