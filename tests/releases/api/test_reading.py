"""Releases, revisions and files over the API, key by key."""

import hashlib
import json

import pytest
from django.test import Client

from releases.phases import Phase
from tests import make
from tests.api import Api, refused

pytestmark = pytest.mark.django_db

RELEASE = {
    *("key", "phase", "created", "released", "archived", "is_archived", "activity_at"),
    *("inactivity_notice_key", "archive_prior_release", "expedited", "check_cache_key"),
    *("project_key", "cycle_key", "package_managers", "version", "sboms", "release_policy_id"),
    *("vote_mode", "current_vote_seq", "vote_started", "vote_resolved", "podling_thread_id"),
    "latest_revision_number",
}
REVISION = {
    *("key", "release_key", "seq", "number", "asfuid", "created", "phase", "parent_key"),
    *("description", "merge_base_revision_key", "tag", "was_quarantined"),
}
MANIFEST = {
    *("endpoint", "release_key", "revision_number", "manifest_digest", "file_count"),
    *("total_size", "files"),
}


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def member(project):
    return make.member(project, username="alice")


@pytest.fixture
def draft(project, member):
    return make.candidate(project, by=member, version="0.3+cli", files={"a.zip": "bytes"})


def one(endpoint: str, release, *more: str) -> str:
    return "/".join([endpoint, release.project.slug, release.version, *more])


def test_a_draft_has_the_keys_that_clients_know(draft, member) -> None:
    body = Api(member).get(one("/release/get", draft)).json()
    assert set(body) == {"endpoint", "release"}
    assert body["endpoint"] == "/release/get"
    release = body["release"]
    assert set(release) == RELEASE
    assert release == release | {
        "key": "tool-0.3+cli",
        "phase": "release_candidate_draft",
        "released": None,
        "project_key": "tool",
        "cycle_key": "tool-0.x",
        "version": "0.3+cli",
        "release_policy_id": draft.project.policy.pk,
        "vote_mode": None,
        "current_vote_seq": None,
        "vote_started": None,
        "latest_revision_number": "00001",
    }
    assert release["activity_at"] == f"{draft.newest.made_at:%Y-%m-%dT%H:%M:%S.%f}Z"


def test_no_object_is_inside_another(draft, member) -> None:
    release = Api(member).get(one("/release/get", draft)).json()["release"]
    assert not any(isinstance(value, dict) for value in release.values())


def test_an_empty_draft_has_no_revision_yet(project, member) -> None:
    empty = make.release(project, by=member, version="1.0")
    release = Api(member).get(one("/release/get", empty)).json()["release"]
    assert release["latest_revision_number"] is None
    assert refused(Api(member).get(one("/release/paths", empty)), 404) == (
        "A revision of release tool-1.0 not found"
    )
    assert Api(member).get(one("/release/revisions", empty)).json()["revisions"] == []


def test_a_release_in_vote_tells_of_its_vote(draft) -> None:
    vote = make.vote(draft)
    release = Api().get(one("/release/get", draft)).json()["release"]
    at = f"{vote.called_at:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert release == release | {
        "phase": "release_candidate",
        "vote_mode": "trusted",
        "current_vote_seq": 1,
        "vote_started": at,
        "vote_resolved": None,
        "activity_at": at,
    }


def test_a_draft_is_told_to_clients_that_send_no_token(draft) -> None:
    for path in ("get", "paths", "revisions", "manifest"):
        for program in (Api(), Api(make.user())):
            assert program.get(one(f"/release/{path}", draft)).status_code == 200
    assert Api().get("/releases/list").json()["count"] == 1
    assert Api().get("/project/releases/tool").json()["releases"][0]["phase"] == draft.phase


def test_a_draft_is_not_there_for_others_where_the_site_says_so(draft, settings) -> None:
    settings.API_SHOWS_DRAFTS = False
    for path in ("get", "paths", "revisions", "manifest"):
        for program in (Api(), Api(make.user())):
            said = refused(program.get(one(f"/release/{path}", draft)), 404)
            assert said == "Release tool-0.3+cli not found"
    assert Api().get("/releases/list").json()["count"] == 0
    assert Api().get("/project/releases/tool").json()["releases"] == []


def test_the_plus_in_a_version_is_a_plus(draft, member) -> None:
    path = "/api/release/get/tool/"
    program = Api(member)
    for written in ("0.3+cli", "0.3%2Bcli"):
        answer = program.client.get(path + written, headers=program.headers())
        assert answer.json()["release"]["version"] == "0.3+cli"
    answer = program.client.get(path + "0.3%20cli", headers=program.headers())
    assert refused(answer, 400) == "Parameter 'version' is invalid."


def test_revisions_come_in_order_with_the_keys_that_clients_know(draft, member) -> None:
    draft.add_files({"b.zip": make.blob("more")}, by=member)
    body = Api(member).get(one("/release/revisions", draft)).json()
    assert set(body) == {"endpoint", "revisions"}
    assert all(set(row) == REVISION for row in body["revisions"])
    first, second = body["revisions"]
    assert second == second | {
        "key": "tool-0.3+cli 00002",
        "release_key": "tool-0.3+cli",
        "seq": 2,
        "number": "00002",
        "asfuid": "alice",
        "phase": "release_candidate_draft",
        "parent_key": "tool-0.3+cli 00001",
        "description": "Uploaded b.zip",
        "was_quarantined": False,
    }
    assert first["parent_key"] is None


def test_paths_are_sorted_and_those_of_the_revision_that_is_named(draft, member) -> None:
    draft.add_files({"0.txt": make.blob("0"), "z/y.txt": make.blob("y")}, by=member)
    body = Api(member).get(one("/release/paths", draft)).json()
    assert body == {"endpoint": "/release/paths", "rel_paths": ["0.txt", "a.zip", "z/y.txt"]}
    for number in ("1", "00001"):
        old = Api(member).get(one("/release/paths", draft, number)).json()
        assert old == {"endpoint": "/release/paths", "rel_paths": ["a.zip"]}


@pytest.mark.parametrize("number", ["3", "00000", "0"])
def test_a_revision_that_is_not_there_is_named(draft, member, number: str) -> None:
    said = refused(Api(member).get(one("/release/paths", draft, number)), 404)
    assert said == f"Revision {int(number):05d} of release tool-0.3+cli not found"


@pytest.mark.parametrize("number", ["x", "-1", "1.0", "9999999999"])
def test_a_number_that_is_none_is_refused(draft, member, number: str) -> None:
    said = refused(Api(member).get(one("/release/manifest", draft, number)), 400)
    assert said == "Parameter 'revision' is invalid."


def test_the_manifest_is_the_one_whose_digest_votes_name(draft) -> None:
    vote = make.vote(draft)
    body = Api().get(one("/release/manifest", draft)).json()
    assert set(body) == MANIFEST
    assert body["manifest_digest"] == vote.manifest_digest
    assert (body["revision_number"], body["file_count"], body["total_size"]) == ("00001", 1, 5)
    document = {"files": body["files"], "type": "trusted-releases/manifest/v1"}
    text = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    assert "sha256:" + hashlib.sha256(text).hexdigest() == vote.manifest_digest


def test_the_list_is_newest_first_a_page_at_a_time(project, member) -> None:
    for number in range(25):
        make.release(project, by=member, version=f"1.{number}")
    program = Api(member)
    body = program.get("/releases/list").json()
    assert set(body) == {"endpoint", "data", "count"}
    assert (len(body["data"]), body["count"]) == (20, 25)
    assert body["data"][0]["version"] == "1.24"
    assert all(set(row) == RELEASE for row in body["data"])
    rest = program.get("/releases/list", offset=20, limit=1000).json()
    assert [row["version"] for row in rest["data"]] == ["1.4", "1.3", "1.2", "1.1", "1.0"]


def test_the_list_is_narrowed_to_a_phase(draft, project, member) -> None:
    make.release(project, by=member, version="9.0")
    make.vote(draft)
    body = Api(member).get("/releases/list", phase=str(Phase.VOTE)).json()
    assert ([row["key"] for row in body["data"]], body["count"]) == (["tool-0.3+cli"], 1)


@pytest.mark.parametrize(
    "wrong",
    [{"limit": 1001}, {"limit": 0}, {"offset": 1_000_001}, {"limit": "x"}, {"phase": "vote"}],
)
def test_a_page_that_cannot_be_is_refused(wrong: dict) -> None:
    assert refused(Api().get("/releases/list", **wrong), 400) == "Input validation failed"


def test_the_releases_of_a_project(draft, member) -> None:
    make.release(version="7.0")
    body = Api(member).get("/project/releases/tool").json()
    assert set(body) == {"endpoint", "releases"}
    assert [row["key"] for row in body["releases"]] == ["tool-0.3+cli"]
    assert refused(Api().get("/project/releases/none"), 404) == "Project 'none' was not found"


def test_the_numbers_of_a_deleted_draft_are_not_its_revisions(draft, member) -> None:
    draft.delete_draft(by=member)
    again = make.release(draft.project, by=member, version=draft.version)
    program = Api(member)
    shown = program.get(one("/release/get", again)).json()["release"]
    assert shown["latest_revision_number"] is None
    again.add_files({"c.zip": make.blob("c")}, by=member)
    shown = program.get(one("/release/get", again)).json()["release"]
    assert shown["latest_revision_number"] == "00002"
    revision = program.get(one("/release/revisions", again)).json()["revisions"][0]
    assert (revision["number"], revision["parent_key"]) == ("00002", None)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/releases/list", 4),
        ("/project/releases/tool", 4),
        ("/release/get/tool/0.3+cli", 3),
        ("/release/revisions/tool/0.3+cli", 4),
        ("/release/paths/tool/0.3+cli", 5),
        ("/release/manifest/tool/0.3+cli", 5),
    ],
)
def test_what_it_costs_does_not_grow_with_the_rows(
    draft, project, member, path: str, most: int, django_assert_num_queries
) -> None:
    draft.add_files({f"{n}.zip": make.blob(f"{n}") for n in range(3)}, by=member)
    make.checked(draft.newest)
    make.vote(draft)
    program = Client()
    program.get(f"/api{path}")
    for count in (0, 4):
        for _ in range(count):
            make.vote(make.candidate(project))
        with django_assert_num_queries(most):
            assert program.get(f"/api{path}").status_code == 200
