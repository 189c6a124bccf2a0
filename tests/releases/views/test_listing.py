"""Lists of releases, and starting one."""

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Project
from projects.roles import Role
from releases.models import Release
from tests import make
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool", name="Tool")


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def start(client, project, version="1.0.0"):
    return client.post(reverse("releases:start", args=[project.slug]), {"version": version})


class TestReleaseList:
    def test_drafts_are_for_committers_and_candidates_for_everybody(self, client, project):
        draft = make.release(project, version="2.0.0")
        vote = make.vote(make.candidate(project, version="1.0.0"))
        url = reverse("releases:list")
        seen = client.get(url).content.decode()
        assert vote.release.get_absolute_url() in seen
        assert draft.get_absolute_url() not in seen
        committer = logged_in(make.user(is_committer=True))
        assert draft.get_absolute_url() in committer.get(url).content.decode()

    def test_words_and_phase_narrow_it(self, project):
        make.release(project, version="2.0.0")
        make.vote(make.candidate(project, version="1.0.0"))
        client = logged_in(make.user(is_committer=True))
        url = reverse("releases:list")
        found = client.get(url, {"q": "tool 2.0"}).context["releases"]
        assert [each.version for each in found] == ["2.0.0"]
        found = client.get(url, {"phase": "release_candidate"}).context["releases"]
        assert [each.version for each in found] == ["1.0.0"]
        assert "Show all" in client.get(url, {"q": "nowhere"}).content.decode()

    def test_it_is_narrowed_to_a_committee_and_to_ones_own(self, client, project):
        ours = make.vote(make.candidate(project, version="1.0")).release
        make.vote(make.candidate(make.project("other"), version="3.0"))
        url = reverse("releases:list")
        found = client.get(url, {"committee": project.committee.slug})
        assert list(found.context["releases"]) == [ours]
        assert project.committee.get_absolute_url() in found.content.decode()
        own = logged_in(make.member(project)).get(url, {"mine": "1"})
        assert list(own.context["releases"]) == [ours]
        assert len(client.get(url, {"mine": "1"}).context["releases"]) == 2

    @pytest.mark.parametrize("slug", ["no such", "../x", "\0"])
    def test_a_committee_that_is_none_has_no_releases(self, client, project, slug):
        make.vote(make.candidate(project, version="1.0"))
        answer = client.get(reverse("releases:list"), {"committee": slug})
        assert answer.status_code == 200

    def test_a_page_costs_as_many_questions_for_fifty_rows_as_for_two(
        self, client, project, django_assert_num_queries
    ):
        person = make.member(project)
        for number in range(3):
            make.vote(make.candidate(project, by=person, version=f"1.{number}"), by=person)
        with django_assert_num_queries(2):
            client.get(reverse("releases:list"))
        for number in range(52):
            make.release(project, by=person, version=f"2.{number}")
        Release.objects.filter(version__startswith="2.").update(
            phase="release_candidate", candidate=Release.objects.get(version="1.0").candidate
        )
        with django_assert_num_queries(2):
            page = client.get(reverse("releases:list"))
        assert len(page.context["releases"]) == 50
        assert "page=2" in page.content.decode()


class TestStart:
    def test_a_participant_starts_a_draft_and_lands_on_it(self, project):
        client = logged_in(make.member(project, Role.PARTICIPANT))
        assert client.get(reverse("releases:start", args=["tool"])).status_code == 200
        answer = start(client, project)
        assert answer.status_code == 303
        assert answer.url == Release.objects.get().get_absolute_url()

    def test_a_committer_of_another_committee_may_not(self, project):
        client = logged_in(make.user(is_committer=True))
        assert client.get(reverse("releases:start", args=["tool"])).status_code == 403
        answer = start(client, project)
        assert answer.status_code == 403
        assert "releases.start_release" in answer.content.decode()
        assert not Release.objects.exists()
        assert Event.objects.get(refused=True).facts["verb"] == "start"

    def test_the_operator_is_an_outsider_too(self, project):
        client = logged_in(make.operator())
        assert client.get(reverse("releases:start", args=["tool"])).status_code == 403

    def test_nobody_is_asked_to_log_in(self, client, project):
        url = reverse("releases:start", args=["tool"])
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer.url == f"{reverse('account_login')}?next={url}"

    def test_the_form_shows_the_versions_there_are_and_what_comes_next(self, project):
        taken = make.release(project, version="0.9")
        page = logged_in(make.member(project)).get(reverse("releases:start", args=["tool"]))
        assert taken.get_absolute_url() in page.content.decode()
        assert "What happens next" in page.content.decode()

    def test_a_version_that_is_none_is_told_beside_the_form(self, project):
        client = logged_in(make.member(project))
        answer = start(client, project, "../etc")
        assert answer.status_code == 422
        assert "is no version" in answer.content.decode()
        assert start(client, project, "").status_code == 422

    def test_the_same_version_twice_is_a_conflict(self, project):
        client = logged_in(make.member(project))
        start(client, project)
        answer = start(client, project)
        assert answer.status_code == 409
        assert "exists already" in answer.content.decode()
        assert Release.objects.count() == 1

    def test_an_unknown_project_is_not_found(self):
        client = logged_in(make.user())
        assert client.get(reverse("releases:start", args=["nothing"])).status_code == 404
