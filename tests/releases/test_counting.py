"""The count of a vote as people read it."""

import pytest

from projects.roles import Role
from releases.counting import PER_PAGE, Count, Standing
from releases.models import Vote
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote() -> Vote:
    return make.vote()


def cast(vote: Vote, choice: str = "+1", by=None):
    by = by or make.user()
    return vote.cast(choice, by=by, manifest_digest=vote.manifest_digest)


def test_binding_ballots_come_first_and_else_the_earliest(vote) -> None:
    first, second = cast(vote), cast(vote)
    binding = cast(vote, by=make.member(vote.project))
    rows = Count.of(vote).rows
    assert [row.ballot for row in rows] == [binding, first, second]
    assert [row.binds for row in rows] == [True, False, False]


def test_a_changed_vote_is_one_row_that_keeps_what_it_replaced(vote) -> None:
    person = make.user()
    cast_by = [cast(vote, choice, person) for choice in ("-1", "0", "+1")]
    (row,) = Count.of(vote).rows
    assert row.ballot == cast_by[2]
    assert row.replaced == [cast_by[1], cast_by[0]]
    assert Count.of(vote).against == []


def test_what_was_binding_when_it_was_resolved_stays_so(vote) -> None:
    person = make.member(vote.project)
    cast(vote, "-1", person)
    vote.release.resolve_vote("failed", by=make.member(vote.project))
    vote.refresh_from_db()
    person.memberships.all().delete()
    assert [row.binds for row in Count.of(vote).rows] == [True]
    assert [row.ballot.choice for row in Count.of(vote).against] == ["-1"]


def test_what_is_told_differs_when_anything_has_happened(vote) -> None:
    told = [Count.of(vote).told]
    person = make.user()
    cast(vote, by=person)
    told.append(Count.of(vote).told)
    cast(vote, "-1", person)
    told.append(Count.of(vote).told)
    make.member(vote.project, Role.MEMBER)  # nobody who has voted
    assert Count.of(vote).told == told[-1]
    assert len(set(told)) == len(told)


def test_the_page_with_a_ballot_is_found_also_when_it_was_replaced(vote) -> None:
    ballots = [cast(vote) for _ in range(PER_PAGE + 1)]
    last = ballots[-1]
    cast(vote, "-1", last.voter)
    count = Count.of(vote)
    assert count.page(holding=str(last.pk)).number == 2
    assert count.page(holding=str(ballots[0].pk)).number == 1
    assert count.page(2, holding="no number").number == 2
    assert count.page("x").number == 1


def test_standing_says_what_a_vote_is_worth(vote) -> None:
    member = make.member(vote.project)
    binding = vote.binding_names()
    assert Standing.of(vote, member, binding).binds
    other = Standing.of(vote, make.user(), binding)
    assert not other.binds
    assert "does not bind" in other.why
