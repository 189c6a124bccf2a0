"""What the clock does about votes: each thing once, whoever looks and however often."""

from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.utils.timezone import now

from projects.models import Membership, VoteMode
from releases import ending
from releases.models import Publication, Release, Vote
from releases.models.timed import Ending
from releases.phases import Choice, Outcome, Phase
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.ticking import Ticker
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db


def called(hours: int | None = 72, **asked: bool) -> Vote:
    release = make.candidate(make.project(hours=0))
    return release.start_vote(
        by=make.member(release),
        revision=1,
        subject="[VOTE]",
        body="Please vote.",
        hours=hours,
        ending=Ending(**asked),
    )


def agree(vote: Vote, count: int = 3, choice: str = Choice.FOR) -> None:
    for _ in range(count):
        vote.cast(choice, by=make.member(vote), manifest_digest=vote.manifest_digest)


def tick(hours: float = 0) -> None:
    """Let the clock be so many hours on, and do what is due then."""
    with time_machine.travel(now() + timedelta(hours=hours), tick=False):
        Ticker().tick()
        run_pending()


def events(tag: Tag) -> list[Event]:
    return list(Event.objects.filter(tag=tag))


def test_reminders_go_out_a_day_before_and_once() -> None:
    vote = called()
    tick(47)
    assert events(Tag.VOTE_ENDING) == []
    tick(49)
    tick(50)
    tick(71)
    (reminded,) = events(Tag.VOTE_ENDING)
    assert reminded.facts["waiting_for"] == len(ending.missing_voters(vote)) == 2


def test_a_short_vote_reminds_in_its_last_third() -> None:
    vote = called(hours=9)
    assert vote.ends_at is not None
    assert ending.reminds_at(vote) == vote.ends_at - timedelta(hours=3)


def test_who_has_voted_is_not_reminded() -> None:
    vote = called()
    vote.cast(Choice.FOR, by=vote.called_by, manifest_digest=vote.manifest_digest)
    make.member(vote, username="late")
    missing = {each.username for each in ending.missing_voters(vote)}
    assert "late" in missing
    assert vote.called_by.username not in missing


def test_nobody_is_reminded_of_a_vote_that_people_count() -> None:
    vote = called()
    Vote.objects.update(mode=VoteMode.MANUAL)
    make.member(vote)
    tick(71)
    (told,) = events(Tag.VOTE_ENDING)
    assert told.facts["waiting_for"] == 0


def test_a_vote_that_has_passed_is_resolved_when_it_ends_as_who_asked() -> None:
    vote = called(auto_resolve=True)
    agree(vote)
    tick(71)
    assert Vote.objects.get().outcome == Outcome.OPEN
    for hours in (73, 74, 200):
        tick(hours)
    vote.refresh_from_db()
    assert (vote.outcome, vote.resolved_by) == (Outcome.PASSED, vote.called_by)
    assert len(events(Tag.VOTE_ENDED)) == len(events(Tag.VOTE_PASSED)) == 1


@pytest.mark.parametrize("votes", [0, 2])
def test_a_vote_that_does_not_pass_is_left_to_people(votes: int) -> None:
    vote = called(auto_resolve=True)
    agree(vote, votes)
    tick(73)
    vote.refresh_from_db()
    assert vote.outcome == Outcome.OPEN
    (ended,) = events(Tag.VOTE_ENDED)
    assert any("binding +1" in each for each in ended.facts["left"])


def test_a_minus_one_waits_for_a_person() -> None:
    vote = called(auto_resolve=True)
    agree(vote)
    agree(vote, 1, Choice.AGAINST)
    tick(73)
    assert Vote.objects.get().outcome == Outcome.OPEN
    assert "second look" in events(Tag.VOTE_ENDED)[0].facts["left"][0]


def test_who_asked_and_has_lost_the_role_resolves_nothing() -> None:
    vote = called(auto_resolve=True)
    agree(vote)
    Membership.objects.filter(user=vote.called_by).delete()
    tick(73)
    assert Vote.objects.get().outcome == Outcome.OPEN
    assert "may not resolve" in events(Tag.VOTE_ENDED)[0].facts["left"][0]


def test_a_vote_without_an_end_is_resolved_as_soon_as_its_rule_is_met() -> None:
    vote = called(hours=0, auto_resolve=True)
    agree(vote, 2)
    tick()
    assert Vote.objects.get().outcome == Outcome.OPEN
    agree(vote, 1)
    tick(0.1)
    assert Vote.objects.get().outcome == Outcome.PASSED


def test_what_is_to_be_published_by_itself_is() -> None:
    vote = called(auto_resolve=True, auto_publish=True)
    agree(vote)
    tick(73)
    release = Release.objects.get()
    assert release.phase == Phase.FINISH
    assert release.publication.requested_by == vote.called_by


class Killed(BaseException):
    """What a worker's process dies of: nothing below it has the time to catch it."""


def test_a_worker_that_dies_between_resolving_and_publishing_leaves_it_to_the_next() -> None:
    vote = called(auto_resolve=True, auto_publish=True)
    agree(vote)
    with time_machine.travel(now() + timedelta(hours=73), tick=False):
        with mock.patch.object(Release, "publish", side_effect=Killed), pytest.raises(Killed):
            ending.end(Vote.objects.get())
        assert Vote.objects.get().outcome == Outcome.PASSED
        assert not Publication.objects.exists()
        first, second = (ending.end(Vote.objects.get()) for _ in range(2))
    assert first["published"]
    assert second == {"skipped": "already_resolved"}
    assert Publication.objects.get().requested_by == vote.called_by
    assert len(events(Tag.PUBLICATION_STARTED)) == len(events(Tag.VOTE_PASSED)) == 1


def test_what_a_person_has_resolved_is_published_by_a_person() -> None:
    vote = called(auto_resolve=True, auto_publish=True)
    agree(vote)
    agree(vote, 1, Choice.AGAINST)
    tick(73)
    with time_machine.travel(now() + timedelta(hours=74)):
        by = make.member(vote)
        Release.objects.get().resolve_vote(Outcome.PASSED, by=by, confirmed=True)
        assert ending.end(Vote.objects.get()) == {"skipped": "already_resolved"}
    assert not Publication.objects.exists()


def test_who_may_not_publish_by_then_leaves_the_result_and_a_refusal_that_says_so() -> None:
    vote = called(auto_resolve=True, auto_publish=True)
    agree(vote)
    with time_machine.travel(now() + timedelta(hours=73)):
        with mock.patch.object(Release, "publish", side_effect=Killed), pytest.raises(Killed):
            ending.end(Vote.objects.get())
        Membership.objects.filter(user=vote.called_by).delete()
        Job.objects.enqueue("releases.end_vote", args={"vote": vote.pk})
        run_pending()
    job = Job.objects.get(name="releases.end_vote")
    assert job.state == Job.State.DONE
    assert "releases.publish" in job.result["not_published"]
    assert "releases.publish" in events(Tag.REFUSED)[-1].facts["sentence"]
    assert Vote.objects.get().outcome == Outcome.PASSED
    assert not Publication.objects.exists()


def test_a_vote_without_an_end_that_a_minus_one_holds_up_has_not_ended() -> None:
    vote = called(hours=0, auto_resolve=True)
    doubter = make.member(vote)
    vote.cast(Choice.AGAINST, by=doubter, manifest_digest=vote.manifest_digest)
    agree(vote)
    for hours in (0.1, 0.2):
        tick(hours)
    assert Vote.objects.get().outcome == Outcome.OPEN
    assert events(Tag.VOTE_ENDED) == []
    vote.cast(Choice.FOR, by=doubter, manifest_digest=vote.manifest_digest)
    tick(0.3)
    assert Vote.objects.get().outcome == Outcome.PASSED
    assert len(events(Tag.VOTE_ENDED)) == 1


def test_nobody_asks_for_what_cannot_be() -> None:
    with pytest.raises(NotReady, match="ask for both"):
        called(auto_publish=True)
    release = make.candidate(make.project())
    by = make.member(release, "release_manager")
    asked = Ending(auto_resolve=True, auto_publish=True)
    with pytest.raises(NotReady, match="Only a member"):
        release.start_vote(by=by, revision=1, subject="S", body="B", ending=asked)
    release.rules.change(by=make.member(release), vote_mode="email")
    release.refresh_from_db()
    with pytest.raises(NotReady, match="ballots on this site"):
        release.start_vote(
            by=by, revision=1, subject="S", body="B", ending=Ending(auto_resolve=True)
        )


def test_a_host_whose_clock_is_behind_waits_and_ends_nothing() -> None:
    vote = called(auto_resolve=True)
    agree(vote)
    Job.objects.enqueue("releases.end_vote", args={"vote": vote.pk})
    run_pending()
    job = Job.objects.get(name="releases.end_vote")
    assert (job.state, job.attempts) == (Job.State.QUEUED, 0)
    assert Vote.objects.get().outcome == Outcome.OPEN


def test_a_clock_that_is_set_back_and_forth_does_nothing_twice() -> None:
    vote = called(auto_resolve=True)
    agree(vote)
    for hours in (49, 10, 50, 73, 20, 49, 74, 73):
        tick(hours)
    assert vote.outcome == Outcome.OPEN  # this copy; the row is resolved once
    assert len(events(Tag.VOTE_ENDING)) == len(events(Tag.VOTE_PASSED)) == 1


def test_a_draft_that_was_deleted_meanwhile_is_no_error() -> None:
    for name in ("releases.end_vote", "releases.remind_voters"):
        Job.objects.enqueue(name, args={"vote": 4711})
    run_pending()
    assert not Job.objects.exclude(state=Job.State.DONE).exists()


@pytest.mark.django_db(transaction=True)
def test_a_publication_that_cannot_begin_leaves_the_result_as_it_is() -> None:
    vote = called(auto_resolve=True, auto_publish=True)
    agree(vote)
    refused = NotReady(())
    with (
        time_machine.travel(now() + timedelta(hours=73)),
        mock.patch.object(Release, "publish", side_effect=refused),
    ):
        done = ending.end(Vote.objects.get())
    assert done["resolved"]
    assert "not_published" in done
    assert Vote.objects.get().outcome == Outcome.PASSED
