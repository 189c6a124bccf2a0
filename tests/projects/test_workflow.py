"""Grants to workflows: who gives them, what they may name, and that each is for one project."""

from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from projects.models import Project, Workflow
from projects.roles import Role
from tests import make
from tests.test_races import at_once
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Refused, Stale

pytestmark = pytest.mark.django_db
PATH = ".github/workflows/release.yml"


def granted(project: Project, by=None, **more) -> Workflow:
    said = {"repository": "apache/tool", "path": PATH, "phase": "vote"} | more
    return Workflow(project=project, **said).grant(by=by or make.member(project))


def test_a_release_manager_grants_and_takes_back_and_both_are_on_record() -> None:
    project = make.project("tool")
    manager = make.member(project, Role.RELEASE_MANAGER)
    grant = granted(project, manager, repository=" Apache/Tool ")
    assert (grant.repository, grant.granted_by) == ("apache/tool", manager)
    event = Event.objects.get(tag=Tag.WORKFLOW_GRANTED)
    assert (event.actor, event.project) == (manager.username, "tool")
    assert event.facts == {"repository": "apache/tool", "path": PATH, "phase": "vote"}
    grant.revoke(by=manager)
    assert Event.objects.get(tag=Tag.WORKFLOW_REVOKED).facts["path"] == PATH
    assert not Workflow.objects.exists()


def test_an_operator_takes_back_with_a_reason() -> None:
    granted(make.project()).revoke(by=make.operator(), reason="The repository was taken over.")
    facts = Event.objects.get(tag=Tag.WORKFLOW_REVOKED).facts
    assert facts["reason"] == "The repository was taken over."


def test_others_do_neither() -> None:
    project = make.project()
    for stranger in (
        make.user(),
        make.member(project, Role.PARTICIPANT),
        make.member(make.project()),
    ):
        with pytest.raises(PermissionDenied):
            granted(project, stranger)
    grant = granted(project)
    with pytest.raises(PermissionDenied):
        grant.revoke(by=make.user())
    assert Workflow.objects.count() == 1
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 4


def test_a_workflow_acts_for_one_project_in_a_phase() -> None:
    granted(make.project("tool", name="Tool"))
    other = make.project("other")
    with pytest.raises(NotReady, match="acts for Tool already"):
        granted(other)
    granted(other, phase="finish")
    granted(other, path=".github/workflows/other.yaml")
    assert Workflow.objects.count() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository": "tool"},
        {"repository": "apache/tool/more"},
        {"repository": "https://github.com/apache/tool"},
        {"repository": "apache/to\0ol"},
        {"path": "release.yml"},
        {"path": ".github/workflows/../release.yml"},
        {"path": ".github/workflows/a/release.yml"},
        {"path": ".github/workflows/release.sh"},
        {"path": f"{PATH}@refs/heads/main"},
        {"phase": "all"},
        {"repository": "apache-fork/tool"},
    ],
)
def test_what_names_no_workflow_is_refused(wrong) -> None:
    with pytest.raises(BadInput):
        granted(make.project(), **wrong)
    assert not Workflow.objects.exists()


def test_another_foundation_has_other_owners(settings) -> None:
    settings.GITHUB_OIDC_CLAIMS = {}
    assert granted(make.project(), repository="eclipse/tool").pk


def test_the_second_who_takes_it_back_is_stale() -> None:
    grant = granted(make.project())
    same, person = Workflow.objects.get(), make.member(grant)
    same.revoke(by=person)
    with pytest.raises(Stale):
        grant.revoke(by=person)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_projects_that_grant_at_once_one_has_it() -> None:
    projects = [make.project() for _ in range(8)]
    acts = [partial(granted, each, make.member(each)) for each in projects]
    done, refused, _ = at_once(acts)
    assert (len(done), len(refused)) == (1, 7)
    assert all(isinstance(each, Refused) and "already" in str(each) for each in refused)
