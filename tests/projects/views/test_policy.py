"""The pages of policies, of each place that has one."""

import pytest
from django.urls import reverse

from projects.models import Policy
from projects.roles import Role
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make.project("tool", hours=None)


def addresses(project, *, suffix=""):
    release = project.releases.first() or make.release(project)
    return {
        "project": reverse(f"projects:{suffix}policy", args=["tool"]),
        "committee": reverse(f"projects:{suffix}committee-policy", args=["tool"]),
        "release": reverse(f"releases:{suffix}policy", args=release.url_args),
        "foundation": reverse(f"projects:{suffix}foundation-policy"),
    }


PLACES = ("project", "committee", "release", "foundation")


@pytest.mark.parametrize("place", PLACES)
def test_a_policy_is_read_by_all_who_see_the_place_and_changed_by_its_people(project, place):
    member, operator = logged_in(make.member(project)), logged_in(make.operator())
    page, form = addresses(project)[place], addresses(project, suffix="change-")[place]
    reader = logged_in(make.user(is_committer=True))
    assert form not in reader.get(page).content.decode()
    assert reader.get(form).status_code == 403
    able = operator if place == "foundation" else member
    assert form in able.get(page).content.decode()
    assert able.post(form, {"min_hours": 96, "seen": 0}).status_code == 303
    assert Policy.objects.get(min_hours=96).version == 1
    assert "96 hours" in able.get(page).content.decode()
    assert "last changed by" in able.get(page).content.decode()
    if place == "foundation":
        assert member.post(form, {"min_hours": 0, "seen": 1}).status_code == 403


@pytest.mark.parametrize("place", PLACES)
def test_without_javascript_the_preview_is_the_page_with_the_mails(project, place):
    client = logged_in(make.operator())
    url = addresses(project, suffix="preview-")[place]
    sent = {"vote_subject": "[VOTE] {{PROJECT_NAME}} {{VERSION}}", "vote_body": "{{NOPE}}"}
    page = client.post(url, sent).content.decode()
    assert "[VOTE] Example Tool 1.2.0" in page
    assert "There is no variable &#x27;NOPE&#x27; here" in page
    assert "<html" in page
    fragment = client.post(url, sent, headers={"HX-Request": "true"}).content.decode()
    assert "[VOTE] Example Tool 1.2.0" in fragment
    assert "<html" not in fragment
    assert not Event.objects.exists() or not Policy.objects.filter(version__gt=0).exists()
    assert client.get(url).url == addresses(project, suffix="change-")[place]
    assert logged_in(make.user()).post(url, sent).status_code in (403, 404)


def test_a_release_has_no_checks_of_its_own(project):
    client = logged_in(make.member(project))
    page = client.get(addresses(project, suffix="change-")["release"]).content.decode()
    assert "<legend>Votes</legend>" in page
    assert "<legend>Checks</legend>" not in page


def test_the_second_of_two_editors_sees_both_texts_and_loses_none(project):
    url = addresses(project, suffix="change-")["project"]
    alice, bob = make.member(project, username="alice"), make.member(project, username="bob")
    assert logged_in(alice).post(url, {"checklist": "Hers", "seen": 0}).status_code == 303
    answer = logged_in(bob).post(url, {"checklist": "His", "min_hours": 96, "seen": 0})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "has been changed by somebody else" in page
    assert "alice changed the policy" in page
    assert "Hers" in page
    assert "His" in page
    assert Policy.objects.get().checklist == "Hers"
    assert 'name="seen" value="1"' in page
    again = {"checklist": "Hers and his", "min_hours": 96, "seen": 1}
    assert logged_in(bob).post(url, again).status_code == 303
    assert Policy.objects.get().checklist == "Hers and his"


def test_blind_copies_are_shown_to_those_who_may_change_them(client, project):
    Policy.objects.update(vote_bcc="quiet@example.org", vote_cc="loud@example.org")
    page = addresses(project)["project"]
    assert "quiet@example.org" not in client.get(page).content.decode()
    assert "loud@example.org" in client.get(page).content.decode()
    manager = logged_in(make.member(project, Role.RELEASE_MANAGER))
    assert "quiet@example.org" in manager.get(page).content.decode()
