"""A project's pages: releases, keys, people and policy, tried by everybody."""

import pytest
from django.urls import reverse

from projects.models import Policy, Project
from projects.roles import Role
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool", name="Tool", description="Makes things.")


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
        with django_assert_max_num_queries(13):
            client.get(project.get_absolute_url())

    def test_an_unknown_one_is_not_found(self, client):
        assert client.get(reverse("projects:project", args=["nothing"])).status_code == 404

    def test_releases_stand_under_their_lines_the_newest_line_first(self, project):
        person = make.member(project)
        for version in ("2.0", "1.9", "2.1"):
            make.release(project, by=person, version=version)
        cycles = logged_in(person).get(project.get_absolute_url()).context["cycles"]
        assert [
            (each["cycle"].name, [release.version for release in each["releases"]])
            for each in cycles
        ] == [("2.x", ["2.1", "2.0"]), ("1.x", ["1.9"])]

    @pytest.mark.parametrize("name", ["keys", "people"])
    def test_everybody_reads_whose_it_is_and_which_keys_sign(self, client, project, name):
        make.member(project, username="ann", full_name="Ann Other")
        page = client.get(reverse(f"projects:{name}", args=["tool"]))
        assert page.status_code == 200
        text = page.content.decode()
        assert ("Ann Other" if name == "people" else "There are no keys yet") in text

    def test_its_people_page_costs_the_same_for_many_as_for_one(
        self, client, project, django_assert_num_queries
    ):
        for _ in range(12):
            make.member(project)
        with django_assert_num_queries(2):
            client.get(reverse("projects:people", args=["tool"]))


class TestPolicy:
    def url(self, project):
        return reverse("projects:change-policy", args=[project.slug])

    def sent(self, **more):
        return {
            "min_hours": 96,
            **more,
        }

    def test_everybody_reads_what_holds_and_where_it_comes_from(self, client, project):
        page = client.get(reverse("projects:policy", args=["tool"]))
        assert page.status_code == 200
        text = page.content.decode()
        assert "<textarea" not in text
        assert "Until the count is enough for a pass" in text
        assert "(set here)" in text
        assert "(default)" in text
        assert self.url(project) not in text
        manager = logged_in(make.member(project, Role.RELEASE_MANAGER))
        url = reverse("projects:policy", args=["tool"])
        assert self.url(project) in manager.get(url).content.decode()

    def test_the_form_shows_the_defaults_where_nothing_is_set(self, project):
        Policy.objects.all().delete()
        page = logged_in(make.member(project)).get(self.url(project)).content.decode()
        assert 'placeholder="72"' in page
        assert f'placeholder="{project.committee.dev_list}"' in page
        assert "<legend>Votes</legend>" in page

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

    def test_nobody_is_asked_to_log_in_and_participants_are_told_whom_to_ask(self, client, project):
        assert client.get(self.url(project)).status_code == 302
        participant = logged_in(make.member(project, Role.PARTICIPANT))
        answer = participant.get(self.url(project))
        assert answer.status_code == 403
        assert f"Ask a member of {project.committee}" in answer.content.decode()
