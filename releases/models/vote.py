"""Votes and ballots: what people decided about which bytes."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases import tally
from releases.models.part import PartOfRelease
from releases.models.revision import Revision
from releases.phases import Choice, Outcome, Phase
from releases.querysets import VoteQuerySet
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Stale
from trusted_releases.lib.text import is_plain

if TYPE_CHECKING:
    from releases.models.release import Release

LONGEST_COMMENT = 10_000  # characters
MOST_BALLOTS = 50  # of one person in one vote: each is a mail to the list


class Vote(PartOfRelease):
    """One vote on one revision. Its rule is pinned when it is called.

    Ballots are rows over the manifest digest; the result is a pure function of them
    (`releases.tally`). `counted` keeps the inputs and the result of the tally that closed it.
    """

    release = models.ForeignKey("Release", models.CASCADE, related_name="votes")
    number = models.PositiveIntegerField(editable=False)
    revision = models.ForeignKey(Revision, models.PROTECT, editable=False, related_name="votes")
    manifest_digest = models.CharField(max_length=71, editable=False)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    called_at = models.DateTimeField(default=now, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)
    binding_needed = models.PositiveSmallIntegerField(default=3, editable=False)
    pause_on_minus_one = models.BooleanField(default=True, editable=False)
    subject = models.CharField(max_length=200, editable=False)
    body = models.TextField(editable=False)
    acknowledged = models.JSONField(default=list, editable=False)
    outcome = models.CharField(
        max_length=10, choices=Outcome, default=Outcome.OPEN, blank=True, editable=False
    )
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, editable=False)
    counted = models.JSONField(default=dict, editable=False)

    objects = VoteQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="releases_vote_once"),
            models.UniqueConstraint(
                fields=["release"], condition=Q(outcome=""), name="releases_one_open_vote"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", resolved_at__isnull=True)
                | (~Q(outcome="") & Q(resolved_at__isnull=False)),
                name="releases_vote_resolved_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"vote {self.number} on {self.release}"

    def get_absolute_url(self) -> str:
        return reverse("releases:vote", args=self.release.url_args)

    @property
    def rule(self) -> tally.Rule:
        return tally.Rule(self.binding_needed, self.ends_at)

    def is_over(self, at: datetime | None = None) -> bool:
        return self.ends_at is not None and (at or now()) >= self.ends_at

    def casts(self) -> list[tally.Cast]:
        rows = self.ballots.values_list("voter__username", "choice", "cast_at", "pk")
        return [tally.Cast(*row) for row in rows]

    def binding_names(self) -> set[str]:
        """Whose votes bind at this instant: roles count when the vote is counted."""
        return set(self.committee.binding_voters.values_list("username", flat=True))

    def tally(self, at: datetime | None = None) -> tally.Tally:
        return tally.tally(self.casts(), self.binding_names(), self.rule, at or now())

    def ballot_of(self, person: Person) -> "Ballot | None":
        """The person's ballot that counts: their last."""
        if not person.is_authenticated:
            return None
        return self.ballots.filter(voter=person).order_by("cast_at", "pk").last()

    def latest_ballots(self) -> "list[Ballot]":
        """Each voter's ballot that counts, in the order in which they were cast."""
        ordered = self.ballots.select_related("voter").order_by("cast_at", "pk")
        return sorted(
            {ballot.voter_id: ballot for ballot in ordered}.values(), key=lambda each: each.pk
        )

    def ballot_obstacles(self, manifest_digest: str | None = None) -> Iterator[Obstacle]:
        """What stands between a person and casting a ballot in this vote."""
        if self.outcome != Outcome.OPEN or self.release.phase != Phase.VOTE:
            yield Obstacle(
                "vote_closed", f"This vote is closed: {self.get_outcome_display().lower()}."
            )
        elif self.is_over():
            yield Obstacle("vote_over", f"This vote ended at {self.ends_at:%Y-%m-%d %H:%M} UTC.")
        if manifest_digest is not None and manifest_digest != self.manifest_digest:
            yield Obstacle(
                "other_files",
                "The files in this vote are not the ones you looked at. "
                "Reload the page and look at them again.",
            )

    @verb
    def cast(self, choice: str, *, by: Person, manifest_digest: str, comment: str = "") -> "Ballot":
        """Vote, or change one's vote, on the files with this manifest digest.

        Sending the same ballot twice leaves one.
        """
        by = authorise(by, "releases.cast_vote", self)
        if choice not in Choice.values:
            raise BadInput(f"{choice[:20]!r} is no vote. Vote +1, 0 or -1.")
        if len(comment) > LONGEST_COMMENT:
            raise BadInput(
                f"The comment has {len(comment)} characters; {LONGEST_COMMENT} are allowed."
            )
        if not is_plain(comment):
            raise BadInput("The comment holds control characters. Remove them, and vote again.")
        with self.release.held():
            self.refresh_from_db()
            require(self.ballot_obstacles(manifest_digest))
            last = self.ballot_of(by)
            if last is not None and (last.choice, last.comment) == (choice, comment):
                return last
            if self.ballots.filter(voter=by).count() >= MOST_BALLOTS:
                raise BadInput(
                    f"You have voted {MOST_BALLOTS} times in this vote. The last one counts."
                )
            return self._record_ballot(choice, comment, by, last)

    def _record_ballot(
        self, choice: str, comment: str, by: User, last: "Ballot | None"
    ) -> "Ballot":
        ballot = self.ballots.create(
            voter=by,
            choice=choice,
            comment=comment,
            manifest_digest=self.manifest_digest,
            binding_when_cast=by.username in self.binding_names(),
            # Clocks of hosts differ and are set back; who votes again votes later all the same.
            cast_at=max(now(), last.cast_at) if last else now(),
        )
        Event.objects.record(
            Tag.BALLOT_CAST,
            by=by,
            subject=ballot,
            project=self.project,
            release=self.release,
            vote=self.number,
            choice=choice,
            binding=ballot.binding_when_cast,
            manifest=self.manifest_digest,
        )
        return ballot

    def resolve_obstacles(
        self, outcome: str, seen: int | None = None, *, confirmed: bool = False
    ) -> Iterator[Obstacle]:
        """What stands between this vote and being resolved with this outcome."""
        if seen is not None and seen != self.number:
            raise Stale(f"Vote {self.number} has begun since you looked at vote {seen}.")
        if outcome == Outcome.CANCELLED:
            return
        counted = self.tally()
        if outcome == Outcome.PASSED:
            yield from (Obstacle("not_passed", sentence) for sentence in counted.missing)
            if self.pause_on_minus_one and self.has_minus_one and not confirmed:
                yield Obstacle(
                    "minus_one",
                    "Somebody voted -1, and the policy asks for a second look: read the "
                    "comments, then confirm that the release goes on.",
                )
        elif counted.enough:
            yield Obstacle("enough", "The vote has what it takes to pass, so it has not failed.")
        elif self.ends_at is not None and not self.is_over():
            yield Obstacle(
                "vote_open",
                f"The vote runs until {self.ends_at:%Y-%m-%d %H:%M} UTC. To end it now, cancel it.",
            )

    @property
    def has_minus_one(self) -> bool:
        return any(each.choice == Choice.AGAINST for each in tally.effective(self.casts()).values())

    def close(self, outcome: str, *, by: User) -> None:
        """Write the result down with all that it follows from. Call it inside held()."""
        at = now()
        binding = sorted(self.binding_names())
        result = tally.tally(self.casts(), set(binding), self.rule, at)
        if outcome == Outcome.PASSED and not result.passes:
            raise Stale("Somebody's role has changed this moment. Count the vote again.")
        if outcome == Outcome.FAILED and result.enough:
            raise Stale("Somebody's role has changed this moment: the vote has what it takes.")
        self.outcome, self.resolved_by, self.resolved_at = outcome, by, at
        self.counted = {
            "at": at.isoformat(),
            "manifest": self.manifest_digest,
            "rule": {
                "binding_needed": self.binding_needed,
                "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            },
            "binding_voters": binding,
            "ballots": [
                {"voter": c.voter, "choice": c.choice, "at": c.at.isoformat(), "order": c.order}
                for c in self.casts()
            ],
            "tally": result.as_json(),
            "outcome": str(outcome),
        }
        self.save(update_fields=["outcome", "resolved_by", "resolved_at", "counted"])


class Ballot(PartOfRelease):
    """One act of voting. Never changed: who votes again adds a row, and the last one counts."""

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="ballots")
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="ballots"
    )
    choice = models.CharField(max_length=2, choices=Choice, editable=False)
    comment = models.TextField(blank=True, editable=False)
    manifest_digest = models.CharField(max_length=71, editable=False)
    binding_when_cast = models.BooleanField(editable=False)
    cast_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["vote", "voter", "cast_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(choice__in=Choice.values), name="releases_ballot_choice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.choice} by {self.voter} in {self.vote}"

    @property
    def release(self) -> "Release":  # type: ignore[override]
        return self.vote.release
