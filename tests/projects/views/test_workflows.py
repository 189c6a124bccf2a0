"""The pages of workflows: everybody reads them, those who change the policy grant and take back."""

import pytest
from django.urls import reverse

from projects.models import Workflow
from projects.roles import Role
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db
PATH = ".github/workflows/a.yml"
SENT = {
    "repository": "apache/tool",
    "path": PATH,
    "phases": ["vote", "finish"],
}


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def manager(project):
    return make.member(project, Role.RELEASE_MANAGER)


def at(name: str, *args: object) -> str:
    return reverse(f"projects:{name}", args=["tool", *args])


def test_a_manager_grants_in_two_phases_and_takes_one_back(client, project, manager) -> None:
    browser = logged_in(manager)
    assert browser.get(at("grant-workflow")).status_code == 200
    assert browser.post(at("grant-workflow"), SENT).status_code == 303
    assert [each.phase for each in project.workflows.all()] == ["finish", "vote"]
    listed = client.get(at("workflows")).content.decode()
    assert PATH in listed
    assert "Take back" not in listed
    gone = project.workflows.get(phase="vote")
    assert "Take back" in browser.get(at("workflows")).content.decode()
    assert browser.get(at("revoke-workflow", gone.pk)).status_code == 200
    assert browser.post(at("revoke-workflow", gone.pk)).status_code == 303
    assert [each.phase for each in project.workflows.all()] == ["finish"]


def test_uploading_is_a_phase_of_its_own(project, manager) -> None:
    sent = SENT | {"phases": ["compose"]}
    assert logged_in(manager).post(at("grant-workflow"), sent).status_code == 303
    assert [each.phase for each in project.workflows.all()] == ["compose"]


def test_all_phases_are_granted_or_none(project, manager) -> None:
    other = make.project("other")
    taken = Workflow(project=other, phase="finish", **{k: SENT[k] for k in ("repository", "path")})
    taken.grant(by=make.member(other))
    answer = logged_in(manager).post(at("grant-workflow"), SENT)
    assert answer.status_code == 409
    assert "acts for Other already" in answer.content.decode()
    assert not project.workflows.exists()
    assert Event.objects.filter(tag=Tag.WORKFLOW_GRANTED).count() == 1
    assert Event.objects.get(tag=Tag.REFUSED).facts["obstacles"] == ["workflow_taken"]


def test_what_names_no_workflow_comes_back(project, manager) -> None:
    answer = logged_in(manager).post(at("grant-workflow"), SENT | {"path": "a.yml"})
    assert answer.status_code == 422
    assert ".github/workflows/release.yml" in answer.content.decode()


def test_others_are_turned_away_and_a_grant_of_another_project_is_not_there(
    client, project, manager
) -> None:
    logged_in(manager).post(at("grant-workflow"), SENT)
    grant = project.workflows.first()
    stranger = logged_in(make.member(make.project("other")))
    assert client.get(at("grant-workflow")).status_code == 302
    assert stranger.get(at("grant-workflow")).status_code == 403
    assert stranger.post(at("grant-workflow"), SENT).status_code == 403
    assert stranger.post(at("revoke-workflow", grant.pk)).status_code == 403
    elsewhere = reverse("projects:revoke-workflow", args=["other", grant.pk])
    assert stranger.post(elsewhere).status_code == 404
    assert project.workflows.count() == 2


def test_the_list_costs_the_same_for_many(client, project, manager, django_assert_max_num_queries):
    for number in range(20):
        path = f".github/workflows/{number}.yml"
        Workflow(project=project, repository="apache/tool", path=path, phase="vote").grant(
            by=manager
        )
    with django_assert_max_num_queries(6):
        client.get(at("workflows"))
