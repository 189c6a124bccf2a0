"""Ballots: who, what, about which bytes, and until when."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from projects.models import Membership
from projects.roles import Role
from releases import tally
from releases.models import Ballot, Vote
from releases.models.ballot import LONGEST_COMMENT
from releases.models.vote import MOST_BALLOTS
from releases.phases import Choice, Outcome
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote() -> Vote:
    return make.vote()


def cast(vote: Vote, by, choice: str = Choice.FOR, **named) -> Ballot:
    return vote.cast(choice, by=by, manifest_digest=vote.manifest_digest, **named)


def refused_with(vote: Vote, by, **named) -> list[str]:
    with pytest.raises(NotReady) as refused:
        vote.cast(**{"choice": "+1", "by": by, "manifest_digest": vote.manifest_digest} | named)
    return [each.code for each in refused.value.obstacles]


def test_a_ballot_names_the_bytes_it_is_about(vote) -> None:
    member = make.member(vote)
    ballot = cast(vote, member, Choice.AGAINST, comment="It does not build.")
    assert (ballot.manifest_digest, ballot.binding_when_cast) == (vote.manifest_digest, True)
    event = Event.objects.get(tag=Tag.BALLOT_CAST)
    assert event.facts == {
        "vote": 1,
        "choice": "-1",
        "binding": True,
        "manifest": vote.manifest_digest,
    }
    assert Job.objects.filter(args__event=event.pk, name="releases.send_mail").count() == 1


def test_anybody_with_an_account_votes_and_binds_by_role_only(vote) -> None:
    people = [make.user(), make.operator(), make.member(vote, Role.RELEASE_MANAGER)]
    people.append(make.member(make.project()))
    for person in people:
        assert not cast(vote, person).binding_when_cast
    assert vote.tally().other.for_it == 4
    assert vote.tally().binding.for_it == 0


@pytest.mark.parametrize("who", ["nobody", "switched off"])
def test_nobody_and_switched_off_people_do_not_vote(vote, who: str) -> None:
    person = AnonymousUser() if who == "nobody" else make.member(vote, is_active=False)
    with pytest.raises(PermissionDenied):
        cast(vote, person)
    assert not Ballot.objects.exists()
    assert Event.objects.get(refused=True).actor == person.get_username()


def test_a_ballot_is_changed_by_another_and_the_last_counts(vote) -> None:
    member = make.member(vote)
    for choice in (Choice.AGAINST, Choice.ABSTAIN, Choice.FOR):
        cast(vote, member, choice)
    assert vote.ballots.count() == 3
    assert [str(each) for each in vote.latest_ballots()] == [f"+1 by {member} in {vote}"]
    assert vote.ballot_of(member).choice == "+1"
    assert vote.ballot_of(AnonymousUser()) is None
    binding = vote.tally().binding
    assert (binding.for_it, binding.abstain, binding.against) == (1, 0, 0)


def test_a_ballot_sent_twice_is_one(vote) -> None:
    member = make.member(vote)
    first = cast(vote, member, comment="Fine.")
    assert cast(vote, member, comment="Fine.") == first
    assert cast(vote, member, comment="Fine indeed.") != first
    assert Event.objects.filter(tag=Tag.BALLOT_CAST).count() == 2


def test_other_files_than_those_in_the_vote_are_not_voted_on(vote) -> None:
    assert refused_with(vote, make.user(), manifest_digest="sha256:0") == ["other_files"]


@pytest.mark.parametrize("choice", ["", "+2", "yes", "+1\n", "\0" * 100])
def test_what_is_no_vote_is_refused(vote, choice: str) -> None:
    with pytest.raises(BadInput, match="is no vote"):
        cast(vote, make.user(), choice)


@pytest.mark.parametrize(
    ("comment", "sentence"),
    [
        ("x" * (LONGEST_COMMENT + 1), "10001 characters; 10000 are allowed"),
        ("x" * 10_000_000, "10000000 characters"),
        ("a\0b", "control characters"),
        ("a\ud800", "control characters"),
    ],
)
def test_a_comment_no_page_can_show_is_refused(vote, comment: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        cast(vote, make.user(), comment=comment)
    assert not Ballot.objects.exists()
    assert len(Event.objects.get(refused=True).facts["sentence"]) < 500


def test_a_vote_that_is_over_takes_no_ballots() -> None:
    vote = make.vote(make.candidate(make.project(hours=72)))
    voter = make.user()
    with time_machine.travel(vote.ends_at - timedelta(seconds=1), tick=False):
        cast(vote, voter)
    with time_machine.travel(vote.ends_at, tick=False):
        assert refused_with(vote, voter, choice="-1") == ["vote_over"]


def test_a_closed_vote_takes_no_ballots_and_a_new_one_does(vote) -> None:
    vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote))
    assert refused_with(vote, make.user()) == ["vote_closed"]
    again = make.vote(vote.release)
    assert refused_with(vote, make.user()) == ["vote_closed"]
    assert cast(again, make.user()).vote == again


def test_a_role_lost_after_voting_does_not_bind(vote) -> None:
    voters = [make.member(vote) for _ in range(3)]
    for voter in voters:
        cast(vote, voter)
    assert vote.tally().passes
    vote.committee.remove_member(voters[0], Role.MEMBER, by=voters[1])
    assert not vote.tally().passes
    assert vote.tally().other.for_it == 1


def test_a_role_gained_after_voting_binds(vote) -> None:
    voter = make.user()
    assert not cast(vote, voter).binding_when_cast
    vote.committee.add_member(voter, Role.MEMBER, by=make.member(vote))
    assert vote.tally().binding.for_it == 1


def test_an_account_switched_off_after_voting_does_not_bind(vote) -> None:
    voter = make.member(vote)
    cast(vote, voter)
    type(voter).objects.filter(pk=voter.pk).update(is_active=False)
    assert vote.tally().binding.for_it == 0


def test_in_a_podlings_first_round_its_own_members_decide_and_then_its_parents() -> None:
    vote = make.vote(make.candidate(make.podling()))
    podling, parent = vote.committee, vote.committee.parent
    assert cast(vote, make.member(podling)).binding_when_cast
    assert not cast(vote, make.member(parent)).binding_when_cast
    second = make.second(make.candidate(make.podling("second")))
    assert not cast(second, make.member(second.committee)).binding_when_cast
    for _ in range(3):
        assert cast(second, make.member(second.committee.parent)).binding_when_cast
    result = second.release.resolve_vote(Outcome.PASSED, by=make.member(second.committee))
    assert result.counted["tally"]["binding"]["for_it"] == 3


def test_a_podlings_vote_that_was_called_before_there_were_rounds_is_decided_by_the_parent() -> (
    None
):
    vote = make.vote(make.candidate(make.podling()))
    Vote.objects.update(round=None, deciding=None)
    vote = Vote.objects.get(pk=vote.pk)
    assert vote.deciding_committee == vote.committee.parent
    assert cast(vote, make.member(vote.committee.parent)).binding_when_cast


def test_the_same_rule_and_ballots_give_the_counted_result_again(vote) -> None:
    voters = [make.member(vote) for _ in range(3)]
    for voter in voters:
        cast(vote, voter)
    closed = vote.release.resolve_vote(Outcome.PASSED, by=voters[0])
    Membership.objects.all().delete()
    kept = Vote.objects.get(pk=closed.pk).counted
    casts = [
        tally.Cast(each["voter"], each["choice"], parse_datetime(each["at"]), each["order"])
        for each in kept["ballots"]
    ]
    again = tally.tally(casts, {*kept["binding_voters"]}, tally.Rule(3), parse_datetime(kept["at"]))
    assert json.loads(json.dumps(again.as_json())) == kept["tally"]
    assert again.passes


def test_the_database_too_knows_three_choices(vote) -> None:
    ballot = cast(vote, make.user())
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.filter(pk=ballot.pk).update(choice="?")


def test_a_vote_says_what_it_is_about(vote) -> None:
    assert str(vote) == f"vote 1 on {vote.release}"
    assert (vote.project, vote.committee) == (vote.release.project, vote.release.committee)
    ballot = cast(vote, make.user())
    assert (ballot.project, ballot.committee) == (vote.project, vote.committee)
    assert not vote.is_over()


def test_who_votes_again_votes_later_also_when_the_clock_is_set_back(vote) -> None:
    by = make.member(vote.project)
    vote.cast(Choice.FOR, by=by, manifest_digest=vote.manifest_digest)
    with time_machine.travel(now() - timedelta(seconds=30)):
        vote.cast(Choice.AGAINST, by=by, manifest_digest=vote.manifest_digest)
    assert vote.ballot_of(by).choice == Choice.AGAINST
    assert vote.latest_ballots()[-1].choice == Choice.AGAINST
    assert (vote.tally().binding.for_it, vote.tally().binding.against) == (0, 1)


def test_nobody_floods_the_list_with_ballots(vote) -> None:
    by, other = make.user(), make.user()
    for turn in range(MOST_BALLOTS):
        vote.cast(Choice.FOR, by=by, comment=str(turn), manifest_digest=vote.manifest_digest)
    with pytest.raises(BadInput, match="last one counts"):
        vote.cast(Choice.AGAINST, by=by, manifest_digest=vote.manifest_digest)
    assert vote.ballot_of(by).comment == str(MOST_BALLOTS - 1)
    vote.cast(Choice.AGAINST, by=other, manifest_digest=vote.manifest_digest)


def test_a_vote_that_has_what_it_takes_by_the_count_has_not_failed(vote) -> None:
    for _ in range(3):
        vote.cast(Choice.FOR, by=make.member(vote.project), manifest_digest=vote.manifest_digest)
    with pytest.raises(Stale, match="what it takes"):
        vote.close(Outcome.FAILED, by=make.member(vote.project))
    assert Vote.objects.get().outcome == Outcome.OPEN
