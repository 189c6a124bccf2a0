"""Verbs about the vote: calling it and resolving it."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.utils.timezone import now

from keys.models import keys_document
from projects.lifecycle import authorise, require, verb
from projects.models import Policy, User
from projects.roles import Person
from releases.models.composing import Composing
from releases.models.vote import Vote
from releases.phases import Outcome, Phase, Verdict
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.errors import BadInput, Obstacle, Stale
from trusted_releases.lib.text import is_plain

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from releases.models.revision import Revision

LONGEST_MAIL = 60_000  # bytes of the text as JSON: it is kept in an event, which holds 64 KiB
_LINE_END = {"\n", "\r"}

TAGS = {
    Outcome.PASSED: Tag.VOTE_PASSED,
    Outcome.FAILED: Tag.VOTE_FAILED,
    Outcome.CANCELLED: Tag.VOTE_CANCELLED,
}


class Voting(Composing):
    """The part of `Release` that puts files to the vote."""

    last_vote = models.PositiveIntegerField(default=0, editable=False)
    candidate = models.ForeignKey(
        "releases.Revision", models.PROTECT, null=True, editable=False, related_name="+"
    )

    if TYPE_CHECKING:
        votes: RelatedManager[Vote]

    class Meta:
        abstract = True

    @property
    def voted(self) -> "Revision":
        """The revision that was put to the vote: there is one in every phase but compose."""
        if self.candidate is None:
            raise Stale(f"{self} is back in composition: nothing is at the vote.")
        return self.candidate

    @property
    def vote(self) -> Vote | None:
        """The latest vote on this release, open or not."""
        return self.votes.select_related("revision", "called_by").order_by("-number").first()

    def vote_obstacles(
        self,
        seen: int | None = None,
        *,
        hours: int | None = None,
        acknowledged: Collection[str] | None = None,
    ) -> Iterator[Obstacle]:
        """What still stands between this release and a vote.

        `seen` is the revision the person was looking at: nobody puts files to the vote that they
        have not seen. `acknowledged` are the rules whose concerns the person says they have read;
        None when nobody was asked yet. `hours` is how long the vote is to run.
        """
        if self.phase != Phase.COMPOSE:
            yield Obstacle(
                "not_composing", f"{self} is in phase “{self.get_phase_display()}” already."
            )
            return
        yield from _length_obstacles(hours, self.project.rules)
        revision = self.newest
        if revision is None or not revision.file_count:
            yield Obstacle("no_files", "There are no files yet: upload the artifacts first.")
            return
        if seen is not None and seen != revision.number:
            yield Obstacle(
                "newer_revision",
                f"Revision {revision.number} has appeared since you looked at revision {seen}. "
                "Look at it first.",
            )
        yield from _check_obstacles(revision, acknowledged)
        if revision.verdict != Verdict.PENDING and revision.basis != self.check_basis():
            yield Obstacle(
                "checks_outdated",
                "The committee's keys or the project's policy have changed since the checks. "
                "They run again by themselves; the page says when they are done.",
            )

    def check_basis(self) -> str:
        """A digest of what the checks judge by, beside the files: certificates and policy.

        A verdict made under another basis does not count.
        """
        rules = self.project.rules
        judged_by = {
            "keys": hashlib.sha256(keys_document(self.project.committee)).hexdigest(),
            "podling": self.project.committee.is_podling,
            "terms": rules.check_terms,
        }
        return hashlib.sha256(canonical(judged_by)).hexdigest()

    @verb
    def start_vote(
        self,
        *,
        by: Person,
        revision: int,
        subject: str,
        body: str,
        hours: int | None = None,
        acknowledged: Collection[str] = (),
    ) -> Vote:
        """Put the newest revision to the vote. Its files are frozen from here on.

        `hours` None takes the policy's; with a policy of 0 the vote is open until it is resolved.
        `subject` and `body` are the mail that calls the vote.
        """
        by = authorise(by, "releases.start_vote", self)
        check_mail(subject, body)
        with self.held():
            require(self.vote_obstacles(revision, hours=hours, acknowledged=acknowledged))
            newest = self.revisions.get(number=revision)
            self.last_vote += 1
            vote = self._call_vote(newest, self.project.rules, by, (subject, body), hours)
            vote.acknowledged = sorted(set(acknowledged) & set(vote.revision.concerns))
            vote.save()
            self._move(
                Phase.VOTE,
                by=by,
                tag=Tag.VOTE_CALLED,
                facts={
                    "vote": vote.number,
                    "revision": vote.revision.number,
                    "manifest": vote.manifest_digest,
                    "ends_at": vote.ends_at.isoformat() if vote.ends_at else None,
                    "acknowledged": vote.acknowledged,
                },
                candidate=vote.revision,
                last_vote=self.last_vote,
            )
            return vote

    def _call_vote(
        self,
        revision: "Revision",
        rules: Policy,
        by: User,
        mail: tuple[str, str],
        hours: int | None,
    ) -> Vote:
        began = now()
        return Vote(
            release_id=self.pk,
            number=self.last_vote,
            revision=revision,
            manifest_digest=revision.manifest_digest,
            called_by=by,
            called_at=began,
            ends_at=_end(began, rules.hours if hours is None else hours),
            binding_needed=rules.binding_needed,
            pause_on_minus_one=rules.pause_on_minus_one,
            subject=mail[0],
            body=mail[1],
        )

    def resolve_obstacles(
        self, outcome: str, seen: int | None = None, *, confirmed: bool = False
    ) -> Iterator[Obstacle]:
        """What stands between this release's vote and being resolved with this outcome."""
        vote = self.vote
        if self.phase != Phase.VOTE or vote is None:
            yield Obstacle("no_vote", f"There is no open vote on {self}.")
            return
        yield from vote.resolve_obstacles(outcome, seen, confirmed=confirmed)

    @verb
    def resolve_vote(
        self, outcome: str, *, by: Person, seen: int | None = None, confirmed: bool = False
    ) -> Vote:
        """Close the vote. Passed: on to publication. Failed or cancelled: back to composing.

        `seen` is the number of the vote the person was looking at; `confirmed` that they have
        read the -1 and go on.
        """
        by = authorise(by, "releases.resolve_vote", self)
        if outcome not in TAGS:
            raise BadInput(f"{outcome[:20]!r} is no outcome: passed, failed or cancelled.")
        with self.held():
            require(self.resolve_obstacles(outcome, seen, confirmed=confirmed))
            vote = self.vote
            if vote is None or vote.outcome != Outcome.OPEN:
                raise Stale(f"The vote on {self} has been resolved meanwhile.")
            vote.close(outcome, by=by)
            facts = {
                "vote": vote.number,
                "manifest": vote.manifest_digest,
                "tally": vote.counted["tally"],
            }
            if outcome == Outcome.PASSED:
                self._move(Phase.FINISH, by=by, tag=TAGS[Outcome.PASSED], facts=facts)
            else:
                tag = TAGS[Outcome(outcome)]
                self._move(Phase.COMPOSE, by=by, tag=tag, facts=facts, candidate=None)
            return vote


def _end(began: datetime, hours: int) -> datetime | None:
    return began + timedelta(hours=hours) if hours else None


def _length_obstacles(hours: int | None, rules: Policy) -> Iterator[Obstacle]:
    if hours is None:
        return
    if hours < rules.hours:
        yield Obstacle("vote_too_short", f"A vote lasts at least {rules.hours} hours here.")
    if hours > Policy.LONGEST_HOURS:
        yield Obstacle("vote_too_long", f"A vote lasts at most {Policy.LONGEST_HOURS} hours.")


def _check_obstacles(
    revision: "Revision", acknowledged: Collection[str] | None
) -> Iterator[Obstacle]:
    if revision.verdict == Verdict.PENDING:
        yield Obstacle(
            "checks_running",
            f"The checks of revision {revision.number} are still running. "
            "The page says when they are done.",
        )
    if revision.verdict == Verdict.FAILED:
        yield Obstacle(
            "blockers",
            f"Revision {revision.number} has blockers. Each finding says what to do; "
            "upload what mends it.",
        )
    open_concerns = set(revision.concerns) - set(acknowledged or ())
    if acknowledged is not None and open_concerns:
        yield Obstacle(
            "concerns",
            "Read the concerns and confirm that you have: " + ", ".join(sorted(open_concerns)),
        )


def check_mail(subject: str, body: str) -> None:
    """Refuse, before anything is written, what no mail and no event can carry."""
    if not subject.strip() or len(subject) > 200 or _LINE_END & {*subject}:
        raise BadInput("The subject is one line of 1 to 200 characters.")
    if not body.strip() or len(body) > LONGEST_MAIL:
        raise BadInput(f"The mail needs a text, of {LONGEST_MAIL:,} bytes at most.")
    if not (is_plain(subject) and is_plain(body)):
        raise BadInput("The mail holds control characters. Remove them, and send it again.")
    if (size := len(canonical(body))) > LONGEST_MAIL:
        raise BadInput(f"The mail's text has {size:,} bytes; {LONGEST_MAIL:,} are allowed.")
