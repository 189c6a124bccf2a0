"""Calling a vote."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.utils.timezone import now

from keys.models import keys_document
from projects.lifecycle import authorise, require, verb
from projects.models import Recipients, Rules, User, VoteMode
from projects.roles import Person
from releases import basis
from releases.mail_text import check_mail
from releases.models.obstacles import check_obstacles, length_obstacles
from releases.models.rounds import FIRST, second_lists
from releases.models.source import Sourcing
from releases.models.timed import Ending
from releases.models.vote import Vote
from releases.permitted import embargo_obstacles, recipient_obstacles
from releases.phases import Phase
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.errors import Obstacle, Stale

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from releases.models.revision import Revision


class Voting(Sourcing):
    """The part of `Release` that puts files to the vote."""

    last_vote = models.PositiveIntegerField(default=0, editable=False)
    candidate = models.ForeignKey(
        "releases.Revision", models.PROTECT, null=True, editable=False, related_name="+"
    )

    if TYPE_CHECKING:
        votes: RelatedManager[Vote]

        @property
        def rules(self) -> Rules: ...

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
        yield from self.project.held_obstacles()
        yield from length_obstacles(hours, self.rules)
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
        yield from self.arrival_obstacles()
        yield from self.source_obstacles()
        yield from check_obstacles(revision, acknowledged)
        if revision.is_outdated or revision.verdict_under_another(self.check_basis()):
            yield Obstacle(
                "checks_outdated",
                "What the checks judge by has changed since: the committee's keys, the project's "
                "policy, the recorded source, the rules themselves, or the day on which a key or "
                "an ignore ends. "
                "They run again by themselves; the page says when they are done.",
            )

    def check_basis(self) -> str:
        """A digest of what the checks judge by, beside the files: certificates, policy, source, and
        the versions of the rules.

        A verdict made under another basis does not count.
        """
        rules = self.rules
        judged_by: dict[str, object] = {
            "keys": hashlib.sha256(keys_document(self.project.committee)).hexdigest(),
            "podling": self.project.committee.is_podling,
            "terms": rules.check_terms,
            **basis.parts(),
        }
        if self.source is not None:
            judged_by["source"] = self.source.basis
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
        number: int | None = None,
        recipients: Recipients | None = None,
        ending: Ending | None = None,
        second_to: str = "",
    ) -> Vote:
        """Put the newest revision to the vote. Its files are frozen from here on.

        `hours` None takes the policy's; with a policy of 0 the vote is open until it is resolved.
        `subject` and `body` are the mail that calls the vote; `number` is the vote that the mail
        speaks of, where it names one. `recipients` None takes the policy's; `ending` is what
        happens by itself when it ends. `second_to` is where a podling's second round is to be
        called.
        """
        by = authorise(by, "releases.start_vote", self)
        check_mail(subject, body)
        with self.held():
            to = (recipients or self.rules.vote_mail).once()
            require(recipient_obstacles(to, self.rules.vote_lists, by))
            asked = ending or Ending()
            if self.embargoed:
                require(embargo_obstacles(to, self.rules.vote_mail, asked))
            require(asked.obstacles(self.project.committee, self.rules.vote_mode, by))
            require(self._rounds_obstacles(second_to, by))
            require(self.vote_obstacles(revision, hours=hours, acknowledged=acknowledged))
            newest = self.revisions.get(number=revision)
            if number not in (None, self.last_vote + 1):
                raise Stale(
                    f"Vote {self.last_vote} on {self} has been called and has ended since you "
                    f"opened this page. The next one is vote {self.last_vote + 1}: read the mail "
                    "again, and call it."
                )
            self.last_vote += 1
            vote = self._call_vote(newest, self.rules, by, (subject, body), hours)
            vote.recipients = to.as_json()
            vote.auto_resolve, vote.auto_publish = asked.auto_resolve, asked.auto_publish
            vote.tell_end, vote.second_to = asked.tell_end, second_to
            vote.acknowledged = sorted(set(acknowledged) & set(vote.revision.concerns))
            vote.save()
            self._move(
                Phase.VOTE,
                by=by,
                tag=Tag.VOTE_CALLED,
                facts=vote.called_facts(),
                candidate=vote.revision,
                last_vote=self.last_vote,
            )
            return vote

    def _rounds_obstacles(self, second_to: str, by: User) -> Iterator[Obstacle]:
        """What stands between a podling's vote and its second round, as far as is known now."""
        committee = self.project.committee
        if not committee.is_podling:
            if second_to:
                yield Obstacle(
                    "no_second_round",
                    "There is no second round here: it is for podlings alone. Leave its list out.",
                )
            return
        if self.rules.vote_mode == VoteMode.MANUAL:
            yield Obstacle(
                "podling_manual",
                "The votes of a podling are counted here: have its policy say trusted or email.",
            )
        if second_to:
            to = Recipients((second_to,))
            yield from recipient_obstacles(to, second_lists(committee), by)

    def _call_vote(
        self,
        revision: "Revision",
        rules: Rules,
        by: User,
        mail: tuple[str, str],
        hours: int | None,
    ) -> Vote:
        began, committee = now(), self.project.committee
        rounds = {"round": FIRST, "deciding": committee} if committee.is_podling else {}
        return Vote(
            **rounds,
            release_id=self.pk,
            number=self.last_vote,
            revision=revision,
            manifest_digest=revision.manifest_digest,
            called_by=by,
            called_at=began,
            ends_at=_end(began, rules.hours if hours is None else hours),
            binding_needed=rules.binding_needed,
            pause_on_minus_one=rules.pause_on_minus_one,
            mode=rules.vote_mode,
            checklist=rules.checklist,
            subject=mail[0],
            body=mail[1],
        )


def _end(began: datetime, hours: int) -> datetime | None:
    return began + timedelta(hours=hours) if hours else None
