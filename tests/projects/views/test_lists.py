"""Lists of projects and committees: found by words, narrowed, counted."""

import pytest
from django.urls import reverse

from projects.models import Project
from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool", name="Tool", description="Makes things.")


class TestLists:
    def test_projects_are_public_and_found_by_words(self, client, project):
        make.project("other", name="Other")
        url = reverse("projects:list")
        assert [each.name for each in client.get(url).context["projects"]] == ["Other", "Tool"]
        found = client.get(url, {"q": "too"}).context["projects"]
        assert [each.name for each in found] == ["Tool"]
        assert "No project matches" in client.get(url, {"q": "x\0y"}).content.decode()

    @pytest.mark.parametrize(("name", "cost"), [("projects:list", 3), ("projects:committees", 2)])
    def test_they_cost_the_same_however_long_they_are(
        self, client, django_assert_num_queries, name, cost
    ):
        for number in range(51):
            make.project(f"p{number}")
        with django_assert_num_queries(cost):
            page = client.get(reverse(name))
        assert len(page.context["page_obj"]) == 50
        assert "51" in page.content.decode()

    def test_projects_are_narrowed_to_a_status_and_to_ones_own(self, project):
        make.project("old", name="Old", status="retired")
        client = logged_in(make.member(project))
        found = client.get(reverse("projects:list"), {"status": "retired"}).context["projects"]
        assert [each.name for each in found] == ["Old"]
        found = client.get(reverse("projects:list"), {"mine": "1"}).context["projects"]
        assert [each.name for each in found] == ["Tool"]

    def test_only_what_is_released_counts_as_a_release(self, client, project):
        make.vote(make.candidate(project, version="2.0"))
        (row,) = client.get(reverse("projects:list")).context["rows"]
        assert (row["count"], row["last"]) == (0, None)
        assert "none yet" in client.get(reverse("projects:list")).content.decode()

    def test_committees_are_found_by_words_kind_and_whose_they_are(self, client):
        parent = make.committee("incubator", name="Incubator")
        young = make.committee("young", name="Young", is_podling=True, parent=parent)
        url = reverse("projects:committees")
        assert [each.slug for each in client.get(url, {"q": "incu"}).context["committees"]] == [
            "incubator"
        ]
        podlings = client.get(url, {"kind": "podling"})
        assert [each.slug for each in podlings.context["committees"]] == ["young"]
        assert parent.get_absolute_url() in podlings.content.decode()
        mine = logged_in(make.member(young)).get(url, {"mine": "1"}).context["committees"]
        assert [each.slug for each in mine] == ["young"]
        assert "No committee matches" in client.get(url, {"q": "zzz"}).content.decode()

    def test_an_empty_site_says_what_to_do(self, client):
        assert "in the console" in client.get(reverse("projects:list")).content.decode()
        assert "in the console" in client.get(reverse("projects:committees")).content.decode()
