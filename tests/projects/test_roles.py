"""Who may do what: the table of grants, row by row."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from projects.roles import (
    FORMS,
    GRANTS,
    GROUPS,
    NEVER_ON_BEHALF,
    REACHES,
    SYSTEM_REACH,
    Reach,
    Role,
    Standing,
    may,
    may_in_console,
    roles_granting,
    standings,
)
from tests import make

pytestmark = pytest.mark.django_db

READ = {"releases.view_release", "projects.view_project", "keys.view_certificate"}
VOTE = READ | {
    "releases.cast_vote",
    "keys.own_tokens",
    "keys.own_certificates",
    "keys.own_ssh_keys",
    "keys.own_logins",
    "notices.read_own",
    "checks.compare_archives",
    "checks.review_candidates",
}
DRAFTS = VOTE | {"releases.view_draft"}
COMPOSE = DRAFTS | {
    "releases.start_release",
    "releases.change_files",
    "releases.delete_draft",
    "keys.add_keys",
    "checks.scan_sboms",
}
MANAGE = COMPOSE | {
    "releases.start_vote",
    "releases.resolve_vote",
    "releases.cancel_vote",
    "releases.publish",
    "releases.announce",
    "projects.change_policy",
    "keys.manage_keys",
}
BIND = MANAGE | {
    "releases.cast_binding_vote",
    "projects.manage_committee",
    "projects.search_events",
    "checks.set_ignores",
    "releases.resend_mail",
    "releases.view_embargoed",
    "releases.start_expedited",
    "releases.lift_embargo",
}
AUDIT = DRAFTS | {"projects.search_events", "projects.use_console"}
OPERATE = AUDIT | {
    "projects.manage_committee",
    "projects.change_policy",
    "projects.manage_projects",
    "projects.add_accounts",
    "projects.change_banner",
    "keys.manage_keys",
    "keys.revoke_tokens",
    "keys.make_system_tokens",
    "releases.recheck",
    "releases.cancel_vote",
    "releases.resend_mail",
    "releases.retry_publication",
    "ledger.retry_job",
    "ledger.give_up_job",
}
SECURE = AUDIT | {
    "projects.switch_account",
    "projects.revoke_credentials",
    "projects.change_standing",
    "projects.hold_project",
    "projects.act_on_behalf",
    "keys.manage_keys",
    "keys.revoke_tokens",
    "keys.rotate_signing_key",
}
ALL = OPERATE | SECURE | {"projects.give_console"}
EVERYTHING = BIND | ALL

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
    "auditor": (lambda where: make.staff("auditor"), AUDIT, AUDIT),
    "operator": (lambda where: make.staff("operator"), OPERATE, OPERATE),
    "security officer": (lambda where: make.staff("security officer"), SECURE, SECURE),
    "superuser": (lambda where: make.operator(), ALL, ALL),
    "staff in no group": (lambda where: make.staff(), VOTE, VOTE),
    "in a group, but no staff": (lambda where: _only_in_group(), VOTE, VOTE),
    "switched-off member": (
        lambda where: make.member(where, Role.MEMBER, is_active=False),
        READ,
        READ,
    ),
    "switched-off officer": (
        lambda where: make.staff("security officer", is_active=False),
        READ,
        READ,
    ),
    "switched-off operator": (
        lambda where: make.user(is_superuser=True, is_active=False),
        READ,
        READ,
    ),
}


def _only_in_group():
    person = make.staff("operator", "security officer")
    person.is_staff = False
    person.save()
    return person


@pytest.mark.parametrize("who", PEOPLE)
def test_a_person_may_do_exactly_what_the_table_says(who: str) -> None:
    here, elsewhere = make.project(), make.project()
    made, ours, theirs = PEOPLE[who]
    person = made(here)
    assert {perm for perm in EVERYTHING if may(person, perm, here)} == ours
    assert {perm for perm in EVERYTHING if may(person, perm, elsewhere)} == theirs


def test_the_table_grants_nothing_that_no_test_knows() -> None:
    assert frozenset().union(*GRANTS.values()) == EVERYTHING | {"projects.configure_projects"}
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


LIFE_CYCLE = {
    *("releases.start_vote", "releases.resolve_vote", "releases.publish", "releases.announce"),
    *("releases.cast_binding_vote", "releases.start_release", "releases.change_files"),
}


@pytest.mark.parametrize("group", GROUPS)
def test_no_group_of_the_console_decides_on_a_release(group: str) -> None:
    assert LIFE_CYCLE & GRANTS[GROUPS[group]] == set()
    assert not LIFE_CYCLE & GRANTS[Standing.SUPERUSER]


def test_every_group_is_there_after_migrate() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(GROUPS)


def test_forms_open_by_their_right_and_looking_by_being_in_the_console() -> None:
    auditor, operator = make.staff("auditor"), make.staff("operator")
    assert may_in_console(auditor, "releases.view_ballot")
    assert not may_in_console(auditor, "projects.change_project")
    assert may_in_console(operator, "projects.change_project")
    assert not may_in_console(operator, "projects.change_user")
    assert not may_in_console(make.member(make.project()), "releases.view_ballot")


def test_every_form_is_opened_by_a_right_that_somebody_has() -> None:
    assert set(FORMS) <= frozenset().union(*GRANTS.values())


def test_what_is_for_the_person_alone_is_never_done_in_their_name() -> None:
    project = make.project()
    member = make.member(project)
    assert all(may(member, perm, project) for perm in NEVER_ON_BEHALF)
    member.acted_by = make.staff("security officer")
    assert not any(may(member, perm, project) for perm in NEVER_ON_BEHALF)
    assert may(member, "releases.publish", project)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("reach", Reach)
def test_an_access_token_narrows_what_a_person_may_do_and_never_widens_it(who: str, reach) -> None:
    here = make.project()
    person = PEOPLE[who][0](here)
    before = {perm for perm in EVERYTHING if may(person, perm, here)}
    person.reach = reach
    assert {perm for perm in EVERYTHING if may(person, perm, here)} == before & REACHES[reach]
    assert "keys.own_tokens" not in REACHES[reach]


def test_a_service_of_the_site_configures_projects_and_takes_part_in_nothing() -> None:
    here = make.project()
    service = make.user()
    assert not may(service, "projects.configure_projects", here)
    service.reach = SYSTEM_REACH
    found = {perm for perm in GRANTS[Standing.SYSTEM] | EVERYTHING if may(service, perm, here)}
    assert found == READ | {"projects.configure_projects", "projects.change_policy"}
    service.is_active = False
    assert not may(service, "projects.configure_projects", here)
