"""Uploads in parts over the API: begun, asked about, sent, ended, cancelled."""

import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest

from keys import jwts
from projects.roles import Reach
from releases.models import OpenUpload
from tests import make
from tests.api import Api, refused, token
from tests.archives import tar_gz
from tests.releases.api.test_reading import REVISION
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

OF = {"project": "tool", "version": "1.0"}
CONTENT = b"0123456789abcdefghijXYZ"
FILE = {"relpath": "b.bin", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}


@pytest.fixture(autouse=True)
def small_parts(settings: Any) -> None:
    settings.UPLOAD_PART_SIZE = 10


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def member(project):
    return make.member(project, username="alice")


@pytest.fixture
def draft(project, member):
    return make.release(project, by=member, version="1.0", files={"a.txt": "a"})


def begin(api: Api, *files: dict[str, Any], **more: Any) -> Any:
    return api.post("/release/upload/begin", {**OF, "files": list(files or (FILE,)), **more})


def put(api: Api, key: str, part: int, content: bytes = CONTENT, **more: Any) -> Any:
    piece = content[part * 10 : part * 10 + 10]
    query = {"upload": key, "file": 0, "offset": part * 10} | more
    query.setdefault("sha256", hashlib.sha256(piece).hexdigest())
    kind = "application/octet-stream"
    return api.post(f"/release/upload/part?{urlencode(query)}", piece, content_type=kind)


def begun(api: Api, *files: dict[str, Any]) -> str:
    key: str = begin(api, *files).json()["upload"]["key"]
    return key


def state(api: Api, key: str) -> Any:
    return api.get("/release/upload/state", upload=key)


def test_a_file_goes_in_parts_and_becomes_a_revision(draft, member) -> None:
    api = Api(member)
    answer = begin(api, expected_revision="00001")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"endpoint", "upload", "files", "oddities"}
    assert set(body["upload"]) == {"key", "part_size", "expires_at"} | {
        *("state", "bytes_done", "problem")
    }
    row = {"file": 0, "relpath": "b.bin", "size": 23, "known": False, "parts": 3}
    assert body["files"] == [row | {"present": []}]
    key = body["upload"]["key"]
    for part in (2, 0):
        answer = put(api, key, part)
        assert answer.json() == {"endpoint": "/release/upload/part", "success": True}
    assert state(api, key).json()["files"] == [row | {"present": [0, 2]}]
    assert put(api, key, 0).status_code == 200
    assert "missing" in refused(api.post("/release/upload/finish", {"upload": key}), 409)
    put(api, key, 1)
    answer = api.post("/release/upload/finish", {"upload": key})
    assert answer.status_code == 201
    assert set(answer.json()["revision"]) == REVISION
    assert answer.json()["revision"]["number"] == "00002"
    again = api.post("/release/upload/finish", {"upload": key})
    assert (again.status_code, again.json()) == (201, answer.json())
    draft.refresh_from_db()
    assert b"".join(draft.newest.entries.get(path="b.bin").blob.stream()) == CONTENT


def test_an_archive_is_looked_into_and_then_there(draft, member) -> None:
    content, api = tar_gz(), Api(member)
    key = begun(api, {"relpath": "x-1.0-src.tar.gz", "size": len(content)})
    for part in range(-(-len(content) // 10)):
        assert put(api, key, part, content).status_code == 200
    answer = api.post("/release/upload/finish", {"upload": key})
    assert (answer.status_code, answer.json()["quarantined"]) == (202, True)
    run_pending()
    draft.refresh_from_db()
    assert draft.last_revision == 2


def test_a_token_for_reading_throws_nothing_away(draft, member) -> None:
    key = begun(Api(member))
    reading = Api(jwt=jwts.make(token(member, Reach.READ)))
    assert state(reading, key).status_code == 200
    refused(reading.post("/release/upload/cancel", {"upload": key}), 403)
    assert OpenUpload.objects.filter(key=key).exists()


def test_one_can_be_cancelled(draft, member) -> None:
    api = Api(member)
    key = begun(api)
    put(api, key, 0)
    assert api.post("/release/upload/cancel", {"upload": key}).json()["success"] is True
    assert not OpenUpload.objects.exists()
    refused(state(api, key), 404)


def test_only_who_has_begun_it_knows_of_it(project, draft, member) -> None:
    key, other = begun(Api(member)), Api(make.member(project))
    refused(state(other, key), 404)
    refused(put(other, key, 0), 404)
    for act in ("finish", "cancel"):
        refused(other.post(f"/release/upload/{act}", {"upload": key}), 404)
    assert state(Api(member), key).status_code == 200


def test_others_begin_none(draft) -> None:
    refused(begin(Api()), 401)
    refused(begin(Api(make.user())), 404)
    refused(begin(Api(make.user(is_committer=True))), 403)
    refused(state(Api(), "0" * 32), 401)
    assert not OpenUpload.objects.exists()


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ([], ["files"]),
        ("x", ["files"]),
        ([None], ["files", 0]),
        (["x"], ["files", 0]),
        ([{"relpath": "../x", "size": 1}], ["files", 0, "relpath"]),
        ([FILE, {"relpath": "x", "size": "1"}], ["files", 1, "size"]),
        ([{"relpath": "x", "size": -1}], ["files", 0, "size"]),
        ([{"relpath": "x", "size": True}], ["files", 0, "size"]),
        ([{"relpath": 7, "size": 1}], ["files", 0, "relpath"]),
        ([{"relpath": "x"}], ["files", 0, "size"]),
        ([{"relpath": "x", "size": 1, "more": 1}], ["files", 0, "more"]),
        ([{"relpath": "x", "size": 1, "sha256": "0" * 63}], ["files", 0, "sha256"]),
        ([{"relpath": "x", "size": 1, "sha256": "../" + "0" * 61}], ["files", 0, "sha256"]),
    ],
)
def test_what_is_no_list_of_files_is_refused_where_it_is_wrong(draft, member, files, where) -> None:
    answer = Api(member).post("/release/upload/begin", {**OF, "files": files})
    refused(answer, 400)
    assert answer.json()["validation_details"][0]["loc"] == where
    assert not OpenUpload.objects.exists()


def test_what_could_not_be_taken_is_refused_before_it_is_sent(draft, member, settings) -> None:
    settings.MAX_FILE_SIZE = 20
    said = refused(begin(Api(member)), 400)
    assert said == "b.bin has 23 bytes; the limit for one file is 20 bytes."


@pytest.mark.parametrize(
    "more",
    [{"offset": 5}, {"offset": -10}, {"offset": "x"}, {"file": 1}, {"sha256": "x"}, {"more": 1}],
)
def test_a_part_that_is_none_is_refused(draft, member, more) -> None:
    api = Api(member)
    key = begun(api)
    refused(put(api, key, 0, **more), 400)
    assert state(api, key).json()["files"][0]["present"] == []


def test_a_part_is_as_large_as_was_said_at_most(draft, member) -> None:
    api = Api(member)
    key = begun(api)
    query = urlencode({"upload": key, "file": 0, "offset": 0, "sha256": "0" * 64})
    sent = {"content_type": "application/octet-stream"}
    refused(api.post(f"/release/upload/part?{query}", b"x" * 11, **sent), 413)
    refused(api.post(f"/release/upload/part?{query}", b"x" * 10, **sent), 400)
    refused(api.post(f"/release/upload/part?{query}", b"{}"), 415)


def test_parts_are_not_counted_as_requests_of_the_api(draft, member, settings) -> None:
    settings.RATE_LIMITS, settings.LIMITS = True, {"api": 3, "upload.part": 4}
    api = Api(member)
    key = begun(api)
    assert [put(api, key, part % 3).status_code for part in range(4)] == [200] * 4
    assert "Rate limit" in refused(put(api, key, 0), 429)
    assert state(api, key).status_code == 200


def test_a_revision_that_was_not_expected_is_a_conflict(draft, member) -> None:
    api = Api(member)
    assert "Revision 1 has appeared" in refused(begin(api, expected_revision="00007"), 409)
    key = begin(api, expected_revision="00001").json()["upload"]["key"]
    for part in range(3):
        put(api, key, part)
    draft.add_files({"c.txt": make.blob("c")}, by=member)
    answer = api.post("/release/upload/finish", {"upload": key})
    assert "Revision 2 has appeared" in refused(answer, 409)
