"""In whose name a workflow acts, and for which project: only what was granted counts."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from keys.models import Certificate
from keys.visits import visit
from keys.workflow_tokens import Rejected
from projects.models import Workflow
from projects.roles import Reach, may
from tests import issuer as fake
from tests import make
from tests.issuer import ACTOR, REPOSITORY, WORKFLOW, Issuer
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def issuer(settings: Any):
    with fake.serving() as found:
        settings.DEBUG, settings.GITHUB_OIDC_ISSUER = True, found.address
        yield found


@pytest.fixture
def alice():
    project = make.project("tool")
    person = make.member(project, username="alice", github_id=ACTOR)
    make.robot(project)
    Workflow(project=project, repository=REPOSITORY, path=WORKFLOW, phase="vote").grant(by=person)
    return person


def test_the_person_is_who_started_it_and_the_project_who_granted_it(issuer: Issuer, alice) -> None:
    found = visit(issuer.token(), "vote")
    person, project = found.person, found.project
    assert (person.pk, project.slug, found.grant.phase) == (alice.pk, "tool", "vote")
    assert person.comes_by == f"run 99 of {WORKFLOW} in {REPOSITORY}"
    assert may(person, "releases.resolve_vote", project)
    assert person.reach == Reach.ALL
    assert not may(person, "keys.own_tokens", person)


def test_what_the_console_adds_is_not_there(issuer: Issuer, alice, settings: Any) -> None:
    settings.ADMIN_MFA = True
    alice.is_superuser = True
    alice.save()
    person = visit(issuer.token(), "vote").person
    assert not may(person, "projects.hold_project", make.project())


@pytest.mark.parametrize(
    "said",
    [
        {"repository": "apache/other", "workflow_ref": f"apache/other/{WORKFLOW}@refs/heads/main"},
        {"workflow_ref": f"{REPOSITORY}/.github/workflows/evil.yml@refs/heads/main"},
        {"workflow_ref": f"{REPOSITORY}/{WORKFLOW}x@refs/heads/main"},
    ],
)
def test_another_workflow_acts_for_nobody_and_that_is_on_record(
    issuer: Issuer, alice, said: dict[str, str]
) -> None:
    with pytest.raises(PermissionDenied, match="No project lets"):
        visit(issuer.token(**said), "vote")
    event = Event.objects.get(tag=Tag.REFUSED)
    assert (event.actor, event.facts["verb"]) == ("alice", "act_by_workflow")


def test_a_grant_is_for_its_phase_and_ends_when_it_is_taken_back(issuer: Issuer, alice) -> None:
    with pytest.raises(PermissionDenied, match="“finish”"):
        visit(issuer.token(), "finish")
    Workflow.objects.get().revoke(by=alice)
    with pytest.raises(PermissionDenied):
        visit(issuer.token(), "vote")


def test_a_committee_without_a_key_for_its_workflows_is_acted_for_by_none(
    issuer: Issuer, alice
) -> None:
    Certificate.objects.get().links.all().delete()
    with pytest.raises(PermissionDenied, match="has no key for its workflows"):
        visit(issuer.token(), "vote")
    event = Event.objects.get(tag=Tag.REFUSED)
    assert (event.actor, event.facts["verb"]) == ("alice", "act_by_workflow")


def test_who_is_not_linked_or_switched_off_does_not_act(issuer: Issuer, alice) -> None:
    with pytest.raises(PermissionDenied, match="No account here is linked with the GitHub"):
        visit(issuer.token(actor_id="1"), "vote")
    alice.switch_off(by=make.operator(), reason="Left.")
    with pytest.raises(PermissionDenied, match="No account here is linked"):
        visit(issuer.token(), "vote")


def test_the_link_goes_with_all_other_credentials(issuer: Issuer, alice) -> None:
    alice.revoke_credentials(by=make.operator(), reason="Stolen laptop.", switch_off=False)
    alice.refresh_from_db()
    assert (alice.github_id, alice.is_active) == (None, True)
    with pytest.raises(PermissionDenied):
        visit(issuer.token(), "vote")


def test_a_token_is_used_up_by_what_is_refused_too(issuer: Issuer, alice) -> None:
    token = issuer.token()
    with pytest.raises(PermissionDenied):
        visit(token, "finish")
    with pytest.raises(Rejected):
        visit(token, "vote")
