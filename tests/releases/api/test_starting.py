"""`release start`, `draft delete` and `dev delete`: what they send, and what they must get."""

from typing import Any

import pytest

from keys import jwts
from projects.roles import Reach, Role
from releases.models import Release
from releases.phases import Phase
from tests import make
from tests.api import Api, refused, token
from tests.releases.api.test_reading import RELEASE, REVISION
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

SENT = {"project": "tool", "version": "0.3+cli"}
ENDPOINTS = ["/release/create", "/release/draft/delete", "/release/delete"]


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def member(project):
    return make.member(project, username="alice", is_superuser=True)


def create(person: Any, **more: Any) -> Any:
    return Api(person).post("/release/create", SENT | more)


def test_a_release_is_started_with_an_empty_first_revision(member) -> None:
    answer = create(member)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"endpoint", "release"}
    assert body["endpoint"] == "/release/create"
    assert set(body["release"]) == RELEASE
    assert body["release"]["key"] == "tool-0.3+cli"
    assert body["release"]["phase"] == Phase.COMPOSE
    assert body["release"]["latest_revision_number"] == "00001"


def test_the_first_revision_is_one_as_any_other(member) -> None:
    create(member)
    api = Api(member)
    rows = api.get("/release/revisions/tool/0.3+cli").json()["revisions"]
    assert [row["number"] for row in rows] == ["00001"]
    assert set(rows[0]) == REVISION
    assert rows[0]["was_quarantined"] is False
    assert api.get("/release/paths/tool/0.3+cli").json()["rel_paths"] == []
    tags = Event.objects.of_project("tool").order_by("pk").values_list("tag", flat=True)
    assert list(tags)[-2:] == [Tag.RELEASE_STARTED, Tag.REVISION_MADE]
    release = Release.objects.get()
    release.add_files({"a.txt": make.blob()}, by=member)
    assert [each.number for each in release.revisions.order_by("number")] == [1, 2]


def test_its_checks_are_queued_in_the_transaction_that_made_it(member) -> None:
    create(member)
    revision = Release.objects.get().newest
    assert Job.objects.about(revision).unsettled().count() == 1


def test_a_version_exists_once(member) -> None:
    create(member)
    said = refused(create(member), 409)
    assert "exists already" in said
    assert Release.objects.count() == 1


def test_the_code_of_a_refusal_is_in_a_header(member) -> None:
    create(member)
    assert create(member).headers["Refusal-Codes"] == "version_exists"


def test_a_draft_is_deleted(member) -> None:
    create(member)
    answer = Api(member).post("/release/draft/delete", SENT)
    assert (answer.status_code, answer.json()) == (
        200,
        {"endpoint": "/release/draft/delete", "success": True},
    )
    assert not Release.objects.exists()


def test_an_administrator_deletes_a_draft(member) -> None:
    create(member)
    answer = Api(member).post("/release/delete", SENT)
    assert (answer.status_code, answer.json()) == (
        200,
        {"endpoint": "/release/delete", "deleted": True},
    )
    assert not Release.objects.exists()


def test_numbers_go_on_after_a_deletion(member) -> None:
    create(member)
    Api(member).post("/release/delete", SENT)
    assert create(member).json()["release"]["latest_revision_number"] == "00002"


def test_others_than_administrators_delete_nothing(project, member) -> None:
    create(member)
    colleague = make.member(project)
    assert "administrator" in refused(Api(colleague).post("/release/delete", SENT), 403)
    assert Release.objects.count() == 1


def test_an_administrator_without_a_role_in_the_committee_deletes_nothing(member) -> None:
    create(member)
    somebody = make.user(is_superuser=True, is_committer=True)
    refused(Api(somebody).post("/release/delete", SENT), 403)
    assert Release.objects.count() == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS[1:])
def test_what_is_at_the_vote_is_not_deleted(project, member, endpoint: str) -> None:
    release = make.candidate(project, by=member, version="0.3+cli")
    make.vote(release)
    assert "frozen" in refused(Api(member).post(endpoint, SENT), 409)
    assert Release.objects.count() == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_nobody_gets_nowhere(project, endpoint: str) -> None:
    refused(Api().post(endpoint, b"{"), 401)
    assert not Release.objects.exists()


def test_a_stranger_starts_nothing_and_finds_no_draft(project, member) -> None:
    stranger = make.user()
    assert refused(create(stranger), 403)
    create(member)
    said = refused(Api(stranger).post("/release/draft/delete", SENT), 404)
    assert said == "Release tool-0.3+cli not found"
    committer = make.user(is_committer=True)
    refused(Api(committer).post("/release/draft/delete", SENT), 403)
    assert Release.objects.count() == 1


def test_a_token_for_reading_starts_nothing(member) -> None:
    api = Api(jwt=jwts.make(token(member, Reach.READ)))
    assert "access token" in refused(api.post("/release/create", SENT), 403)
    api = Api(jwt=jwts.make(token(member, Reach.COMPOSE)))
    assert api.post("/release/create", SENT).status_code == 201


def test_a_participant_starts_releases(project) -> None:
    assert create(make.member(project, Role.PARTICIPANT)).status_code == 201


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_is_not_there_is_not_found(member, endpoint: str) -> None:
    refused(Api(member).post(endpoint, SENT | {"project": "other"}), 404)


def test_a_release_of_another_project_is_not_this_one_s(member) -> None:
    make.release(make.project("other"), version="0.3+cli", by=None)
    refused(Api(member).post("/release/draft/delete", SENT), 404)
    assert Release.objects.count() == 1


BAD: list[tuple[Any, list[Any]]] = [
    ({"version": "1"}, [("missing", ["project"])]),
    ({"project": "tool"}, [("missing", ["version"])]),
    (SENT | {"more": 1}, [("extra_forbidden", ["more"])]),
    (SENT | {"version": 3}, [("string_type", ["version"])]),
    (SENT | {"version": None}, [("none_not_allowed", ["version"])]),
    (SENT | {"version": ""}, [("string_too_short", ["version"])]),
    (SENT | {"version": "1" * 65}, [("value_error", ["version"])]),
    (SENT | {"version": "1 0"}, [("value_error", ["version"])]),
    (SENT | {"version": "1.0\n"}, [("value_error", ["version"])]),
    (SENT | {"version": "../x"}, [("value_error", ["version"])]),
    (SENT | {"project": "Tool"}, [("value_error", ["project"])]),
    (SENT | {"project": "x" * 70}, [("value_error", ["project"])]),
    (SENT | {"project": ["tool"]}, [("string_type", ["project"])]),
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(("sent", "found"), BAD)
def test_what_is_not_understood_changes_nothing(
    member, endpoint: str, sent: Any, found: list[Any]
) -> None:
    answer = Api(member).post(endpoint, sent)
    assert refused(answer, 400) == "Input validation failed"
    details = answer.json()["validation_details"]
    assert [(each["type"], each["loc"]) for each in details] == found
    assert not Release.objects.exists()


def test_a_version_that_no_release_can_have_is_refused_by_the_verb(member) -> None:
    assert "no version" in refused(create(member, version="1..0"), 400)


def test_starting_is_limited(member, settings) -> None:
    settings.RATE_LIMITS = True
    api = Api(member)
    for number in range(10):
        assert api.post("/release/create", SENT | {"version": f"{number}"}).status_code == 201
    assert api.post("/release/create", SENT | {"version": "x"}).status_code == 429
