"""How a vote is counted and closed: the inputs of its result, kept for good."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from projects.models import User, VoteMode
from releases import tally
from releases.models.rounds import Rounded
from releases.phases import Outcome
from trusted_releases.lib import testing
from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.errors import Stale

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from releases.models.ballot import Ballot
    from releases.models.reading import Reading
    from releases.models.revision import Revision

FORMAT = "trusted-releases/vote-result/1"

# What the database itself asks of a vote that passed, whoever writes the row.
PASSED_BY_RULE = Q(binding_for__gte=F("binding_needed")) & Q(binding_for__gt=F("binding_against"))
TIME_IS_OVER = Q(ends_at__isnull=True) | Q(resolved_at__gte=F("ends_at"))
MAY_HAVE_PASSED = (
    ~Q(outcome=Outcome.PASSED)
    | Q(mode=VoteMode.MANUAL)
    | Q(at_will=True)
    | (PASSED_BY_RULE & TIME_IS_OVER)
)


class Closing(Rounded):
    """The part of `Vote` that counts, and writes the result down with all it follows from.

    `counted` is the result bundle: the tally is recomputed from it by anybody, at any time.
    """

    mode = models.CharField(
        max_length=8, choices=VoteMode, default=VoteMode.TRUSTED, editable=False
    )
    ends_at = models.DateTimeField(null=True, editable=False)
    binding_needed = models.PositiveSmallIntegerField(default=3, editable=False)
    outcome = models.CharField(
        max_length=10, choices=Outcome, default=Outcome.OPEN, blank=True, editable=False
    )
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, editable=False)
    links = models.JSONField(default=list, editable=False)  # to its threads in the archive
    binding_for = models.PositiveIntegerField(default=0, editable=False)
    binding_against = models.PositiveIntegerField(default=0, editable=False)
    at_will = models.BooleanField(default=False, editable=False)  # by clients under test alone
    counted = models.JSONField(default=dict, editable=False)

    if TYPE_CHECKING:
        pk: int
        number: int
        called_at: datetime
        called_by: User
        manifest_digest: str
        revision: Revision
        ballots: RelatedManager[Ballot]
        readings: RelatedManager[Reading]

    class Meta:
        abstract = True

    @property
    def rule(self) -> tally.Rule:
        return tally.Rule(self.binding_needed, self.ends_at)

    @property
    def is_by_mail(self) -> bool:
        """Whether mails to the list are votes that count."""
        return self.mode == VoteMode.EMAIL

    @property
    def is_counted_elsewhere(self) -> bool:
        return self.mode == VoteMode.MANUAL

    @property
    def ends_at_will(self) -> bool:  # whatever time and count say: for clients under test alone
        return testing.votes_end_at_will(self.committee.slug)

    def is_over(self, at: datetime | None = None) -> bool:
        return self.ends_at is not None and (at or now()) >= self.ends_at

    @property
    def reading(self) -> "Reading | None":
        """The thread on the list as it was last read; None when it never was."""
        return self.readings.filter(state="done").order_by("-pk").first()

    @property
    def thread_link(self) -> str:
        """Where the archive has the thread of this vote, once it was read; empty before."""
        reading = self.reading
        return reading.link if reading else ""

    def casts(self) -> list[tally.Cast]:
        """Every vote that counts: this vote's own, and in a second round those carried there."""
        own = self.own_casts()
        return own + (self.carried(own, self.binding_names()) if self.is_second else [])

    def own_casts(self) -> list[tally.Cast]:
        """The votes given in this vote: ballots, and mails where mails are votes."""
        rows = self.ballots.values_list("voter__username", "choice", "cast_at", "pk")
        ballots = [tally.Cast(*row) for row in rows]
        reading = self.reading if self.is_by_mail else None
        return ballots + (reading.casts() if reading else [])

    def binding_names(self) -> set[str]:
        """Whose votes bind at this instant: roles count when the vote is counted."""
        return set(self.binding_voters.values_list("username", flat=True))

    def tally(self, at: datetime | None = None) -> tally.Tally:
        return tally.tally(self.casts(), self.binding_names(), self.rule, at or now())

    @property
    def is_closed_for_good(self) -> bool:
        """Whether the result is written down, and not only looked at before it is."""
        return (
            bool(self.counted)
            and type(self)._base_manager.filter(pk=self.pk, outcome=self.outcome).exists()
        )

    @property
    def bundle(self) -> bytes:
        """The result with all that it follows from, in the one form that the digest is of."""
        return canonical(self.counted)

    @property
    def bundle_digest(self) -> str:
        """What the result mail quotes; empty while the vote is open."""
        return f"sha256:{hashlib.sha256(self.bundle).hexdigest()}" if self.counted else ""

    def close(self, outcome: str, *, by: User, links: Sequence[str] = ()) -> None:
        """Write the result down with all that it follows from. Call it inside held()."""
        at = now()
        threads = list(links) if self.is_counted_elsewhere else [self.thread_link]
        self.links = [each for each in threads if each]
        self.at_will = self.ends_at_will
        if not (self.at_will or self.is_counted_elsewhere):
            result = self.tally(at)
            if outcome == Outcome.PASSED and not result.passes:
                raise Stale("Somebody's role has changed this moment. Count the vote again.")
            if outcome == Outcome.FAILED and result.enough:
                raise Stale("Somebody's role has changed this moment: the vote has what it takes.")
        self.settle(outcome, by, at)
        self.save(
            update_fields=[
                *("outcome", "resolved_by", "resolved_at", "counted", "links"),
                *("binding_for", "binding_against", "at_will"),
            ]
        )

    def settle(self, outcome: str, by: User, at: datetime) -> None:
        """Set the result and what it follows from, without saving: previews look at it too."""
        own, binding = self.own_casts(), sorted(self.binding_names())
        carried = self.carried(own, binding)
        result = tally.tally(own + carried, set(binding), self.rule, at)
        self.outcome, self.resolved_by, self.resolved_at = outcome, by, at
        self.binding_for, self.binding_against = result.binding.for_it, result.binding.against
        reading = self.reading if self.is_by_mail else None
        ballots = self.ballots.select_related("voter").order_by("pk")
        self.counted = {
            "format": FORMAT,
            "project": self.project.slug,
            "version": self.release.version,
            "vote": self.number,
            "revision": self.revision.number,
            "manifest": self.manifest_digest,
            "mode": str(self.mode),
            "at_will": self.at_will,
            "called_by": self.called_by.username,
            "called_at": self.called_at.isoformat(),
            "resolved_by": by.username,
            "at": at.isoformat(),
            "rule": {
                "binding_needed": self.binding_needed,
                "ends_at": self.ends_at.isoformat() if self.ends_at else None,
            },
            "binding_voters": binding,
            "ballots": [each.told() for each in ballots],
            "mail": reading.told() if reading else None,
            "links": self.links,
            **self.rounds_told(carried),
            "tally": result.as_json(),
            "outcome": str(outcome),
        }
