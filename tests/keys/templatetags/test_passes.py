"""What runs upload with, on the pages of a project."""

import pytest
from django.template import engines
from django.test import RequestFactory

from keys.models import WorkflowSshKey
from projects.models import Project, User
from projects.roles import Role
from tests import make, ssh, workflows
from tests.issuer import REPOSITORY

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make.project("tool")


@pytest.fixture
def alice(project: Project) -> User:
    return make.member(project, Role.PARTICIPANT, username="alice")


def shown(project: Project, person: User, ended: bool = False) -> str:
    template = engines["django"].from_string("{% load passes %}{% passes_of project ended=ended %}")
    request = RequestFactory().get("/")
    request.user = person
    return template.render({"project": project, "ended": ended, "user": person}, request)


def test_it_names_run_person_time_and_claims_and_how_to_end_it(project, alice) -> None:
    key = workflows.key(project, alice)
    ticket, _ = workflows.ticket(project, alice, "1.5")
    text = shown(project, alice)
    for said in (
        key.fingerprint,
        "Upload ticket for 1.5",
        f"https://github.com/{REPOSITORY}/actions/runs/99",
        f"Good until {key.expires_at:%H:%M} UTC",
        "alice-at-github",
        "c0ffee",
        key.revoke_address,
        ticket.revoke_address,
    ):
        assert said in text, said


def test_who_may_not_see_drafts_sees_nothing_and_who_may_not_upload_ends_nothing(
    project, alice
) -> None:
    key = workflows.key(project, alice)
    assert shown(project, make.user(), ended=True).strip() == ""
    committer = shown(project, make.user(is_committer=True))
    assert key.fingerprint in committer
    assert key.revoke_address not in committer


def test_what_has_ended_is_told_only_where_it_is_asked_for(project, alice) -> None:
    first = workflows.key(project, alice)
    first.revoke(by=alice, reason="Not wanted.")
    used, _ = workflows.ticket(project, alice)
    used.use()
    over = workflows.key(project, alice)
    workflows.expire_all()
    assert shown(project, alice).strip() == ""
    text = shown(project, alice, ended=True)
    for said in ("Ended: revoked by alice", "Ended: it was used", "Ended: its time is over"):
        assert said in text, said
    assert over.fingerprint in text
    assert "Revoke<" not in text
    over.grant.revoke(by=make.member(project))
    assert "the workflow may act no more" in shown(project, alice, ended=True)


def test_where_there_is_none_it_says_what_to_do(project, alice) -> None:
    assert shown(project, alice).strip() == ""
    assert "#uploads-by-workflows" in shown(project, alice, ended=True)


def test_another_project_has_its_own(project, alice) -> None:
    key = workflows.key(project, alice)
    other = make.project("other", committee=project.committee)
    assert key.fingerprint not in shown(other, alice, ended=True)


def test_two_questions_however_many_there_are(project, alice, django_assert_num_queries) -> None:
    workflows.key(project, alice)
    alice = User.objects.get(pk=alice.pk)
    shown(project, alice)
    with django_assert_num_queries(2):
        shown(project, alice)
    for _ in range(5):
        WorkflowSshKey.objects.register(workflows.run_of(project, alice), ssh.ed25519_key())
        workflows.ticket(project, alice)
    with django_assert_num_queries(2):
        shown(project, alice)
