"""What waits for a person: one list of things to do, the most urgent first."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import cached_property
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.timezone import now

from projects.models import Membership, VoteMode
from projects.roles import GRANTS, Person, roles_granting
from releases import tally
from releases.bundle import votes_in
from releases.models import Ballot, Publication, Release, Revision, Vote
from releases.models.rounds import FIRST, SECOND
from releases.phases import Phase, Verdict
from releases.querysets import ReleaseQuerySet, VoteQuerySet
from trusted_releases.ledger.models import Job

EACH = 20  # of one kind; whoever has more finds the rest in the lists
LATEST = datetime.max.replace(tzinfo=UTC)
VOTES = "releases.cast_binding_vote"


class Urgency(IntEnum):
    """In which order things are told: what is broken or ends soon comes first."""

    BROKEN = 0
    VOTE = 1
    RESOLVE = 2
    ANNOUNCE = 3
    PUBLISH = 4
    MEND = 5
    CALL = 6
    FILL = 7
    RUNNING = 8


@dataclass(frozen=True)
class Task:
    """One thing to do: the act as the words of a link, why, and until or since when."""

    urgency: Urgency
    act: str
    url: str
    why: str
    ends_at: datetime | None = None
    since: datetime | None = None
    over: bool = False

    @property
    def order(self) -> tuple[int, datetime]:
        return (self.urgency, self.ends_at or self.since or LATEST)


class Waiting:
    """Everything that waits for one person, in a fixed number of questions to the database."""

    def __init__(self, person: Person, at: datetime | None = None) -> None:
        self.person = person
        self.at = at or now()

    def tasks(self) -> list[Task]:
        found = [
            *self._jobs(),
            *self._votes_to_cast(),
            *self._votes_to_resolve(),
            *self._finishing(),
            *self._drafts(),
        ]
        return sorted(found, key=lambda each: each.order)

    @cached_property
    def roles(self) -> dict[int, set[str]]:
        """The person's roles by committee."""
        found: dict[int, set[str]] = defaultdict(set)
        if self.person.is_authenticated and self.person.is_active:
            for committee, role in self.person.memberships.values_list("committee", "role"):
                found[committee].add(role)
        return found

    def committees(self, perm: str) -> list[int]:
        """The committees in which a role of the person grants this."""
        return [key for key, roles in self.roles.items() if any(perm in GRANTS[r] for r in roles)]

    def may(self, perm: str, release: Release) -> bool:
        roles = self.roles.get(release.project.committee_id, set())
        return any(perm in GRANTS[role] for role in roles)

    def releases(self, perm: str) -> ReleaseQuerySet:
        ours = self.committees(perm)
        known = Release.objects.known_to(self.person)
        return known.filter(project__committee__in=ours).select_related("project")

    def _jobs(self) -> Iterator[Task]:
        ours = self.releases("releases.change_files").annotate(key=Cast("pk", CharField()))
        jobs = Job.objects.failed().filter(release__in=ours.values("key")).order_by("-id")[:EACH]
        failed = list(jobs)
        names: dict[int, Any] = ours.in_bulk([int(job.release) for job in failed]) if failed else {}
        for job in failed:
            release = names[int(job.release)]
            yield Task(
                Urgency.BROKEN,
                f"Look at a failed job of {release}",
                release.get_absolute_url(),
                f"“{job.name}” was given up after {job.attempts} attempts.",
                since=job.finished_at,
            )

    def _votes_to_cast(self) -> Iterator[Task]:
        """Open votes of one's committees, and of podlings below them, without one's ballot."""
        ours = list(self.roles)
        where = Q(release__project__committee__in=ours)
        below = Q(release__project__committee__parent__in=ours)
        votes = self._open().filter(where | below).exclude(ends_at__lte=self.at)
        votes = votes.exclude(mode=VoteMode.MANUAL)  # people vote on those on the list
        mine = votes.exclude(ballots__voter=self.person.pk) if ours else votes.none()
        binds = set(self.committees(VOTES))
        # A vote of the first round that binds in the second counts there: nobody is asked again.
        first = Ballot.objects.filter(
            voter=self.person.pk,
            vote__release=OuterRef("release"),
            vote__round=FIRST,
            vote__number=OuterRef("number") - 1,
        )
        mine = mine.exclude(Q(Exists(first), round=SECOND, deciding__in=binds))
        for vote in mine[:EACH]:
            binding = _decides(vote) in binds
            yield Task(
                Urgency.VOTE,
                f"Vote on {vote.release}",
                vote.get_absolute_url(),
                "Your vote is binding." if binding else "Your vote is counted beside the binding.",
                ends_at=vote.ends_at,
            )

    def _votes_to_resolve(self) -> Iterator[Task]:
        ours = self.committees("releases.resolve_vote")
        votes = list(self._open().filter(release__project__committee__in=ours)[:EACH])
        counts = counts_of(votes, self.at)
        for vote in votes:
            counted = counts[vote.pk]
            over = counted.passes or (vote.ends_at is not None and vote.ends_at <= self.at)
            told = f"{counted.binding.for_it} of {vote.binding_needed} binding +1"
            if counted.binding.against:
                told += f", {counted.binding.against} binding -1"
            yield Task(
                Urgency.RESOLVE if over else Urgency.RUNNING,
                f"Resolve the vote on {vote.release}" if over else f"Follow {vote}",
                reverse("releases:resolve", args=vote.release.url_args)
                if over
                else vote.get_absolute_url(),
                f"It has {told}: {verdict_of(counted)}" if over else f"{told} so far.",
                ends_at=vote.ends_at,
                over=over,
            )

    def _open(self) -> VoteQuerySet:
        votes = Vote.objects.open().known_to(self.person)
        votes = votes.order_by(F("ends_at").asc(nulls_last=True), "pk")
        return votes.select_related("release__project__committee__parent")

    def _finishing(self) -> Iterator[Task]:
        passed = self.releases("releases.publish").in_phase(Phase.FINISH)
        for release in passed.select_related("publication").order_by("created_at")[:EACH]:
            known = getattr(release, "publication", None)
            if release.project.is_held and (known is None or known.state == known.State.DONE):
                yield stopped(release)
            elif known is None:
                yield Task(
                    Urgency.PUBLISH,
                    f"Publish {release}",
                    reverse("releases:publish", args=release.url_args),
                    "The vote has passed.",
                )
            elif known.state == Publication.State.FAILED:
                yield Task(
                    Urgency.BROKEN,
                    f"Mend the publication of {release}",
                    release.get_absolute_url(),
                    f"It failed: {first_line(known.error)}",
                    since=known.requested_at,
                )
            elif known.state == Publication.State.DONE:
                yield Task(
                    Urgency.ANNOUNCE,
                    f"Announce {release}",
                    reverse("releases:announce", args=release.url_args),
                    "Its files are in the download area.",
                    since=known.published_at,
                )

    def _drafts(self) -> Iterator[Task]:
        drafts = list(
            self.releases("releases.change_files")
            .in_phase(Phase.COMPOSE)
            .order_by("-created_at")[:EACH]
        )
        newest = Revision.objects.filter(release__in=drafts, number=F("release__last_revision"))
        by_release = {each.release_id: each for each in newest}
        for draft in drafts:
            yield self._draft(draft, by_release.get(draft.pk))

    def _draft(self, draft: Release, newest: Revision | None) -> Task:
        url = draft.get_absolute_url()
        if newest is None or not newest.file_count:
            why = "The draft has no files yet."
            return Task(Urgency.FILL, f"Upload files of {draft}", url, why, since=draft.created_at)
        findings = reverse("checks:findings", args=draft.url_args)
        since = newest.made_at
        if newest.verdict == Verdict.PENDING:
            why = f"Revision {newest.number} is being checked."
            return Task(Urgency.RUNNING, f"Follow the checks of {draft}", url, why, since=since)
        if newest.verdict == Verdict.FAILED:
            blockers = plural(newest.counts.get("blocker", 0), "blocker")
            why = f"Revision {newest.number} has {blockers}."
            there = f"{findings}?level=blocker"
            return Task(Urgency.MEND, f"Mend {draft}", there, why, since=since)
        if draft.project.is_held:
            return stopped(draft)
        if newest.concerns:
            concerns = plural(newest.counts.get("concern", 0) or len(newest.concerns), "concern")
            why = f"Revision {newest.number} has {concerns} to read before a vote, and no blocker."
            there = f"{findings}?level=concern"
            return Task(Urgency.CALL, f"Read the concerns of {draft}", there, why, since=since)
        why = f"The checks of revision {newest.number} found no blocker."
        if self.may("releases.start_vote", draft):
            there = reverse("releases:call-vote", args=draft.url_args)
            return Task(Urgency.CALL, f"Call the vote on {draft}", there, why, since=since)
        why += " Ask a release manager or a member of the committee to call the vote."
        return Task(Urgency.CALL, f"Hand on {draft}", url, why, since=since)


def counts_of(votes: list[Vote], at: datetime) -> dict[int, tally.Tally]:
    """The count of each of these votes, in two questions for all of them."""
    casts: dict[int, list[tally.Cast]] = defaultdict(list)
    ballots = Ballot.objects.filter(vote__in=votes)
    rows = ballots.values_list("vote", "voter__username", "choice", "cast_at", "pk")
    for vote, voter, choice, cast_at, order in rows:
        casts[vote].append(tally.Cast(voter, choice, cast_at, order))
    deciding = {vote.pk: _decides(vote) for vote in votes}
    binding: dict[int, set[str]] = defaultdict(set)
    members = Membership.objects.filter(
        committee__in=set(deciding.values()), role__in=roles_granting(VOTES), user__is_active=True
    )
    for committee, name in members.values_list("committee", "user__username"):
        binding[committee].add(name)
    seconds = [vote for vote in votes if vote.is_second]
    for key, first in first_rounds(seconds) if seconds else ():
        casts[key] += tally.carried(votes_in(first), casts[key], binding[deciding[key]])
    return {
        vote.pk: tally.tally(casts[vote.pk], binding[deciding[vote.pk]], vote.rule, at)
        for vote in votes
    }


def first_rounds(seconds: list[Vote]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The keys of these second rounds, each with what the round before it has kept."""
    releases = [vote.release_id for vote in seconds]
    rows = Vote.objects.filter(release__in=releases, round=FIRST)
    kept = {
        (release, number): counted
        for release, number, counted in rows.values_list("release", "number", "counted")
    }
    for vote in seconds:
        yield vote.pk, kept.get((vote.release_id, vote.number - 1), {})


def _decides(vote: Vote) -> int:
    """The committee whose members' votes bind."""
    return vote.deciding_id or vote.release.project.committee.binding_committee.pk


def stopped(release: Release) -> Task:
    """A release whose next step waits for an officer to let its project go on."""
    held = release.project
    why = f"{held} is held: {held.held_reason}"
    act, url = f"Read why {release} waits", release.get_absolute_url()
    return Task(Urgency.RUNNING, act, url, why, since=held.held_at)


def verdict_of(counted: tally.Tally) -> str:
    """What the count means, for whoever has to resolve the vote."""
    return "it passes." if counted.passes else " ".join(counted.missing)


def first_line(text: str) -> str:
    """The first line of an error, short enough for a list."""
    line = next(iter(text.strip().splitlines()), "no reason was given")
    return line if len(line) <= 120 else f"{line[:120]}…"


def plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
