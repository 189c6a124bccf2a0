"""A committee's page: everybody reads it, its members give and take roles."""

import pytest

from projects.models import Membership, Project
from projects.roles import Role
from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool", name="Tool", description="Makes things.")


class TestCommittee:
    def give(self, client, committee, person, role=Role.MEMBER, **more):
        sent = {"username": person.username, "role": role, **more}
        return client.post(committee.get_absolute_url(), sent)

    def test_a_member_gives_and_takes_roles(self, project):
        committee, new = project.committee, make.user()
        client = logged_in(make.member(project))
        assert self.give(client, committee, new).status_code == 303
        assert new.roles_in(committee) == {"member"}
        page = client.get(committee.get_absolute_url()).content.decode()
        assert f"made {new} member" in page
        self.give(client, committee, new, take="true")
        assert not Membership.objects.filter(user=new).exists()

    def test_release_managers_and_strangers_do_not(self, client, project):
        new = make.user()
        for who in (make.member(project, Role.RELEASE_MANAGER), make.user()):
            other = logged_in(who)
            page = other.get(project.committee.get_absolute_url())
            assert page.status_code == 200
            assert "Give somebody a role" not in page.content.decode()
            assert self.give(other, project.committee, new).status_code == 403
        assert self.give(client, project.committee, new).status_code == 403
        assert not new.memberships.exists()

    def test_an_account_that_is_not_there_is_told(self, project):
        client = logged_in(make.member(project))
        answer = client.post(
            project.committee.get_absolute_url(), {"username": "ghost", "role": Role.MEMBER}
        )
        assert answer.status_code == 422
        assert "There is no account “ghost”" in answer.content.decode()

    def test_it_shows_who_is_in_it_once_with_all_their_roles(self, client, project):
        person = make.member(project, username="ann")
        Membership.objects.create(
            committee=project.committee, user=person, role=Role.RELEASE_MANAGER
        )
        (seat,) = client.get(project.committee.get_absolute_url()).context["people"]
        assert [each.role for each in seat.memberships] == ["member", "release_manager"]

    def test_drafts_are_not_listed_for_strangers(self, client, project):
        draft = make.release(project, version="7.7.7")
        url = project.committee.get_absolute_url()
        assert draft.get_absolute_url() not in client.get(url).content.decode()
        committer = logged_in(make.user(is_committer=True))
        assert draft.get_absolute_url() in committer.get(url).content.decode()

    def test_it_costs_as_many_questions_for_many_people_as_for_one(
        self, client, project, django_assert_max_num_queries
    ):
        for number in range(20):
            person = make.member(project)
            make.vote(make.candidate(project, by=person, version=f"1.{number}"), by=person)
        with django_assert_max_num_queries(9):
            client.get(project.committee.get_absolute_url())
