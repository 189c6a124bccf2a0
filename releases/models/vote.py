"""Votes: what people decided about which bytes."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now

from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import Person
from releases import tally
from releases.checklist import items_of
from releases.links import LINKS
from releases.models.ballot import Ballot, filled_in
from releases.models.closing import MAY_HAVE_PASSED
from releases.models.revision import Revision
from releases.models.timed import Timed
from releases.phases import Choice, Outcome, Phase
from releases.querysets import VoteQuerySet
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Obstacle, Stale

if TYPE_CHECKING:
    from releases.models.reading import Reading

MOST_BALLOTS = 50  # of one person in one vote: each is a mail to the list


class Vote(Timed):
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
    pause_on_minus_one = models.BooleanField(default=True, editable=False)
    subject = models.CharField(max_length=200, editable=False)
    body = models.TextField(editable=False)

    objects = VoteQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["-called_at"], name="releases_vote_called"),
            models.Index(fields=["-resolved_at"], name="releases_vote_resolved"),
        ]
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
            models.CheckConstraint(
                condition=Q(round__isnull=True) | Q(round__in=[1, 2], deciding__isnull=False),
                name="releases_vote_round_decided",
            ),
            models.CheckConstraint(condition=MAY_HAVE_PASSED, name="releases_vote_passed_by_rule"),
        ]

    def __str__(self) -> str:
        return f"vote {self.number} on {self.release}"

    def get_absolute_url(self) -> str:
        """The address of this vote alone: the same before, during and after it."""
        return reverse("releases:one-vote", args=[*self.release.url_args, self.number])

    @property
    def items(self) -> list[str]:
        """The points of its checklist, which voters tick one by one."""
        return items_of(self.checklist)

    def ballot_of(self, person: Person) -> "Ballot | None":
        """The person's ballot that counts: their last."""
        if not person.is_authenticated:
            return None
        return self.ballots.filter(voter=person).order_by("cast_at", "pk").last()

    def earlier_ballot_of(self, person: Person) -> "Ballot | None":
        """What the person said of the very same files in an earlier vote on this release."""
        if self.number == 1 or not person.is_authenticated:
            return None
        earlier = Ballot.objects.filter(
            vote__release=self.release_id,
            vote__number__lt=self.number,
            manifest_digest=self.manifest_digest,
            voter=person,
        )
        return earlier.select_related("vote").order_by("-vote__number", "-pk").first()

    def latest_ballots(self) -> "list[Ballot]":
        """Each voter's ballot that counts, in the order in which they were cast."""
        ordered = self.ballots.select_related("voter").order_by("cast_at", "pk")
        return sorted(
            {ballot.voter_id: ballot for ballot in ordered}.values(), key=lambda each: each.pk
        )

    def ballot_obstacles(self, manifest_digest: str | None = None) -> Iterator[Obstacle]:
        """What stands between a person and casting a ballot in this vote."""
        if self.is_counted_elsewhere:
            yield Obstacle(
                "counted_elsewhere", "The votes that count are on the list: answer there."
            )
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
    def cast(
        self,
        choice: str,
        *,
        by: Person,
        manifest_digest: str,
        comment: str = "",
        checked: Collection[str] = (),
        ticked: Collection[str] = (),
    ) -> "Ballot":
        """Vote, or change one's vote, on the files with this manifest digest.

        `checked` is what the voter says to have done (`Looked`), `ticked` which points of the
        vote's checklist. Sending the same ballot twice
        leaves one.
        """
        by = authorise(by, "releases.cast_vote", self)
        said = filled_in(choice, comment, checked, ticked, self.items)
        with self.release.held():
            self.refresh_from_db()
            require(self.ballot_obstacles(manifest_digest))
            last = self.ballot_of(by)
            if last is not None and last.says == said:
                return last
            if self.ballots.filter(voter=by).count() >= MOST_BALLOTS:
                raise BadInput(
                    f"You have voted {MOST_BALLOTS} times in this vote. The last one counts."
                )
            return self._record_ballot(by, last, **said)

    def _record_ballot(self, by: User, last: "Ballot | None", **said: Any) -> "Ballot":
        ballot = self.ballots.create(
            voter=by,
            **said,
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
            choice=ballot.choice,
            binding=ballot.binding_when_cast,
            manifest=self.manifest_digest,
        )
        return ballot

    def reading_obstacles(self) -> Iterator[Obstacle]:
        """What stands between this vote and reading its thread in the archive of the list."""
        if self.outcome != Outcome.OPEN:
            yield Obstacle("vote_closed", "The vote is closed: its count does not change any more.")
        if not settings.ARCHIVE_URL:
            yield Obstacle(
                "no_archive",
                "This site knows no archive of the lists. Operators can set ARCHIVE_URL.",
            )
        waiting = self.readings.filter(state="waiting").first()
        if waiting is not None and waiting.is_in_hand:
            yield Obstacle("being_read", "The thread is being read already.")

    @verb
    def read_thread(self, *, by: Person) -> "Reading":
        """Have the vote's thread read in the archive of the list, and its mails counted."""
        by = authorise(by, "releases.resolve_vote", self)
        with self.release.held():
            require(self.reading_obstacles())
            reading = self.begin_reading(by)
            Event.objects.record(
                Tag.THREAD_ASKED,
                by=by,
                subject=reading,
                project=self.project,
                release=self.release,
                vote=self.number,
            )
        return reading

    def begin_reading(self, by: User | None = None) -> "Reading":
        """A reading that waits for a worker; one whose worker was lost is over. Decides nothing."""
        for lost in self.readings.filter(state="waiting"):
            lost.record_failed("Its worker was lost.")
        return self.readings.create(asked_by=by)

    def resolve_obstacles(
        self,
        outcome: str,
        seen: int | None = None,
        *,
        confirmed: bool = False,
        links: Collection[str] = (),
        reading: int | None = None,
    ) -> Iterator[Obstacle]:
        """What stands between this vote and being resolved with this outcome."""
        if seen is not None and seen != self.number:
            raise Stale(f"Vote {self.number} has begun since you looked at vote {seen}.")
        if outcome == Outcome.CANCELLED or self.ends_at_will:
            return
        if self.is_counted_elsewhere:
            yield from self._elsewhere_obstacles(outcome, links)
            return
        if self.is_by_mail:
            yield from self._mail_obstacles(reading)
        yield from self._count_obstacles(outcome, confirmed=confirmed)

    def _count_obstacles(self, outcome: str, *, confirmed: bool) -> Iterator[Obstacle]:
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

    def _elsewhere_obstacles(self, outcome: str, links: Collection[str]) -> Iterator[Obstacle]:
        if self.ends_at is not None and not self.is_over():
            yield Obstacle(
                "vote_open",
                f"The vote runs until {self.ends_at:%Y-%m-%d %H:%M} UTC. To end it now, cancel it.",
            )
        if outcome == Outcome.PASSED and len(links) < LINKS:
            yield Obstacle(
                "no_links",
                "Say where the vote was counted: the address of its thread in the archive, and "
                "that of the thread with the result.",
            )

    def _mail_obstacles(self, seen: int | None) -> Iterator[Obstacle]:
        """Nobody closes a vote by mail whose mails have not been read."""
        reading = self.reading
        if seen is not None and reading is not None and reading.pk != seen:
            raise Stale("The thread has been read again since you looked: look at its mails again.")
        if reading is None or reading.read_at is None:
            yield Obstacle(
                "not_read", "The thread on the list has not been read yet: have it read."
            )
        elif self.ends_at is not None and self.is_over() and reading.read_at < self.ends_at:
            yield Obstacle(
                "read_too_early",
                "The thread was read before the vote ended, and mails may have come since: have it "
                "read again.",
            )
