"""Committees and the people in them."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.models import Committee, Membership
from projects.roles import Role
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db


def test_a_person_is_called_by_full_name_or_else_by_account() -> None:
    assert make.user("ada", full_name="Ada Lovelace").get_full_name() == "Ada Lovelace"
    assert make.user("ben", first_name="Ben", last_name="B").get_full_name() == "Ben B"
    assert make.user("cy").get_full_name() == str(make.user("cyd"))[:2]


def test_an_operator_has_no_right_on_a_committees_releases_by_that() -> None:
    operator = make.operator()
    assert operator.has_perm("projects.change_policy")
    assert not operator.has_perm("releases.start_vote", make.project())
    assert operator.has_perm("projects.change_policy", make.project())


def test_a_podling_needs_a_committee_that_it_acts_under() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make.committee(is_podling=True)


def test_votes_of_a_podling_bind_by_membership_in_its_parent() -> None:
    parent = make.committee()
    podling = make.committee("pod", is_podling=True, parent=parent)
    ours = make.member(parent)
    make.member(podling)
    assert list(podling.binding_voters) == [ours]
    assert str(podling) == "Pod (Incubating)"


def test_only_active_members_bind_each_once() -> None:
    committee = make.committee()
    member = make.member(committee)
    Membership.objects.create(committee=committee, user=member, role=Role.RELEASE_MANAGER)
    make.member(committee, is_active=False)
    make.member(committee, Role.RELEASE_MANAGER)
    assert list(committee.binding_voters) == [member]


def test_a_member_brings_another_in_and_the_log_says_so() -> None:
    committee = make.committee()
    chair, new = make.member(committee), make.user()
    for _ in range(2):
        committee.add_member(new, Role.PARTICIPANT, by=chair)
    event = Event.objects.get(tag=Tag.MEMBER_ADDED)
    assert (event.actor, event.committee) == (chair.username, committee.slug)
    assert event.facts == {"person": new.username, "role": "participant"}


def test_a_member_takes_a_role_away_once() -> None:
    committee = make.committee()
    chair, old = make.member(committee), make.member(committee, Role.PARTICIPANT)
    for _ in range(2):
        committee.remove_member(old, Role.PARTICIPANT, by=chair)
    assert Event.objects.filter(tag=Tag.MEMBER_REMOVED).count() == 1
    assert not committee.memberships.filter(user=old).exists()


@pytest.mark.parametrize(
    ("role", "fields", "sentence"),
    [("king", {}, "is no role"), ("member", {"is_active": False}, "is switched off")],
)
def test_a_role_nobody_knows_and_an_account_switched_off_are_refused(
    role: str, fields: dict[str, bool], sentence: str
) -> None:
    committee = make.committee()
    with pytest.raises(BadInput, match=sentence):
        committee.add_member(make.user(**fields), role, by=make.member(committee))
    assert committee.memberships.count() == 1


@pytest.mark.parametrize("role", [Role.RELEASE_MANAGER, Role.PARTICIPANT])
def test_others_than_members_do_not_choose_the_committee(role: Role) -> None:
    committee = make.committee()
    somebody = make.member(committee, role)
    for verb in (committee.add_member, committee.remove_member):
        with pytest.raises(PermissionDenied):
            verb(somebody, Role.MEMBER, by=somebody)
    assert committee.memberships.count() == 1
    assert Event.objects.filter(refused=True).count() == 2


def test_a_committee_has_one_development_list(settings) -> None:
    settings.MAIL_DOMAIN = "apache.org"
    assert Committee(slug="tooling").dev_list == "dev@tooling.apache.org"


def test_roles_are_read_once_for_an_instance(django_assert_num_queries) -> None:
    committee = make.committee()
    person = make.member(committee)
    with django_assert_num_queries(1):
        for _ in range(3):
            assert person.roles_in(committee) == {Role.MEMBER}
    assert str(person.memberships.get()) == f"{person}, Committee member of {committee}"


def test_nobody_gives_a_role_to_themself() -> None:
    """Else an operator could vote binding by one click of their own."""
    committee, operator = make.committee(), make.operator()
    with pytest.raises(BadInput, match="ask another member"):
        committee.add_member(operator, Role.MEMBER, by=operator)
    assert not Membership.objects.exists()
