"""The task that calls a vote."""

import pytest

from releases.api.task_item import VoteTaskItem, task_of
from tests import make
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


def test_a_task_follows_its_job() -> None:
    vote = make.vote()
    assert VoteTaskItem(task_of(vote, email_to="x")).data["status"] == "queued"
    run_pending()
    told = VoteTaskItem(task_of(vote, email_to="x")).data
    assert told["status"] == "completed"
    assert told["started"] < told["completed"]
    assert told["task_args"] == {"email_to": "x"}


def test_each_vote_has_its_own() -> None:
    vote = make.vote()
    vote.release.resolve_vote("failed", by=make.member(vote.project))
    make.checked(vote.revision)
    again = make.vote(vote.release)
    assert task_of(again)["job"].pk > task_of(vote)["job"].pk or vote.number == 1
    assert task_of(again)["vote"].number == 2
