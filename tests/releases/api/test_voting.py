"""`vote start`: what it sends, and what it must get."""

from typing import Any

import pytest

from projects.roles import Role
from releases.models import Vote, Way
from releases.phases import Phase, Verdict
from tests import make
from tests.api import Api, refused
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db

TO = "dev@tool.example.org"
TASK = {
    *("id", "status", "task_type", "task_args", "inputs_hash", "asf_uid", "added", "scheduled"),
    *("started", "pid", "completed", "result", "error", "project_key", "version_key"),
    *("revision_number", "primary_rel_path"),
}
SENT: dict[str, Any] = {
    "project": "tool",
    "version": "1.0",
    "revision": "00001",
    "email_to": TO,
    "email_cc": [],
    "email_bcc": [],
    "vote_duration": None,
    "subject": None,
    "body": None,
    "second_round_email_to": None,
    "notify_when_finished": False,
    "automatic_resolve_when_finished": False,
    "automatic_publish_when_resolved": False,
    "concerns_noted": [],
}
OF = {"project": "tool", "version": "1.0"}


@pytest.fixture
def project():
    made = make.project("tool")
    made.policy.vote_recipients = f"{TO}\nprivate@tool.example.org"
    made.policy.save()
    return made


@pytest.fixture
def member(project):
    return make.member(project, username="alice")


@pytest.fixture
def draft(project, member):
    return make.candidate(project, by=member, version="1.0")


def start(person: Any, **more: Any) -> Any:
    return Api(person).post("/vote/start", SENT | more)


def test_a_vote_is_called_and_its_mail_is_a_task(draft, member) -> None:
    answer = start(member)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"endpoint", "task"}
    assert body["endpoint"] == "/vote/start"
    task = body["task"]
    assert set(task) == TASK
    assert task == task | {
        "status": "queued",
        "task_type": "vote_initiate",
        "asf_uid": "alice",
        "project_key": "tool",
        "version_key": "1.0",
        "revision_number": "00001",
        "result": None,
        "error": None,
    }
    assert task["task_args"] == {"email_to": TO, "vote_duration": None}
    assert Job.objects.get(pk=task["id"]).name == "releases.send_mail"
    vote = Vote.objects.get()
    assert vote.subject.startswith("[VOTE]")
    assert "tool" in vote.body
    draft.refresh_from_db()
    assert draft.phase == Phase.VOTE


def test_what_is_given_is_what_goes_out(project, draft, member) -> None:
    start(
        member,
        revision=None,
        subject="Please vote",
        body="These {{VERSION}} words.",
        vote_duration=80,
        email_cc=["PRIVATE@tool.example.org"],
    )
    vote = Vote.objects.get()
    assert (vote.subject, vote.body) == ("Please vote", "These {{VERSION}} words.")
    assert (vote.ends_at - vote.called_at).total_seconds() == 80 * 3600


def test_a_client_may_leave_out_what_has_a_default(draft, member) -> None:
    answer = Api(member).post("/vote/start", OF | {"email_to": TO})
    assert answer.status_code == 201


def test_checks_that_run_are_waited_for_before_all_else(project, member) -> None:
    make.release(project, by=member, version="1.0", files={"a.txt": "a"})
    said = refused(start(member), 409)
    assert said == "All checks must be completed before starting a vote"
    assert not Vote.objects.exists()


def test_a_newer_revision_is_told_first(draft, member) -> None:
    draft.add_files({"b.txt": make.blob("b")}, by=member)
    answer = start(member, email_to="elsewhere@example.org")
    said = refused(answer, 409)
    assert said == "A newer revision appeared, please refresh and try again."
    assert answer.headers["Refusal-Codes"] == "newer_revision"
    refused(start(member, revision="00007"), 409)


@pytest.mark.parametrize("where", ["email_to", "email_cc", "email_bcc"])
def test_a_list_that_the_policy_does_not_name_is_not_written_to(draft, member, where: str) -> None:
    other: Any = "elsewhere@example.org"
    said = refused(start(member, **{where: other if where == "email_to" else [TO, other]}), 403)
    assert said == "Invalid mailing list choice"
    assert not Vote.objects.exists()


def test_in_test_mode_one_s_own_address_will_do(draft, member, settings) -> None:
    refused(start(member, email_to="alice@apache.org"), 403)
    settings.TEST_MODE = settings.DEBUG = True
    answer = start(member, email_to="alice@apache.org")
    assert answer.json()["task"]["task_args"]["email_to"] == "alice@apache.org"


def test_an_empty_draft_is_not_voted_on(project, member) -> None:
    make.release(project, by=member, version="1.0")
    assert "no files" in refused(start(member), 400)
    Api(member).post("/release/create", {"project": "tool", "version": "2.0"})
    assert "no files" in refused(start(member, version="2.0"), 400)


def test_an_archive_that_is_being_looked_at_is_waited_for(draft, member) -> None:
    draft.receive({"b.zip": make.blob("zip")}, by=member, way=Way.API)
    answer = start(member)
    assert "b.zip: received" in refused(answer, 409)
    assert answer.headers["Refusal-Codes"] == "archive_waits"


def test_blockers_stand_in_the_way(draft, member) -> None:
    make.checked(draft.newest, Verdict.FAILED)
    assert "blockers" in refused(start(member), 409)


def test_concerns_are_to_be_noted_and_more_does_no_harm(draft, member) -> None:
    make.checked(draft.newest, Verdict.PASSED, ("license", "rat"))
    assert "license" in refused(start(member, concerns_noted=["rat"]), 409)
    noted = ["license", "rat", "atr.tasks.checks.rat.check"]
    assert start(member, concerns_noted=noted).status_code == 201
    assert Vote.objects.get().acknowledged == ["license", "rat"]


def test_a_vote_is_as_long_as_the_policy_asks(member, project, draft) -> None:
    project.policy.min_hours = 72
    project.policy.save()
    make.checked(draft.newest)
    assert "at least 72 hours" in refused(start(member, vote_duration=71), 409)
    refused(start(member, vote_duration=721), 400)
    refused(start(member, vote_duration=-1), 400)


def test_what_does_not_happen_here_is_not_promised(draft, member) -> None:
    said = refused(start(member, second_round_email_to=TO), 409)
    assert "no second round" in said
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"notify_when_finished": True}, (False, False, True)),
        ({"automatic_resolve_when_finished": True}, (True, False, False)),
        (
            {"automatic_resolve_when_finished": True, "automatic_publish_when_resolved": True},
            (True, True, False),
        ),
    ],
)
def test_what_is_to_happen_by_itself_is_kept_with_the_vote(draft, member, more, kept) -> None:
    assert start(member, **more).status_code == 201
    vote = Vote.objects.get()
    assert (vote.auto_resolve, vote.auto_publish, vote.tell_end) == kept


def test_what_is_published_by_itself_is_resolved_by_itself(draft, member) -> None:
    assert "ask for both" in refused(start(member, automatic_publish_when_resolved=True), 409)


def test_a_vote_is_called_once(draft, member) -> None:
    start(member)
    assert "already" in refused(start(member), 409)
    assert Vote.objects.count() == 1


def test_who_may_not_call_votes_calls_none(project, draft) -> None:
    refused(start(make.member(project, Role.PARTICIPANT)), 403)
    assert refused(start(make.user()), 404) == "Release tool-1.0 not found"
    refused(Api().post("/vote/start", SENT), 401)
    assert not Vote.objects.exists()


BAD = [
    ({"project": None}, "none_not_allowed"),
    ({"revision": 1}, "string_type"),
    ({"revision": "one"}, "value_error"),
    ({"email_to": None}, "none_not_allowed"),
    ({"email_to": "x" * 300 + "@y"}, "string_too_long"),
    ({"email_cc": "x"}, "list_type"),
    ({"email_cc": [1]}, "string_type"),
    ({"email_bcc": None}, "none_not_allowed"),
    ({"vote_duration": "72"}, "int_type"),
    ({"vote_duration": True}, "int_type"),
    ({"subject": "x" * 201}, "string_too_long"),
    ({"subject": "a\0b"}, "value_error"),
    ({"body": "\ud800"}, "value_error"),
    ({"notify_when_finished": "no"}, "bool_type"),
    ({"concerns_noted": ["x" * 201]}, "string_too_long"),
    ({"more": 1}, "extra_forbidden"),
]


@pytest.mark.parametrize(("more", "kind"), BAD)
def test_what_is_not_understood_calls_no_vote(draft, member, more: Any, kind: str) -> None:
    answer = start(member, **more)
    refused(answer, 400)
    found = {each["type"] for each in answer.json()["validation_details"]}
    assert kind in found
    assert not Vote.objects.exists()


def test_a_subject_of_two_lines_is_refused_by_the_verb(draft, member) -> None:
    assert "one line" in refused(start(member, subject="a\nb"), 400)


@pytest.mark.parametrize(("endpoint", "times"), [("/vote/start", 5), ("/vote/resolve", 10)])
def test_calling_and_resolving_are_limited(draft, member, settings, endpoint, times: int) -> None:
    settings.RATE_LIMITS = True
    api = Api(member)
    codes = [api.post(endpoint, {}).status_code for _ in range(times + 1)]
    assert codes == [400] * times + [429]
