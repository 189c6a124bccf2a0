"""What workflows do: resolve a vote, in the name of who started the run, for who granted it."""

from typing import Any

import pytest

from keys import workflow_tokens
from projects.models import Workflow
from projects.roles import Role
from releases.api import announcing
from releases.models import Publication
from releases.phases import Choice, Outcome, Phase
from releases.publishing import materialise
from tests import issuer as fake
from tests import make
from tests.api import Api, refused
from tests.issuer import ACTOR, REPOSITORY, WORKFLOW, Issuer
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db
RESOLVE = "/publisher/vote/resolve"
ANNOUNCE = "/publisher/release/announce"


@pytest.fixture(autouse=True)
def issuer(settings: Any):
    with fake.serving() as found:
        settings.DEBUG, settings.GITHUB_OIDC_ISSUER = True, found.address
        yield found


@pytest.fixture
def vote():
    """An open vote that could pass, of a project that lets the workflow resolve it."""
    project = make.project("tool")
    alice = make.member(project, Role.RELEASE_MANAGER, username="alice", github_id=ACTOR)
    make.robot(project)
    Workflow(project=project, repository=REPOSITORY, path=WORKFLOW, phase="vote").grant(by=alice)
    opened = make.vote(make.candidate(project, version="1.0"))
    for _ in range(3):
        opened.cast(Choice.FOR, by=make.member(project), manifest_digest=opened.manifest_digest)
    return opened


def resolve(issuer: Issuer, jwt: str = "", **more: Any) -> Any:
    said = {"publisher": "github", "jwt": jwt or issuer.token(), "version": "1.0"}
    return Api().post(RESOLVE, said | {"resolution": "passed"} | more)


def outcome(vote: Any) -> str:
    vote.refresh_from_db()
    return vote.outcome


def test_a_workflow_resolves_the_vote_in_the_name_of_who_started_it(issuer, vote) -> None:
    answer = resolve(issuer)
    assert answer.status_code == 200
    assert answer.json() == {"endpoint": RESOLVE, "success": True}
    assert outcome(vote) == Outcome.PASSED
    event = Event.objects.get(tag=Tag.VOTE_PASSED)
    assert event.actor == "alice"
    assert event.facts["by_token"] == f"run 99 of {WORKFLOW} in {REPOSITORY}"


def test_a_token_is_good_for_one_call(issuer, vote) -> None:
    token = issuer.token()
    assert resolve(issuer, token, resolution="failed").status_code == 409
    assert refused(resolve(issuer, token), 401) == workflow_tokens.USED
    assert outcome(vote) == Outcome.OPEN


def test_who_started_it_must_have_the_right(issuer, vote) -> None:
    vote.project.committee.memberships.filter(user__username="alice").delete()
    assert "may not do this" in refused(resolve(issuer), 403)
    vote.project.committee.memberships.create(
        user_id=vote.project.workflows.get().granted_by_id, role=Role.PARTICIPANT
    )
    assert "may not do this" in refused(resolve(issuer), 403)
    assert outcome(vote) == Outcome.OPEN


def test_the_project_is_that_of_the_grant_whatever_is_sent(issuer, vote) -> None:
    other = make.vote(make.candidate(make.project("other"), version="2.0"))
    assert "not found" in refused(resolve(issuer, version="2.0"), 404)
    assert refused(resolve(issuer, project="other"), 400) == "Input validation failed"
    assert outcome(other) == Outcome.OPEN


def test_another_workflow_or_repository_does_nothing(issuer, vote) -> None:
    evil = f"{REPOSITORY}/.github/workflows/evil.yml@refs/heads/main"
    assert "No project lets" in refused(resolve(issuer, issuer.token(workflow_ref=evil)), 403)
    said = {"repository": "apache/evil", "workflow_ref": f"apache/evil/{WORKFLOW}@refs/heads/main"}
    assert "No project lets" in refused(resolve(issuer, issuer.token(**said)), 403)
    assert outcome(vote) == Outcome.OPEN


def test_what_the_issuer_has_not_signed_does_nothing(issuer, vote) -> None:
    good = issuer.token().rpartition(".")[0]
    assert refused(resolve(issuer, f"{good}.AAAA"), 401) == workflow_tokens.FORGED
    assert refused(resolve(issuer, "x"), 401) == workflow_tokens.MALFORMED
    assert outcome(vote) == Outcome.OPEN


def test_without_the_issuer_nobody_can_say(issuer, vote) -> None:
    token, issuer.status = issuer.token(), 500
    assert "answers 500" in refused(resolve(issuer, token), 502)


@pytest.mark.parametrize(
    "wrong",
    [
        {"publisher": "gitlab"},
        {"jwt": 7},
        {"jwt": "x" * 20_000},
        {"version": "../1.0"},
        {"version": 1.0},
        {"resolution": "open"},
        {"resolution": ""},
        {"more": "x"},
    ],
)
def test_what_cannot_be_understood_uses_no_token_up_and_is_not_repeated(
    issuer, vote, wrong: dict[str, Any]
) -> None:
    token = issuer.token()
    answer = resolve(issuer, **({"jwt": token} | wrong))
    assert refused(answer, 400) == "Input validation failed"
    assert token not in answer.content.decode()
    assert resolve(issuer, token).status_code == 200


def test_a_person_has_one_limit_whichever_way_they_come(issuer, vote) -> None:
    for _ in range(10):
        assert resolve(issuer, version="9.9").status_code == 404
    assert refused(resolve(issuer), 429)
    assert vote.release.phase == Phase.VOTE


@pytest.fixture
def passed(vote: Any, monkeypatch: pytest.MonkeyPatch):
    """Its vote has passed, the workflow may announce it, and a worker publishes when asked."""
    alice = vote.project.workflows.get().granted_by
    grant = Workflow(project=vote.project, repository=REPOSITORY, path=WORKFLOW, phase="finish")
    grant.grant(by=alice)
    vote.release.resolve_vote(Outcome.PASSED, by=alice)

    def work() -> None:
        publication = Publication.objects.get()
        publication.record_published(materialise(publication))

    monkeypatch.setattr(announcing, "pause", work)
    return vote.release


def announce(issuer: Issuer, **more: Any) -> Any:
    said = {"publisher": "github", "jwt": issuer.token(), "version": "1.0"}
    mail = {"email_to": "dev@tool.example.org", "body": "It is out.", "path_suffix": ""}
    return Api().post(ANNOUNCE, said | mail | more)


def test_a_workflow_publishes_and_announces(issuer, passed) -> None:
    answer = announce(issuer, revision="")
    assert answer.status_code == 200
    assert answer.json() == {"endpoint": ANNOUNCE, "success": True}
    passed.refresh_from_db()
    assert passed.phase == Phase.RELEASED
    event = Event.objects.get(tag=Tag.RELEASE_ANNOUNCED)
    assert (event.actor, event.facts["mail_body"]) == ("alice", "It is out.")
    assert "run 99" in event.facts["by_token"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"body": None}, 400),
        ({"revision": "x"}, 400),
        ({"email_to": "everybody@example.org"}, 403),
        ({"revision": "00009"}, 404),
        ({"version": "2.0"}, 404),
        ({"path_suffix": "elsewhere"}, 400),
    ],
)
def test_what_does_not_fit_announces_nothing(issuer, passed, wrong: Any, status: int) -> None:
    assert announce(issuer, **wrong).status_code == status
    passed.refresh_from_db()
    assert passed.phase == Phase.FINISH


def test_who_may_resolve_may_not_announce_without_that_grant(issuer, passed) -> None:
    grant = passed.project.workflows.get(phase="finish")
    grant.revoke(by=grant.granted_by)
    assert "No project lets" in refused(announce(issuer), 403)
    passed.refresh_from_db()
    assert passed.phase == Phase.FINISH
