"""The questions about committees and projects."""

import pytest
from django.contrib.auth.models import AnonymousUser

from projects.models import Committee, Membership, Project
from projects.roles import Role
from tests import make
from trusted_releases.lib import testing

pytestmark = pytest.mark.django_db


def test_a_person_finds_the_committees_they_have_a_role_in_once() -> None:
    project = make.project()
    person = make.member(project, Role.MEMBER)
    Membership.objects.create(committee=project.committee, user=person, role=Role.PARTICIPANT)
    make.project()
    assert list(Committee.objects.of(person)) == [project.committee]
    assert not Committee.objects.of(AnonymousUser()).exists()


def test_committees_are_listed_by_name_with_the_number_of_their_projects() -> None:
    beta, alpha = make.committee("beta"), make.committee("alpha")
    make.project(committee=beta)
    make.project(committee=beta)
    listed = [(each, each.project_count) for each in Committee.objects.for_listing()]
    assert listed == [(alpha, 0), (beta, 2)]


def test_only_projects_where_a_role_grants_the_right_are_found() -> None:
    ours, theirs = make.project(), make.project()
    person = make.member(ours, Role.RELEASE_MANAGER)
    Membership.objects.create(committee=theirs.committee, user=person, role=Role.PARTICIPANT)
    assert list(Project.objects.where_may(person, "releases.start_vote")) == [ours]
    assert set(Project.objects.where_may(person, "releases.start_release")) == {ours, theirs}


def test_the_role_of_one_member_and_the_name_of_another_do_not_make_a_right() -> None:
    project = make.project()
    make.member(project, Role.MEMBER)
    participant = make.member(project, Role.PARTICIPANT)
    assert not Project.objects.where_may(participant, "releases.start_vote").exists()


def test_nobody_and_switched_off_people_may_nowhere() -> None:
    gone = make.member(make.project(), is_active=False)
    for person in (AnonymousUser(), gone):
        assert not Project.objects.where_may(person, "releases.start_release").exists()


def test_projects_are_listed_by_name_with_their_committee_in_one_query(
    django_assert_num_queries,
) -> None:
    make.project("b"), make.project("a", status="retired")
    with django_assert_num_queries(1):
        assert [f"{p} of {p.committee}" for p in Project.objects.for_listing()] == [
            "A of A",
            "B of B",
        ]
    assert [project.slug for project in Project.objects.active()] == ["b"]


def test_who_comes_for_one_project_only_may_in_that_one_alone() -> None:
    project = make.project()
    other = make.project(committee=project.committee)
    person = make.member(project, Role.MEMBER)
    assert set(Project.objects.where_may(person, "releases.start_vote")) == {project, other}
    person.bound_to = project
    assert list(Project.objects.where_may(person, "releases.start_vote")) == [project]


def test_where_all_are_members_for_tests_all_may_and_only_there(settings) -> None:
    tests = make.project("test-tool", committee=make.committee(testing.COMMITTEE))
    make.project()
    person = make.user()
    assert not Project.objects.where_may(person, "releases.start_vote").exists()
    settings.DEBUG = settings.TEST_MODE = True
    assert list(Project.objects.where_may(person, "releases.start_vote")) == [tests]
    assert not Project.objects.where_may(AnonymousUser(), "releases.start_vote").exists()
