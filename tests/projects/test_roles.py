"""Who may do what: the table of grants, row by row."""

import pytest
from django.contrib.auth.models import AnonymousUser

from projects.roles import GRANTS, Role, Standing, may, roles_granting, standings
from tests import make

pytestmark = pytest.mark.django_db

READ = {"releases.view_release", "projects.view_project", "keys.view_certificate"}
VOTE = READ | {"releases.cast_vote"}
DRAFTS = VOTE | {"releases.view_draft"}
COMPOSE = DRAFTS | {
    "releases.start_release",
    "releases.change_files",
    "releases.delete_draft",
    "keys.add_keys",
}
MANAGE = COMPOSE | {
    "releases.start_vote",
    "releases.resolve_vote",
    "releases.publish",
    "releases.announce",
    "projects.change_policy",
    "keys.manage_keys",
}
BIND = MANAGE | {
    "releases.cast_binding_vote",
    "projects.manage_committee",
    "projects.search_events",
}
OPERATE = DRAFTS | {
    "projects.manage_committee",
    "projects.search_events",
    "projects.change_policy",
    "keys.manage_keys",
    "ledger.retry_job",
}
EVERYTHING = BIND | OPERATE

# Person: how they are made, what they may do here, what they may do in another committee.
PEOPLE = {
    "nobody": (lambda where: AnonymousUser(), READ, READ),
    "visitor": (lambda where: make.user(), VOTE, VOTE),
    "committer": (lambda where: make.user(is_committer=True), DRAFTS, DRAFTS),
    "participant": (lambda where: make.member(where, Role.PARTICIPANT), COMPOSE, VOTE),
    "release manager": (lambda where: make.member(where, Role.RELEASE_MANAGER), MANAGE, VOTE),
    "committee member": (lambda where: make.member(where, Role.MEMBER), BIND, VOTE),
    "foundation member": (
        lambda where: make.user(is_foundation_member=True),
        DRAFTS | {"projects.search_events"},
        DRAFTS | {"projects.search_events"},
    ),
    "operator": (lambda where: make.operator(), OPERATE, OPERATE),
    "switched-off member": (
        lambda where: make.member(where, Role.MEMBER, is_active=False),
        READ,
        READ,
    ),
    "switched-off operator": (
        lambda where: make.user(is_superuser=True, is_active=False),
        READ,
        READ,
    ),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_a_person_may_do_exactly_what_the_table_says(who: str) -> None:
    here, elsewhere = make.project(), make.project()
    made, ours, theirs = PEOPLE[who]
    person = made(here)
    assert {perm for perm in EVERYTHING if may(person, perm, here)} == ours
    assert {perm for perm in EVERYTHING if may(person, perm, elsewhere)} == theirs


def test_the_table_grants_nothing_that_no_test_knows() -> None:
    assert frozenset().union(*GRANTS.values()) == EVERYTHING
    assert set(GRANTS) == {*Role.values, *Standing.values}


def test_a_right_without_an_object_follows_from_standing_alone() -> None:
    member = make.member(make.project())
    assert may(member, "releases.cast_vote")
    assert not may(member, "releases.start_vote")


def test_an_operator_votes_but_does_not_bind() -> None:
    project, operator = make.project(), make.operator()
    assert operator not in project.committee.binding_voters
    assert may(operator, "releases.cast_vote", project)
    assert not may(operator, "releases.cast_binding_vote", project)


def test_roles_add_up() -> None:
    person = make.member(make.project(), Role.PARTICIPANT)
    person.is_foundation_member = True
    assert list(standings(person)) == [Standing.PUBLIC, Standing.VISITOR, Standing.FOUNDATION]


def test_a_right_belongs_to_the_committee_of_the_object() -> None:
    project = make.project()
    manager = make.member(project, Role.RELEASE_MANAGER)
    for thing in (project, project.committee, make.release(project)):
        assert may(manager, "releases.start_vote", thing)


def test_members_of_the_parent_have_no_rights_over_the_files_of_a_podling() -> None:
    parent = make.committee()
    podling = make.committee(is_podling=True, parent=parent)
    assert not may(make.member(parent), "releases.change_files", podling)


def test_filters_know_which_roles_grant_a_right() -> None:
    assert roles_granting("releases.start_vote") == [Role.MEMBER, Role.RELEASE_MANAGER]
    assert roles_granting("ledger.retry_job") == []
