"""Counting a vote: what always holds, whatever the ballots."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.tally import CHOICES, Cast, Counts, Rule, count, effective, tally

NOW = datetime(2026, 6, 1, tzinfo=UTC)
VOTERS = tuple("abcdefg")

rules = st.builds(
    Rule,
    st.integers(3, 5),
    st.none() | st.sampled_from([NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1)]),
)
people = st.frozensets(st.sampled_from(VOTERS))


@st.composite
def ballots(draw: st.DrawFn) -> list[Cast]:
    acts = draw(
        st.lists(
            st.tuples(st.sampled_from(VOTERS), st.sampled_from(CHOICES), st.integers(0, 3)),
            max_size=12,
        )
    )
    return [
        Cast(voter, choice, NOW + timedelta(seconds=second), order)
        for order, (voter, choice, second) in enumerate(acts)
    ]


@given(st.data(), ballots(), people, rules)
def test_the_order_in_which_ballots_are_read_never_matters(data, cast, binding, rule) -> None:
    shuffled = data.draw(st.permutations(cast))
    assert tally(shuffled, binding, rule, NOW) == tally(cast, binding, rule, NOW)


@given(ballots(), people, rules)
def test_everybody_counts_once_with_the_last_they_said(cast, binding, rule) -> None:
    result = tally(cast, binding, rule, NOW)
    voters = {each.voter for each in cast}
    for counts, ours in ((result.binding, voters & binding), (result.other, voters - binding)):
        assert counts.for_it + counts.abstain + counts.against == len(ours)
    last = {}
    for each in sorted(cast, key=lambda one: (one.at, one.order)):
        last[each.voter] = each
    assert effective(cast) == last


@given(ballots(), rules)
def test_nobody_binds_without_the_role(cast, rule) -> None:
    result = tally(cast, frozenset(), rule, NOW)
    assert result.binding == Counts()
    assert not result.passes


@given(ballots(), people, rules, st.sampled_from(VOTERS))
def test_one_more_plus_one_never_fails_a_vote_that_passes(cast, binding, rule, voter) -> None:
    if not tally(cast, binding, rule, NOW).passes:
        return
    more = [*cast, Cast(voter, "+1", NOW + timedelta(days=1), 99)]
    assert tally(more, binding, rule, NOW).passes


@given(ballots(), people, rules)
def test_it_passes_exactly_by_the_rule_of_the_foundation(cast, binding, rule) -> None:
    result = tally(cast, binding, rule, NOW)
    ours = result.binding
    enough = ours.for_it >= rule.binding_needed and ours.for_it > ours.against
    over = rule.ends_at is None or rule.ends_at <= NOW
    assert result.enough == enough
    assert result.passes == (enough and over) == (not result.missing)


def test_of_two_ballots_at_one_instant_the_later_row_counts() -> None:
    first, second = Cast("a", "+1", NOW, 1), Cast("a", "-1", NOW, 2)
    for order in permutations([first, second]):
        assert effective(order) == {"a": second}


def test_a_minus_one_is_no_veto_but_as_many_are_too_many() -> None:
    def result(against: int):
        cast = [Cast(f"f{n}", "+1", NOW) for n in range(3)]
        cast += [Cast(f"a{n}", "-1", NOW) for n in range(against)]
        return tally(cast, {each.voter for each in cast}, Rule(), NOW)

    assert result(2).passes
    assert result(3).missing == ("More binding +1 than -1 are needed; there are 3 +1 and 3 -1.",)


def test_what_is_missing_is_said_in_sentences() -> None:
    result = tally([Cast("a", "+1", NOW)], {"a"}, Rule(3, NOW + timedelta(hours=1)), NOW)
    assert result.missing == ("2 more binding +1 needed (1 of 3).", "The vote is still open.")
    assert result.as_json()["binding"] == {"for_it": 1, "abstain": 0, "against": 0}


def test_what_is_no_vote_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="'maybe' is no vote"):
        effective([Cast("a", "maybe", NOW)])
    assert count([]) == Counts()
