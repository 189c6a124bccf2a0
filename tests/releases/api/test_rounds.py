"""A podling's two rounds, and votes that people count, as programs see them."""

from typing import Any

import pytest

from projects.models import Policy, VoteMode
from projects.roles import Role
from releases.models import Release, Vote
from releases.phases import Outcome, Phase
from tests import make
from tests.api import Api, refused
from tests.releases.api.test_voting import start
from tests.releases.archive import put, read, served

pytestmark = pytest.mark.django_db

OF = {"project": "young", "version": "1.0"}
THREAD = "https://lists.example.org/thread/abc"


@pytest.fixture
def draft():
    return make.candidate(make.podling(), version="1.0")


@pytest.fixture
def member(draft):
    return make.member(draft, username="alice")


def resolve(person: Any, resolution: str = "passed", **more: Any) -> Any:
    return Api(person).post("/vote/resolve", OF | {"resolution": resolution} | more)


def enough(vote: Vote) -> Vote:
    for _ in range(3):
        by = make.member(vote.deciding_committee)
        vote.cast("+1", by=by, manifest_digest=vote.manifest_digest)
    return vote


def call(person: Any, draft: Release, **more: Any) -> Any:
    to = draft.committee.dev_list
    return start(person, **OF, revision="00001", email_to=to, **more)


def test_where_the_second_round_goes_is_said_at_the_start_and_has_to_be_permitted(
    draft, member
) -> None:
    refused(call(member, draft, second_round_email_to="all@example.com"), 403)
    assert not Vote.objects.exists()
    general = draft.committee.parent.general_list
    assert call(member, draft, second_round_email_to=general).status_code == 201
    assert Vote.objects.get().second_to == general


def test_a_first_round_that_passes_stays_a_candidate_and_the_second_round_begins(
    draft, member, tmp_path, settings
) -> None:
    with served(tmp_path / "mails", settings):
        vote = enough(make.vote(draft))
        assert "not been found in the archive" in refused(resolve(member), 409)
        put(tmp_path / "mails", vote)
        read(vote)
        assert resolve(member).json() == {"endpoint": "/vote/resolve", "success": True}
    told = Api(member).get("/release/get/young/1.0").json()["release"]
    assert (told["phase"], told["current_vote_seq"]) == (str(Phase.VOTE), 2)
    assert Vote.objects.get(number=1).links[0].endswith(f"/{told['podling_thread_id']}")
    enough(Vote.objects.get(number=2))
    assert resolve(member).status_code == 200
    told = Api(member).get("/release/get/young/1.0").json()["release"]
    assert told["phase"] == str(Phase.FINISH)
    assert told["podling_thread_id"]


def test_a_second_round_that_fails_leads_back_and_clears_the_thread(draft, member) -> None:
    second = make.second(draft)
    Vote.objects.filter(pk=second.first_round.pk).update(links=[THREAD])
    shown = "/release/get/young/1.0"
    assert Api(member).get(shown).json()["release"]["podling_thread_id"] == "abc"
    assert resolve(member, "failed").status_code == 200
    told = Api(member).get(shown).json()["release"]
    assert (told["phase"], told["podling_thread_id"]) == (str(Phase.COMPOSE), None)


def test_who_resolves_chooses_how_the_second_round_is_called(draft, member) -> None:
    enough(make.vote(draft))
    refused(resolve(member, second_round_email_to="all@example.com"), 403)
    assert Vote.objects.get().outcome == Outcome.OPEN
    asked = {"notify_when_finished": True, "automatic_resolve_when_finished": True}
    assert resolve(member, second_round_email_to=member.email, **asked).status_code == 200
    second = Vote.objects.get(number=2)
    assert second.mail_to.to == (member.email,)
    assert (second.auto_resolve, second.auto_publish, second.tell_end) == (True, False, True)


def test_who_may_not_resolve_begins_no_second_round(draft, member) -> None:
    enough(make.vote(draft))
    for person in (make.member(draft, Role.PARTICIPANT), make.member(draft.committee.parent)):
        refused(resolve(person), 403)
    assert Vote.objects.count() == 1


def test_tabulate_tells_the_round_and_what_is_carried(draft, member) -> None:
    mentor = make.member(draft.committee.parent, username="mentor")
    vote = make.vote(draft)
    vote.cast("0", by=mentor, manifest_digest=vote.manifest_digest, comment="No.")
    body = Api(member).post("/vote/tabulate", OF).json()
    (told,) = body["trusted_ballots"]
    assert (told["vote_round"], told["is_carried"], told["is_binding"]) == (1, False, False)
    enough(vote)
    resolve(member)
    body = Api(member).post("/vote/tabulate", OF).json()
    assert body["vote_seq"] == 2
    (told,) = body["trusted_ballots"]
    said = told["voter_asf_uid"], told["choice"], told["comment"]
    assert said == ("mentor", "0", "No.")
    assert (told["is_carried"], told["is_binding"], told["vote_round"]) == (True, True, 1)
    assert told["receipt_message_id"]
    assert body["trusted_summary"]["binding_votes_abstain"] == 1


# --- Votes that people count ----------------------------------------------------------------------


@pytest.fixture
def counted_elsewhere():
    where = make.project("young")
    Policy.objects.filter(project=where).update(vote_mode=VoteMode.MANUAL)
    return make.vote(make.candidate(where, version="1.0"))


def test_a_vote_that_people_count_passes_with_the_addresses_of_both_threads(
    counted_elsewhere,
) -> None:
    member = make.member(counted_elsewhere.project)
    refused(resolve(member), 409)
    refused(resolve(member, vote_thread_url=THREAD), 409)
    both = {"vote_thread_url": THREAD, "vote_result_url": f"{THREAD}d"}
    assert resolve(member, **both).status_code == 200
    assert Vote.objects.get().links == [THREAD, f"{THREAD}d"]


@pytest.mark.parametrize(
    "wrong", ["http://lists.example.org/x", "javascript:alert(1)", "https://x y", "x" * 600, 7]
)
def test_what_is_no_address_of_the_archive_resolves_nothing(counted_elsewhere, wrong) -> None:
    member = make.member(counted_elsewhere.project)
    said = {"vote_thread_url": THREAD, "vote_result_url": wrong}
    refused(resolve(member, **said), 400)
    assert Vote.objects.get().outcome == Outcome.OPEN


def test_addresses_must_be_of_the_archive_that_the_site_knows(counted_elsewhere, settings) -> None:
    settings.ARCHIVE_URL = "https://archive.example.org"
    member = make.member(counted_elsewhere.project)
    good = "https://archive.example.org/thread/1"
    said = {"vote_thread_url": good, "vote_result_url": THREAD}
    assert "https://archive.example.org/thread/" in refused(resolve(member, **said), 400)
    assert resolve(member, **{**said, "vote_result_url": good}).status_code == 200
