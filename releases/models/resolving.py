"""Resolving a vote: the release goes on, back, or into the second round of a podling's vote."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases.links import checked_links
from releases.mail_text import check_mail
from releases.models.rounds import SECOND, Second, second_lists
from releases.models.vote import Vote
from releases.models.voting import Voting
from releases.permitted import recipient_obstacles
from releases.phases import Outcome, Phase
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Stale

TAGS = {
    Outcome.PASSED: Tag.VOTE_PASSED,
    Outcome.FAILED: Tag.VOTE_FAILED,
    Outcome.CANCELLED: Tag.VOTE_CANCELLED,
}


class Resolving(Voting):
    """The part of `Release` that closes votes."""

    class Meta:
        abstract = True

    def resolve_obstacles(
        self, outcome: str, seen: int | None = None, **said: Any
    ) -> Iterator[Obstacle]:
        """What stands between this release's vote and being resolved with this outcome."""
        vote = self.vote
        if self.phase != Phase.VOTE or vote is None:
            yield Obstacle("no_vote", f"There is no open vote on {self}.")
            return
        yield from vote.resolve_obstacles(outcome, seen, **said)
        if outcome == Outcome.PASSED and vote.is_first:
            yield from vote.second_obstacles()

    def second_vote_obstacles(self, second: Second | None, by: User) -> Iterator[Obstacle]:
        """What stands between a first round that passes and calling the second like this."""
        vote = self.vote
        if vote is None or not vote.is_first:
            if second is not None:
                yield Obstacle("no_second_round", "No second round follows this vote.")
            return
        if second is None:
            yield Obstacle(
                "second_unsaid", "A second round follows: say to whom its mail goes, and its text."
            )
            return
        lists = second_lists(self.project.committee)
        yield from recipient_obstacles(second.recipients, lists, by)
        yield from second.ending.obstacles(self.project.committee, vote.mode, by, round=SECOND)

    @verb
    def resolve_vote(
        self,
        outcome: str,
        *,
        by: Person,
        seen: int | None = None,
        confirmed: bool = False,
        links: Sequence[str] = (),
        reading: int | None = None,
        second: Second | None = None,
    ) -> Vote:
        """Close the vote. Passed: on to publication. Failed or cancelled: back to composing.

        The first round of a podling that passes leads to the second at once, called as `second`
        says; the files stay as they are.

        `seen` is the number of the vote the person was looking at; `confirmed` that they have
        read the -1 and go on; `reading` is the reading of the thread that they have looked at, and
        `links` lead to the threads in which people counted the vote.
        """
        by = authorise(by, "releases.resolve_vote", self)
        if outcome not in TAGS:
            raise BadInput(f"{outcome[:20]!r} is no outcome: passed, failed or cancelled.")
        said = {"confirmed": confirmed, "links": checked_links(links), "reading": reading}
        if second is not None:
            check_mail(second.subject, second.body)
        return self._resolve(outcome, by, seen, said, second)

    def _resolve(
        self,
        outcome: str,
        by: User,
        seen: int | None,
        said: Any = None,
        second: Second | None = None,
        **facts: object,
    ) -> Vote:
        """Count, close and move. Whoever calls it has made sure that `by` may."""
        with self.held():
            require(self.resolve_obstacles(outcome, seen, **(said or {})))
            vote = self.vote
            if vote is None or vote.outcome != Outcome.OPEN:
                raise Stale(f"The vote on {self} has been resolved meanwhile.")
            if outcome == Outcome.PASSED:
                require(self.second_vote_obstacles(second, by))
            vote.close(outcome, by=by, links=(said or {}).get("links", ()))
            facts |= {
                "vote": vote.number,
                "manifest": vote.manifest_digest,
                "tally": vote.counted["tally"],
            }
            tag = TAGS[Outcome(outcome)]
            if outcome != Outcome.PASSED:
                self._move(Phase.COMPOSE, by=by, tag=tag, facts=facts, candidate=None)
            elif vote.is_first and second is not None:
                self._record(tag, by, facts)
                self._call_second(vote, second, by)
            else:
                self._move(Phase.FINISH, by=by, tag=tag, facts=facts)
                if vote.is_second:  # so that the thread of the first round is told as well
                    self._record(Tag.ROUNDS_PASSED, by, {"vote": vote.number})
            return vote

    def _call_second(self, first: Vote, second: Second, by: User) -> Vote:
        """The second round: on the same files, for as long, in another thread."""
        began = now()
        self.last_vote += 1
        vote = Vote(
            release_id=self.pk,
            number=self.last_vote,
            round=SECOND,
            deciding=self.project.committee.parent,
            revision=first.revision,
            manifest_digest=first.manifest_digest,
            called_by=by,
            called_at=began,
            ends_at=began + (first.ends_at - first.called_at) if first.ends_at else None,
            binding_needed=first.binding_needed,
            pause_on_minus_one=first.pause_on_minus_one,
            mode=first.mode,
            checklist=first.checklist,
            acknowledged=first.acknowledged,
            subject=second.subject,
            body=second.body,
            recipients=second.recipients.once().as_json(),
            auto_resolve=second.ending.auto_resolve,
            auto_publish=second.ending.auto_publish,
            tell_end=second.ending.tell_end,
        )
        vote.save()
        self.save(update_fields=["last_vote"])
        self._record(Tag.VOTE_CALLED, by, vote.called_facts())
        return vote

    def _record(self, tag: Tag, by: User, facts: dict[str, object]) -> None:
        """An act that leaves the release in its phase."""
        Event.objects.record(tag, by=by, subject=self, project=self.project, release=self, **facts)
