"""Ignores over the API: what clients send, what they get, and what changes nothing."""

import pytest

from checks.api.ignores import NO_REASON
from checks.models import Ignore
from projects.roles import Role
from tests import make
from tests.api import Api, refused
from tests.checks.made import checked, found
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

ROW = {
    *("id", "asf_uid", "created", "project_key", "release_glob", "revision_number"),
    *("checker_glob", "primary_rel_path_glob", "member_rel_path_glob", "status", "message_glob"),
}
# What the command-line client sends: every key, null for what was not said.
NOTHING = dict.fromkeys(ROW - {"id", "asf_uid", "created", "project_key"})


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def member(project):
    return make.member(project, username="alice")


@pytest.fixture
def release(project, member):
    made = make.release(project, by=member, version="1.0", files={"tool-1.0.tar.gz": "bytes"})
    checked(made.newest, found(member="a/x.c"), found(member="b/y.c"))
    return made


def add(person, **said):
    return Api(person).post("/ignore/add", {"project_key": "tool", **NOTHING, **said})


def test_what_a_client_sends_sets_an_ignore(release, member) -> None:
    answer = add(member, checker_glob="license.headers", member_rel_path_glob="a/*")
    assert answer.status_code == 200
    assert answer.json() == {"endpoint": "/ignore/add", "success": True}
    made = Ignore.objects.get()
    assert (made.rule, made.member, made.reason) == ("license.headers", "a/*", NO_REASON)
    assert made.findings.count() == 1
    release.newest.refresh_from_db()
    assert (release.newest.counts["concern"], release.newest.counts["ignored"]) == (1, 1)
    assert Event.objects.get(tag=Tag.IGNORE_SET).actor == "alice"


def test_a_program_can_say_why_and_until_when(project, member) -> None:
    add(member, checker_glob="paths", reason="Agreed on the list.", last_day="2199-12-31")
    made = Ignore.objects.get()
    assert (made.reason, str(made.last_day)) == ("Agreed on the list.", "2199-12-31")


@pytest.mark.parametrize(
    "said", [{"status": "concern"}, {"release_glob": "tool-1."}, {"revision_number": "00001"}]
)
def test_a_status_a_release_or_a_revision_alone_is_enough(release, member, said: dict) -> None:
    assert add(member, **said).status_code == 200
    made = Ignore.objects.get()
    assert made.rule == "*"
    assert made.findings.count() == 2


def test_an_ignore_of_one_revision_does_not_hold_for_the_next(release, member) -> None:
    add(member, checker_glob="license.headers", revision_number="1")
    release.add_files({"b.zip": make.blob("b")}, by=member)
    first = release.revisions.get(number=1).run
    run = checked(release.newest, found(member="a/x.c"))
    assert len(Ignore.objects.of_run(run)) == 0
    assert Ignore.objects.get().scope[-1] == ("Revision", "1")
    assert first.findings.count() == 2


def test_the_list_has_the_keys_that_clients_know(project, member) -> None:
    add(member, checker_glob="paths", status="suggestion", revision_number="2")
    add(member, message_glob="^It has")
    body = Api().get("/ignore/list/tool").json()
    assert set(body) == {"endpoint", "ignores"}
    assert body["endpoint"] == "/ignore/list"
    assert all(set(row) == ROW for row in body["ignores"])
    first, second = body["ignores"]
    assert first == first | {
        "asf_uid": "alice",
        "project_key": "tool",
        "checker_glob": "paths",
        "status": "suggestion",
        "revision_number": "00002",
        "release_glob": None,
        "message_glob": None,
    }
    assert (second["message_glob"], second["checker_glob"]) == ("^It has", None)
    assert second["created"].endswith("Z")


def test_deleting_ends_it_and_the_list_is_without_it(release, member) -> None:
    add(member, checker_glob="license.headers")
    body = {"project_key": "tool", "id": Ignore.objects.get().pk}
    for _ in range(2):  # the second time nothing is left to do
        answer = Api(member).post("/ignore/delete", body)
        assert answer.json() == {"endpoint": "/ignore/delete", "success": True}
    assert Api().get("/ignore/list/tool").json()["ignores"] == []
    assert Event.objects.filter(tag=Tag.IGNORE_LIFTED).count() == 1
    release.newest.refresh_from_db()
    assert release.newest.counts["concern"] == 2
    assert Api(member).post("/ignore/delete", body | {"id": 999_999}).status_code == 200


def test_that_of_another_project_is_not_found_and_stays(project, member) -> None:
    theirs = make.project("other")
    kept = make.ignore(theirs).set(by=make.member(theirs))
    body = {"project_key": "tool", "id": kept.pk}
    said = refused(Api(member).post("/ignore/delete", body), 404)
    assert said == f"Project 'tool' has no ignore {kept.pk}"
    kept.refresh_from_db()
    assert kept.lifted_at is None


@pytest.mark.parametrize("path", ["add", "delete"])
def test_only_members_decide(project, path: str) -> None:
    bodies = {"add": {"checker_glob": "paths"}, "delete": {"id": 1}}
    body = {"project_key": "tool", **bodies[path]}
    assert refused(Api().post(f"/ignore/{path}", body), 401).startswith("Authentication required")
    for person in (make.user(), make.member(project, Role.RELEASE_MANAGER)):
        assert "checks.set_ignores" in refused(Api(person).post(f"/ignore/{path}", body), 403)
    assert not Ignore.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"project_key": None}, "none_not_allowed"),
        ({"project_key": "Tool"}, "value_error"),
        ({"project_key": 7}, "string_type"),
        ({"checker_glob": 7}, "string_type"),
        ({"checker_glob": "x" * 129}, "string_too_long"),
        ({"checker_glob": "paths", "status": "blocker"}, "enum"),
        ({"checker_glob": "paths", "revision_number": 1}, "string_type"),
        ({"checker_glob": "paths", "revision_number": "x"}, "value_error"),
        ({"checker_glob": "paths", "reason": "x" * 1001}, "string_too_long"),
        ({"checker_glob": "paths", "last_day": 3}, "date_type"),
        ({"checker_glob": "paths", "last_day": "soon"}, "value_error"),
        ({"checker_glob": "paths", "committee": "tool"}, "extra_forbidden"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(project, member, wrong: dict, kind: str) -> None:
    answer = add(member, **wrong)
    assert refused(answer, 400) == "Input validation failed"
    details = answer.json()["validation_details"]
    assert [(each["type"], each["loc"]) for each in details] == [(kind, [list(wrong)[-1]])]
    assert not Ignore.objects.exists()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Name a checker"),
        ({"checker_glob": "", "message_glob": ""}, "Name a checker"),
        ({"checker_glob": "^("}, "no regular expression"),
        ({"status": "exception"}, "Only concerns and suggestions"),
        ({"checker_glob": "paths", "last_day": "2001-01-01"}, "has passed"),
    ],
)
def test_what_a_rule_refuses_is_a_sentence(project, member, said: dict, sentence: str) -> None:
    assert sentence in refused(add(member, **said), 400)
    assert not Ignore.objects.exists()


def test_a_project_that_is_not_there_is_named(member) -> None:
    said = "Project 'none' was not found"
    assert refused(Api(member).post("/ignore/add", {"project_key": "none"}), 404) == said
    assert refused(Api().get("/ignore/list/none"), 404) == said
    missing = Api(member).post("/ignore/delete", {"project_key": "tool"})
    assert refused(missing, 400) == "Input validation failed"


def test_the_list_costs_the_same_however_long_it_is(
    project, member, django_assert_num_queries
) -> None:
    for count in (1, 10):
        for _ in range(count):
            make.ignore(project).set(by=member)
        Api().get("/ignore/list/tool")
        with django_assert_num_queries(3):
            assert Api().get("/ignore/list/tool").status_code == 200
