"""Workflows as programs name them: a repository, and paths by phase."""

import pytest
from django.core.exceptions import PermissionDenied

from projects.models import Project, Workflow
from projects.models.granting import change_rules, named, workflows_of
from projects.roles import Role
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

A, B = ".github/workflows/a.yml", ".github/workflows/b.yml"


@pytest.fixture
def project() -> Project:
    return make.project("tool")


@pytest.fixture
def manager(project):
    return make.member(project, Role.RELEASE_MANAGER)


def grants(project: Project) -> set[tuple[str, str, str]]:
    return set(project.workflows.values_list("repository", "path", "phase"))


def change(project: Project, by, repository=None, **paths) -> None:
    change_rules(project, by=by, policy={}, repository=repository, paths=paths)


def test_what_is_named_is_granted_and_what_is_not_named_any_more_is_taken_back(
    project, manager
) -> None:
    change(project, manager, "Tool", compose=[A, B], vote=[A])
    assert grants(project) == {
        ("apache/tool", A, "compose"),
        ("apache/tool", B, "compose"),
        ("apache/tool", A, "vote"),
    }
    change(project, manager, compose=[B])
    assert grants(project) == {("apache/tool", B, "compose"), ("apache/tool", A, "vote")}
    assert workflows_of(project) == ("apache/tool", {"compose": [B], "vote": [A], "finish": []})
    assert Event.objects.filter(tag=Tag.WORKFLOW_GRANTED).count() == 3
    assert Event.objects.get(tag=Tag.WORKFLOW_REVOKED).actor == manager.username


def test_the_same_again_changes_nothing(project, manager) -> None:
    change(project, manager, "tool", vote=[A])
    row = Workflow.objects.get()
    change(project, manager, "tool", vote=[A, A])
    assert Workflow.objects.get() == row
    assert Event.objects.filter(tag=Tag.WORKFLOW_GRANTED).count() == 1


def test_another_name_moves_them_all_and_empty_lists_take_them_back(project, manager) -> None:
    change(project, manager, "tool", vote=[A], finish=[B])
    change(project, manager, "moved", finish=[A])
    assert grants(project) == {("apache/moved", A, "vote"), ("apache/moved", A, "finish")}
    change(project, manager, "", vote=[], finish=[])
    assert grants(project) == set()
    assert workflows_of(project)[0] == ""


def test_of_several_repositories_one_is_named_and_the_others_stay(project, manager) -> None:
    change(project, manager, "tool", vote=[A])
    other = Workflow(project=project, repository="apache/other", path=B, phase="vote")
    other.grant(by=manager)
    with pytest.raises(BadInput, match="of several repositories"):
        change(project, manager, vote=[])
    change(project, manager, "tool", vote=[], finish=[A])
    assert grants(project) == {("apache/other", B, "vote"), ("apache/tool", A, "finish")}
    assert workflows_of(project) == ("apache/other", {"compose": [], "vote": [B], "finish": []})


@pytest.mark.parametrize(
    ("repository", "paths", "why"),
    [
        (None, {"vote": [A]}, "Name the repository"),
        ("", {"vote": [A]}, "Name the repository"),
        ("tool", {}, "Name the workflows"),
        ("apache/tool", {"vote": [A]}, "without its owner, which is apache"),
        ("tool", {"vote": ["release.yml"]}, "as it lies in the repository"),
        ("to ol", {"vote": [A]}, "Name the repository as owner/name"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    project, manager, repository, paths, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        change_rules(
            project, by=manager, policy={"min_hours": 99}, repository=repository, paths=paths
        )
    assert grants(project) == set()
    assert Project.objects.get().rules.hours == 0
    assert Event.objects.latest("pk").refused


def test_a_workflow_of_another_project_is_not_taken_over(project, manager) -> None:
    make.workflow(make.project("theirs")).grant(by=make.member(Project.objects.get(slug="theirs")))
    with pytest.raises(NotReady, match="acts for"):
        change(project, manager, "tool", vote=[".github/workflows/release.yml"], finish=[A])
    assert grants(project) == set()


def test_who_may_not_change_the_policy_changes_nothing_of_it(project) -> None:
    for person in (make.user(), make.member(project, Role.PARTICIPANT)):
        with pytest.raises(PermissionDenied):
            change(project, person, "tool", vote=[A])
        with pytest.raises(PermissionDenied):
            change_rules(project, by=person, policy={})
    assert grants(project) == set()
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 4


def test_where_any_owner_acts_the_repository_is_told_with_its_owner(project, settings) -> None:
    assert named("apache/tool") == "tool"
    settings.GITHUB_OIDC_CLAIMS = {}
    assert named("someone/tool") == "someone/tool"
    change(project, make.member(project), "someone/tool", vote=[A])
    assert grants(project) == {("someone/tool", A, "vote")}
