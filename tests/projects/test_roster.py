"""Who is in a committee, and what the roles allow, in words."""

import pytest

from projects.models import Membership
from projects.roles import GRANTS, Role
from projects.roster import ACTS, acts, people_of, roster
from tests import make

pytestmark = pytest.mark.django_db


def test_everybody_is_named_once_members_first():
    committee = make.committee()
    make.member(committee, Role.PARTICIPANT, username="aaron")
    both = make.member(committee, Role.PARTICIPANT, username="zoe")
    Membership.objects.create(committee=committee, user=both, role=Role.MEMBER)
    assert [
        (seat.user.username, [each.role for each in seat.memberships]) for seat in roster(committee)
    ] == [("zoe", ["member", "participant"]), ("aaron", ["participant"])]


def test_the_words_follow_the_table_of_grants():
    told = dict(acts())
    assert told["cast binding votes"] == ["Committee member"]
    assert told["upload and change files of drafts"] == [role.label for role in Role]


def test_every_right_that_is_told_exists():
    assert set(ACTS) <= set().union(*GRANTS.values())


def test_many_people_come_in_pages():
    committee = make.committee()
    people = [make.user(username=f"p{number:02}") for number in range(53)]
    Membership.objects.bulk_create(
        Membership(committee=committee, user=each, role=Role.MEMBER) for each in people
    )
    last = people_of(committee, "2")
    assert [seat.user.username for seat in last.object_list] == ["p50", "p51", "p52"]
    assert people_of(committee, "x").number == 1
