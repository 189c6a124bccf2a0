"""What happened, and who may read it."""

import pytest
from django.urls import reverse

from projects.roles import Role
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


class TestEvents:
    @pytest.fixture
    def release(self):
        return make.release(make.project("tool"), version="7.7.7", files={"a.txt": "a"})

    @pytest.mark.parametrize("standing", ["is_foundation_member", "is_superuser"])
    def test_the_foundation_and_operators_search_all(self, release, standing):
        client = logged_in(make.user(**{standing: True}))
        assert "started 7.7.7" in client.get(reverse("events")).content.decode()

    def test_members_of_a_committee_search_all_and_others_do_not(self, client, release):
        member = logged_in(make.member(make.committee()))
        assert member.get(reverse("events")).status_code == 200
        for role in (Role.RELEASE_MANAGER, Role.PARTICIPANT):
            other = logged_in(make.member(release.project, role))
            assert other.get(reverse("events")).status_code == 403
        assert client.get(reverse("events")).status_code == 403

    def test_the_search_in_the_head_of_the_page_is_empty(self, release):
        page = logged_in(make.operator()).get(reverse("events")).content.decode()
        assert 'id="find" type="search" name="q" value=""' in page

    def test_words_and_tags_narrow_them(self, release):
        client = logged_in(make.operator())
        found = client.get(reverse("events"), {"tag": "revision.made"}).context["events"]
        assert {event.tag for event in found} == {"revision.made"}
        found = client.get(reverse("events"), {"q": "7.7.7"}).context["events"]
        assert {event.facts["version"] for event in found} == {"7.7.7"}
        empty = client.get(reverse("events"), {"q": "nothing\0such"})
        assert "No event matches" in empty.content.decode()

    def test_they_are_narrowed_to_a_person(self, release):
        client = logged_in(make.operator())
        name = release.created_by.username
        found = client.get(reverse("events"), {"by": name}).context["events"]
        assert {event.actor for event in found} == {name}
        assert "No event matches" in client.get(reverse("events"), {"by": "x"}).content.decode()

    def test_they_stand_under_their_days_and_lead_to_what_they_speak_of(self, release):
        page = logged_in(make.operator()).get(reverse("events")).content.decode()
        newest = Event.objects.first()
        assert f'id="day-{newest.at:%Y-%m-%d}"' in page
        assert f'id="event-{newest.pk}"' in page
        revision = reverse("releases:revision", args=[*release.url_args, 1])
        assert f'<a href="{revision}">made revision 1' in page

    def test_a_page_of_fifty_costs_what_a_page_of_one_does(self, django_assert_num_queries):
        client = logged_in(make.user(is_foundation_member=True))
        project = make.project()
        for number in range(60):
            Event.objects.record("project.changed", by=None, subject=project, number=number)
        with django_assert_num_queries(4):
            page = client.get(reverse("events"))
        assert len(page.context["events"]) == 50

    def test_those_of_a_draft_are_for_committers_and_refusals_for_its_people(self, client, release):
        url = reverse("release-events", args=release.url_args)
        outsider = make.user(is_committer=True)
        logged_in(outsider).post(reverse("releases:delete-files", args=release.url_args), {})
        make_refusal(release, outsider)
        assert client.get(url).status_code == 404
        assert "was refused" not in logged_in(outsider).get(url).content.decode()
        own = logged_in(make.member(release.project))
        assert "was refused" in own.get(url).content.decode()

    def test_those_of_a_project_are_for_its_people(self, client, release):
        url = reverse("project-events", args=["tool"])
        own = logged_in(make.member(release.project, Role.PARTICIPANT))
        assert "started 7.7.7" in own.get(url).content.decode()
        for other in (client, logged_in(make.user(is_committer=True))):
            assert other.get(url).status_code == 403


def make_refusal(release, person) -> None:
    data = {"seen": release.last_revision, "typed": release.version}
    answer = logged_in(person).post(reverse("releases:delete-draft", args=release.url_args), data)
    assert answer.status_code == 403
