"""`vote tabulate`: the count, key by key."""

from typing import Any

import pytest

from releases.phases import Outcome
from tests import make
from tests.api import Api, refused
from tests.releases.archive import answer, put, read, served, vote_by_mail
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.mail import message_id

pytestmark = pytest.mark.django_db

BALLOT = {
    *("voter_asf_uid", "voter_fullname", "choice", "comment", "is_binding", "is_carried"),
    *("vote_round", "revision_number_at_cast", "receipt_message_id", "cast_at"),
}


@pytest.fixture
def vote():
    return make.vote(make.candidate(make.project("tool"), version="1.0"))


@pytest.fixture
def member(vote):
    return make.member(vote.project, username="alice", first_name="Alice", last_name="Doe")


def tabulate(person: Any, **more: Any) -> Any:
    return Api(person).post("/vote/tabulate", {"project": "tool", "version": "1.0"} | more)


def test_a_vote_without_ballots_has_not_passed(vote, member) -> None:
    answer = tabulate(member)
    assert answer.status_code == 200
    assert answer.json() == {
        "endpoint": "/vote/tabulate",
        "details": None,
        "vote_mode": "trusted",
        "vote_seq": 1,
        "trusted_ballots": [],
        "trusted_summary": {
            f"{kind}_votes_{word}": 0
            for kind in ("binding", "non_binding")
            for word in ("yes", "no", "abstain")
        },
        "trusted_passed": False,
    }


def cast(vote, choice: str, person, **more: Any) -> None:
    vote.cast(choice, by=person, manifest_digest=vote.manifest_digest, **more)


def test_a_thread_is_told_key_by_key(tmp_path, settings) -> None:
    settings.ARCHIVE_URL = ""
    tool = make.project("tool")
    with served(tmp_path / "mails", settings):
        vote = vote_by_mail(where=tool)
        voter = make.member(tool, username="alice")
        mails = [answer(vote, "A <alice@example.org>", "+1 (binding)\n")]
        mails += [answer(vote, "Zoe <zoe@else.net>", text) for text in ("0\n", "+1\n-1\n")]
        put(tmp_path / "mails", vote, *mails)
        assert tabulate_of(vote, voter)["details"] is None
        read(vote)
        body = tabulate_of(vote, voter)
    assert body["vote_mode"] == "email"
    details = body["details"]
    assert set(details) == {"start_unixtime", "votes", "summary", "passed", "outcome"}
    assert details["votes"]["alice"] == {
        "name": "A",
        "asf_uid_or_email": "alice",
        "from_email": "",
        "status": "Binding",
        "asf_eid": details["votes"]["alice"]["asf_eid"],
        "iso_datetime": "2026-03-02T10:00:00+00:00",
        "vote": "Yes",
        "quotation": "+1 (binding)",
        "updated": False,
    }
    assert "/thread/" in details["votes"]["alice"]["asf_eid"]
    summary = {name: count for name, count in details["summary"].items() if count}
    assert summary["binding_votes_yes"] == summary["binding_votes"] == 1
    assert summary["unknown_votes"] == 1
    assert details["outcome"].startswith("2 more binding +1 needed")
    assert details["passed"] is False


def tabulate_of(vote, person) -> dict[str, Any]:
    asked = {"project": "tool", "version": vote.release.version}
    return Api(person).post("/vote/tabulate", asked).json()


def test_ballots_are_told_and_counted(vote, member) -> None:
    cast(vote, "-1", member)
    cast(vote, "+1", member, comment="Builds.")
    cast(vote, "0", make.user())
    body = tabulate(member).json()
    ballot, other = body["trusted_ballots"]
    assert set(ballot) == set(other) == BALLOT
    event = Event.objects.filter(tag=Tag.BALLOT_CAST, actor="alice").order_by("-pk")[0]
    assert ballot == ballot | {
        "voter_asf_uid": "alice",
        "voter_fullname": "Alice Doe",
        "choice": "+1",
        "comment": "Builds.",
        "is_binding": True,
        "is_carried": False,
        "revision_number_at_cast": "00001",
        "receipt_message_id": message_id(event.pk),
    }
    counted = {name: count for name, count in body["trusted_summary"].items() if count}
    assert counted == {"binding_votes_yes": 1, "non_binding_votes_abstain": 1}


def test_a_vote_that_passed_is_told_as_it_was_counted(vote, member) -> None:
    voters = [make.member(vote.project) for _ in range(3)]
    for person in voters:
        cast(vote, "+1", person)
    assert tabulate(member).json()["trusted_passed"] is True
    vote.release.resolve_vote(Outcome.PASSED, by=member)
    voters[0].memberships.all().delete()
    body = tabulate(member).json()
    assert body["trusted_passed"] is True
    assert body["trusted_summary"]["binding_votes_yes"] == 3


def test_the_number_of_questions_does_not_grow_with_the_ballots(
    vote, member, django_assert_max_num_queries
) -> None:
    for _ in range(10):
        cast(vote, "+1", make.user())
    api = Api(member)
    with django_assert_max_num_queries(16):
        api.post("/vote/tabulate", {"project": "tool", "version": "1.0"})


def test_where_no_vote_was_called_there_is_none(vote, member) -> None:
    make.release(vote.project, version="2.0", by=member)
    assert "No vote has been called" in refused(tabulate(member, version="2.0"), 404)
    refused(tabulate(member, version="3.0"), 404)
    refused(tabulate(member, version=3), 400)
    refused(tabulate(None), 401)
