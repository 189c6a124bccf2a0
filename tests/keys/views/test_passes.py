"""The pages that stop a run from uploading: those who may upload there do it, and say why."""

import pytest

from keys import passes
from projects.models import Project, User
from projects.roles import Role
from tests import make, workflows
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool")


@pytest.fixture
def alice(project: Project) -> User:
    return make.member(project, username="alice")


@pytest.fixture(params=["key", "ticket"])
def given(request, project, alice):
    if request.param == "key":
        return workflows.key(project, alice)
    return workflows.ticket(project, alice)[0]


def test_somebody_of_the_committee_ends_it_and_says_why(project, given) -> None:
    bob = logged_in(make.member(project, Role.PARTICIPANT, username="bob"))
    page = bob.get(given.revoke_address)
    assert page.status_code == 200
    assert given.name in page.content.decode()
    assert bob.post(given.revoke_address, {"reason": ""}).status_code == 422
    assert type(given).objects.good().exists()
    answer = bob.post(given.revoke_address, {"reason": "Not ours."}, follow=True)
    assert answer.redirect_chain[0][0] == f"/projects/{project.slug}/workflows/"
    assert "It opens nothing any more." in answer.content.decode()
    assert not type(given).objects.good().exists()
    event = Event.objects.get(tag__in=[Tag.WORKFLOW_KEY_REVOKED, Tag.TICKET_REVOKED])
    assert (event.actor, event.facts["reason"]) == ("bob", "Not ours.")
    again = bob.post(given.revoke_address, {"reason": "Again."})
    assert (again.status_code, "revoked already" in again.content.decode()) == (409, True)


def test_nobody_else_does(client, given) -> None:
    stranger = logged_in(make.user(is_committer=True))
    assert stranger.get(given.revoke_address).status_code == 403
    assert stranger.post(given.revoke_address, {"reason": "Mine."}).status_code == 403
    assert client.get(given.revoke_address).status_code == 302
    assert client.post(given.revoke_address, {"reason": "Mine."}).status_code in (302, 403)
    assert type(given).objects.good().exists()


def test_it_is_found_at_its_own_project_only(given) -> None:
    other = make.project("other")
    member = logged_in(make.member(other))
    address = given.revoke_address.replace("/tool/", "/other/")
    assert member.post(address, {"reason": "Mine."}).status_code == 404


def test_the_project_s_page_tells_of_it_to_those_who_upload_there(client, project, given) -> None:
    page = project.get_absolute_url()
    member = logged_in(make.member(project))
    assert given.revoke_address in member.get(page).content.decode()
    assert given.revoke_address not in client.get(page).content.decode()
    assert "Workflows that may upload now" not in client.get(page).content.decode()
    given.revoke(by=make.member(project), reason="Done.")
    assert given.revoke_address not in member.get(page).content.decode()


def test_the_key_that_was_ended_is_ended(project, alice) -> None:
    key = workflows.key(project, alice)
    logged_in(alice).post(key.revoke_address, {"reason": "Done."})
    assert passes.key_of(key.fingerprint) is None
