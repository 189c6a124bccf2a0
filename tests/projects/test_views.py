"""Pages of projects, committees and policies, tried by everybody."""

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Membership, Policy, Project
from projects.roles import Role
from tests import make
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool", name="Tool", description="Makes things.")


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


class TestLists:
    def test_projects_are_public_and_found_by_words(self, client, project):
        make.project("other", name="Other")
        url = reverse("projects:list")
        assert [each.name for each in client.get(url).context["projects"]] == ["Other", "Tool"]
        found = client.get(url, {"q": "too"}).context["projects"]
        assert [each.name for each in found] == ["Tool"]
        assert "No project matches" in client.get(url, {"q": "x\0y"}).content.decode()

    def test_lists_cost_two_questions_however_long_they_are(
        self, client, django_assert_num_queries
    ):
        for number in range(51):
            make.project(f"p{number}")
        for name in ("projects:list", "projects:committees"):
            with django_assert_num_queries(2):
                page = client.get(reverse(name))
            assert len(page.context["page_obj"]) == 50

    def test_an_empty_site_says_what_to_do(self, client):
        assert "in the console" in client.get(reverse("projects:list")).content.decode()
        assert "in the console" in client.get(reverse("projects:committees")).content.decode()


class TestProject:
    def test_everybody_reads_it_and_only_its_people_may_start(self, client, project):
        url = project.get_absolute_url()
        assert "Start a release" not in client.get(url).content.decode()
        participant = logged_in(make.member(project, Role.PARTICIPANT))
        assert "Start a release" in participant.get(url).content.decode()

    def test_drafts_and_their_events_are_not_public(self, client, project):
        draft = make.release(project, version="7.7.7")
        assert "7.7.7" not in client.get(project.get_absolute_url()).content.decode()
        committer = logged_in(make.user(is_committer=True))
        page = committer.get(project.get_absolute_url()).content.decode()
        assert draft.get_absolute_url() in page
        assert "started 7.7.7" in page

    def test_a_retired_project_says_why_nothing_can_be_started(self, project):
        Project.objects.update(status="retired")
        client = logged_in(make.member(project))
        assert "is retired" in client.get(project.get_absolute_url()).content.decode()

    def test_it_costs_as_many_questions_for_many_releases_as_for_one(
        self, project, django_assert_max_num_queries
    ):
        person = make.member(project)
        client = logged_in(person)
        for number in range(20):
            make.release(project, by=person, version=f"1.{number}")
        with django_assert_max_num_queries(14):
            client.get(project.get_absolute_url())

    def test_an_unknown_one_is_not_found(self, client):
        assert client.get(reverse("projects:project", args=["nothing"])).status_code == 404


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
        assert "There is no account &#x27;ghost&#x27;" in answer.content.decode()


class TestPolicy:
    def url(self, project):
        return reverse("projects:policy", args=[project.slug])

    def sent(self, **more):
        return {
            "binding_needed": 3,
            "license_mode": "files",
            "pause_on_minus_one": "on",
            "min_hours": 96,
            **more,
        }

    def test_everybody_reads_it(self, client, project):
        page = client.get(self.url(project))
        assert page.status_code == 200
        text = page.content.decode()
        assert "<textarea" not in text
        assert "<dt>Hours of a vote</dt><dd>0</dd>" in text
        assert "<dt>Pause on -1</dt><dd>yes</dd>" in text

    def test_a_manager_changes_it_and_the_event_says_what(self, project):
        client = logged_in(make.member(project, Role.RELEASE_MANAGER))
        assert client.post(self.url(project), self.sent()).status_code == 303
        assert Policy.objects.get().min_hours == 96
        assert Event.objects.get(tag="policy.changed").facts == {"min_hours": 96}

    def test_a_project_without_a_policy_of_its_own_gets_one(self, project):
        Policy.objects.all().delete()
        client = logged_in(make.member(project))
        assert "<textarea" in client.get(self.url(project)).content.decode()
        assert client.post(self.url(project), self.sent()).status_code == 303
        assert Policy.objects.get().min_hours == 96

    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("binding_needed", 1, "binding"),
            ("vote_recipients", "no address", "is no mail address"),
            ("vote_body", "{{SECRET}}", "There is no variable"),
            ("min_hours", 10_000, "720"),
        ],
    )
    def test_what_cannot_be_a_rule_is_told_and_changes_nothing(self, project, field, value, told):
        client = logged_in(make.member(project))
        answer = client.post(self.url(project), self.sent(**{field: value}))
        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert Policy.objects.get().min_hours == 0

    def test_participants_and_nobody_do_not_change_it(self, client, project):
        participant = logged_in(make.member(project, Role.PARTICIPANT))
        for who in (participant, client):
            assert who.post(self.url(project), self.sent()).status_code == 403
        assert Policy.objects.get().min_hours == 0
