"""`vote resolve`, and ballots that programs cast."""

from typing import Any

import pytest

from projects.roles import Role
from releases.models import Ballot, Release
from releases.phases import Choice, Phase
from tests import make
from tests.api import Api, refused
from tests.releases.api.test_voting import OF, TO, draft, member, project
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

__all__ = ["draft", "member", "project"]  # fixtures


def resolve(person: Any, resolution: str, **more: Any) -> Any:
    return Api(person).post("/vote/resolve", OF | {"resolution": resolution} | more)


def cast(person: Any, choice: str = "+1", **more: Any) -> Any:
    return Api(person).post("/vote/cast", OF | {"choice": choice} | more)


@pytest.fixture
def vote(draft):
    return make.vote(draft)


@pytest.mark.parametrize("resolution", ["failed", "cancelled"])
def test_a_vote_that_did_not_pass_leads_back(vote, member, resolution: str) -> None:
    answer = resolve(member, resolution)
    assert (answer.status_code, answer.json()) == (
        200,
        {"endpoint": "/vote/resolve", "success": True},
    )
    release = Release.objects.get()
    assert (release.phase, release.last_revision) == (Phase.COMPOSE, 1)
    vote.refresh_from_db()
    assert vote.outcome == resolution


def test_a_vote_passes(project, vote, member) -> None:
    for _ in range(3):
        assert cast(make.member(project)).status_code == 200
    assert resolve(member, "passed").status_code == 200
    assert Release.objects.get().phase == Phase.FINISH


def test_a_vote_that_lacks_binding_votes_does_not_pass(vote, member) -> None:
    assert "3 more binding" in refused(resolve(member, "passed"), 409)
    assert Release.objects.get().phase == Phase.VOTE


def test_where_no_vote_is_open_there_is_none_to_resolve(draft, member) -> None:
    assert "no open vote" in refused(resolve(member, "failed"), 404)


@pytest.mark.parametrize(
    "sent", [{"resolution": "maybe"}, {"resolution": 1}, {"resolution": None}, {"more": 1}]
)
def test_what_is_no_resolution_resolves_nothing(vote, member, sent: dict[str, Any]) -> None:
    refused(Api(member).post("/vote/resolve", OF | {"resolution": "failed"} | sent), 400)
    assert Release.objects.get().phase == Phase.VOTE


def test_who_may_not_resolve_resolves_nothing(project, vote) -> None:
    refused(resolve(make.member(project, Role.PARTICIPANT), "failed"), 403)
    refused(resolve(make.user(), "failed"), 403)
    refused(resolve(None, "failed"), 401)
    assert Release.objects.get().phase == Phase.VOTE


# --- Ballots --------------------------------------------------------------------------------------


def test_a_ballot_is_cast_and_its_receipt_goes_to_the_list(vote, member) -> None:
    answer = cast(member, comment="Builds.")
    assert answer.status_code == 200
    assert answer.json() == {
        "endpoint": "/vote/cast",
        "success": True,
        "receipt_email_to": [TO, "private@tool.example.org", member.email],
    }
    ballot = Ballot.objects.get()
    assert (ballot.choice, ballot.comment, ballot.binding_when_cast) == ("+1", "Builds.", True)
    assert ballot.manifest_digest == vote.manifest_digest
    assert Event.objects.filter(tag=Tag.BALLOT_CAST).count() == 1


def test_the_last_ballot_counts_and_the_same_twice_is_one(vote, member) -> None:
    for choice in ("+1", "+1", "-1", "0"):
        assert cast(member, choice).status_code == 200
    assert [each.choice for each in Ballot.objects.order_by("pk")] == ["+1", "-1", "0"]


def test_the_mail_goes_where_the_answer_says(vote, member, mailoutbox) -> None:
    run_pending()
    said = cast(member).json()["receipt_email_to"]
    run_pending()
    assert mailoutbox[-1].to == said


def test_a_vote_that_is_over_takes_no_ballot(project, draft, vote, member) -> None:
    resolve(member, "cancelled")
    assert "closed" in refused(cast(member), 409)
    make.candidate(project, by=member, version="2.0")
    assert "no open vote" in refused(cast(member, version="2.0"), 409)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize(
    "more",
    [{"choice": "1"}, {"choice": 1}, {"comment": "x" * 10_001}, {"comment": None}, {"more": 1}],
)
def test_what_is_no_ballot_is_not_cast(vote, member, more: dict[str, Any]) -> None:
    refused(cast(member, **more), 400)
    assert not Ballot.objects.exists()


def test_nobody_votes_without_a_token(vote) -> None:
    refused(cast(None), 401)
    assert cast(make.user(), Choice.AGAINST).status_code == 200
    assert not Ballot.objects.get().binding_when_cast
