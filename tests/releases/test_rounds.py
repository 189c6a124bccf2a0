"""A podling's two rounds: who decides, what is carried, and what the result keeps of both."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.models import Policy
from releases import recount, tally
from releases.bundle import carried_in, votes_in
from releases.models import Vote
from releases.models.rounds import second_lists
from releases.phases import Choice, Outcome
from releases.reviewing import problems_of
from releases.second import second_of
from releases.voices import carried_voices, voices
from tests import make

AT = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = list("abcdef")
BALLOTS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(tally.CHOICES), st.integers(0, 9)),
    max_size=12,
)


# A machine that does other things as well is no reason to fail.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def casts(rows) -> list[tally.Cast]:
    return [
        tally.Cast(voter, choice, AT + timedelta(hours=hour), order)
        for order, (voter, choice, hour) in enumerate(rows, 1)
    ]


class TestCarried:
    @at_leisure
    @given(BALLOTS, BALLOTS, st.sets(st.sampled_from(PEOPLE)))
    def test_each_binding_voter_counts_once_with_the_second_rounds_vote_if_there_is_one(
        self, first, second, binding
    ):
        before, own = casts(first), casts(second)
        carried = tally.carried(before, own, binding)
        counted = tally.tally(own + carried, binding, tally.Rule(), AT)
        said = {voter: cast.choice for voter, cast in tally.effective(before).items()}
        here = {voter: cast.choice for voter, cast in tally.effective(own).items()}
        expected = [
            here.get(voter) or said[voter] for voter in binding if voter in here or voter in said
        ]
        assert counted.binding == tally.Counts(*(expected.count(each) for each in tally.CHOICES))
        others = [choice for voter, choice in here.items() if voter not in binding]
        assert counted.other == tally.Counts(*(others.count(each) for each in tally.CHOICES))

    @at_leisure
    @given(BALLOTS, BALLOTS, st.sets(st.sampled_from(PEOPLE)), st.randoms())
    def test_order_does_not_matter_and_clocks_do_not_either(self, first, second, binding, dice):
        before, own = casts(first), casts(second)
        later = [
            tally.Cast(each.voter, each.choice, each.at + timedelta(days=9)) for each in before
        ]
        carried = tally.carried(before, own, binding)
        dice.shuffle(before)
        dice.shuffle(own)
        assert tally.carried(before, own, binding) == carried
        last = {each.voter: each.choice for each in carried}
        again = tally.carried(later, own, binding)
        assert {each.voter for each in again} == set(last)

    @at_leisure
    @given(BALLOTS, BALLOTS, st.sets(st.sampled_from(PEOPLE)))
    def test_the_standalone_recount_finds_the_same(self, first, second, binding):
        told = {"round": 1, "binding_voters": [], "ballots": rows_of(first)}
        here = {"binding_voters": sorted(binding), "ballots": rows_of(second), "first": told}
        carried = tally.carried(casts(first), casts(second), binding)
        assert recount.carried(here) == {each.voter: each.choice for each in carried}
        counted = tally.tally(casts(second) + carried, binding, tally.Rule(), AT)
        ours = [counted.binding.for_it, counted.binding.abstain, counted.binding.against]
        assert recount.counted(here)["binding"] == ours


def rows_of(rows):
    return [
        {"voter": cast.voter, "choice": cast.choice, "at": cast.at.isoformat(), "order": cast.order}
        for cast in casts(rows)
    ]


def cast(vote: Vote, person, choice: str = Choice.FOR, **more):
    return vote.cast(choice, by=person, manifest_digest=vote.manifest_digest, **more)


@pytest.fixture
def both(db) -> Vote:
    """The second round, with one vote that is carried: somebody is on both rosters."""
    release = make.candidate(make.podling())
    mentor = make.member(release, username="mentor")
    release.committee.parent.memberships.create(user=mentor, role="member")
    first = make.vote(release)
    cast(first, mentor, comment="Looks fine.")
    cast(first, make.member(release, username="young"))
    first.release.resolve_vote(Outcome.CANCELLED, by=mentor)
    again = make.vote(release)
    cast(again, mentor)
    for _ in range(2):
        cast(again, make.member(release))
    by = make.member(release)
    again.release.resolve_vote(Outcome.PASSED, by=by, second=second_of(release, by))
    return release.vote


def pass_second(vote: Vote) -> Vote:
    for _ in range(2):
        cast(vote, make.member(vote.committee.parent))
    return vote.release.resolve_vote(Outcome.PASSED, by=make.member(vote.committee))


def test_who_binds_in_both_rounds_has_voted_in_both(both) -> None:
    assert both.tally().binding == tally.Counts(1, 0, 0)
    assert [each.voter for each in carried_voices(both)] == ["mentor"]
    assert [each.carried_from.number for each in carried_voices(both)] == [2]


def test_a_carried_vote_can_be_changed_and_counts_once(both) -> None:
    mentor = both.first_round.ballots.get(voter__username="mentor").voter
    cast(both, mentor, Choice.AGAINST)
    assert both.tally().binding == tally.Counts(0, 0, 1)
    assert carried_voices(both) == []
    assert both.first_round.ballot_of(mentor).choice == Choice.FOR


def test_who_leaves_the_parent_is_carried_no_more_and_who_joins_it_is(both) -> None:
    both.committee.parent.memberships.all().delete()
    assert both.tally().binding == tally.Counts()
    other = both.first_round.ballots.exclude(voter__username="mentor").first().voter
    both.committee.parent.memberships.create(user=other, role="member")
    assert both.tally().binding == tally.Counts(1, 0, 0)
    assert both.tally().other == tally.Counts()


def test_a_carried_minus_one_makes_the_resolver_look_again(both) -> None:
    assert not both.has_minus_one
    first = both.first_round
    first.counted["ballots"][0]["choice"] = "-1"
    Vote.objects.filter(pk=first.pk).update(counted=first.counted)
    assert Vote.objects.get(pk=both.pk).has_minus_one


def test_the_result_of_the_second_round_holds_that_of_the_first(both) -> None:
    closed = pass_second(both)
    kept = closed.counted
    assert kept["first"] == closed.first_round.counted
    assert (kept["round"], kept["first"]["round"]) == (2, 1)
    assert [each.voter for each in carried_in(kept)] == ["mentor"]
    assert len(votes_in(kept)) == 2
    assert kept["tally"]["binding"] == {"for_it": 3, "abstain": 0, "against": 0}
    assert len(voices(closed)) == 3
    assert list(problems_of(closed)) == list(recount.differences(kept)) == []


def test_the_script_alone_counts_both_rounds_again(both, tmp_path, capsys) -> None:
    closed = pass_second(both)
    file = tmp_path / "result.json"
    file.write_bytes(closed.bundle)
    assert recount.main(["recount.py", str(file)]) == 0
    told = capsys.readouterr().out
    assert "carried   mentor +1" in told
    assert closed.bundle_digest in told
    assert closed.first_round.bundle_digest in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda kept: kept["carried"].clear(), "carried vote of mentor"),
        (lambda kept: kept["carried"][0].update(choice="-1"), "carried vote of mentor"),
        (lambda kept: kept["first"]["ballots"].pop(0), "first round: binding votes"),
        (lambda kept: kept["first"].update(outcome="failed"), "none that passed"),
        (lambda kept: kept["first"].update(manifest="sha256:0"), "on other files"),
        (lambda kept: kept.pop("first"), "lacks the first"),
        (lambda kept: kept["binding_voters"].remove("mentor"), "carried vote of mentor"),
    ],
)
def test_whatever_of_either_round_is_changed_is_told(both, change, told) -> None:
    kept = json.loads(pass_second(both).bundle)
    change(kept)
    assert told in " ".join(recount.differences(kept))


def test_tally_verify_covers_both_rounds(both) -> None:
    closed = pass_second(both)
    name = f"{closed.project.slug}/{closed.release.version}"
    out = StringIO()
    call_command("tally", name, "--verify", stdout=out)
    assert out.getvalue().count("agrees") == 3
    first = closed.first_round
    first.counted["subject"] = "another"
    Vote.objects.filter(pk=first.pk).update(counted=first.counted)
    with pytest.raises(CommandError, match="1 votes do not agree"):
        call_command("tally", name, "--verify", stdout=out)
    assert "is not what vote 2 has kept" in out.getvalue()
    Vote.objects.filter(pk=closed.pk).update(round=1)
    with pytest.raises(CommandError):
        call_command("tally", name, "--verify", stdout=out)
    assert "the bundle says 2, the vote 1" in out.getvalue()


def test_the_database_knows_two_rounds_each_with_who_decides(both) -> None:
    for wrong in ({"round": 3}, {"deciding": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Vote.objects.filter(pk=both.pk).update(**wrong)


@pytest.mark.django_db
def test_where_the_second_round_goes_is_the_parents_to_say() -> None:
    committee = make.podling().committee
    assert second_lists(committee) == (committee.parent.general_list,)
    Policy.objects.create(committee=committee.parent, vote_recipients="votes@above.example.org")
    assert second_lists(committee) == ("votes@above.example.org",)
    assert second_lists(make.committee()) == ()


@pytest.mark.django_db
def test_votes_of_one_round_are_as_they_were() -> None:
    closed = make.passed().vote
    assert (closed.round, closed.first_round, closed.second_round) == (None, None, None)
    assert not {"round", "first", "carried"} & set(closed.counted)
    assert closed.kinds == ("binding", "non-binding")
