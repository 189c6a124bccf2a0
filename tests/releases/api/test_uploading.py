"""`upload`, and files as they are: what is sent, and what must come back."""

import base64
import io
from typing import Any
from urllib.parse import urlencode

import pytest

from projects.roles import Role
from releases.models import Arrival, Release
from tests import make
from tests.api import Api, refused
from tests.archives import tar_gz
from tests.releases.api.test_reading import REVISION
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

ARCHIVE = "apache-tool-1.0-src.tar.gz"
OF = {"project": "tool", "version": "1.0"}
RECEIVED = {"quarantined": True, "message": "Upload received. Archive validation in progress."}


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def member(project):
    return make.member(project, username="alice")


@pytest.fixture
def draft(project, member):
    return make.release(project, by=member, version="1.0", files={"a.txt": "a"})


class Json:
    """`/release/upload`"""

    endpoint = "/release/upload"

    def send(self, api: Api, content: bytes, **asked: Any) -> Any:
        body = {"relpath": "b.txt", "expected_revision": None, **OF, **asked}
        return api.post(self.endpoint, body | {"content": base64.b64encode(content).decode()})


class Raw:
    """`/release/store`"""

    endpoint = "/release/store"

    def send(self, api: Api, content: bytes, **asked: Any) -> Any:
        query = {"relpath": "b.txt", **OF, **asked}
        named = urlencode({name: value for name, value in query.items() if value is not None})
        path = f"{self.endpoint}?{named}"
        kind = "application/octet-stream"
        # Of an empty body Django's client tells neither.
        told = {} if content else {"CONTENT_TYPE": kind, "CONTENT_LENGTH": "0"}
        return api.post(path, content, content_type=kind, **told)


@pytest.fixture(params=[Json, Raw])
def way(request) -> Any:
    return request.param()


def test_a_file_makes_a_revision(way, draft, member) -> None:
    answer = way.send(Api(member), b"\x00\xff bytes\n")
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"endpoint", "revision"}
    assert body["endpoint"] == way.endpoint
    assert set(body["revision"]) == REVISION
    assert body["revision"] == body["revision"] | {
        "key": "tool-1.0 00002",
        "number": "00002",
        "seq": 2,
        "asfuid": "alice",
        "parent_key": "tool-1.0 00001",
        "was_quarantined": False,
    }
    entry = draft.newest.entries.get(path="b.txt")
    assert b"".join(entry.blob.stream()) == b"\x00\xff bytes\n"


def test_signatures_and_checksums_are_no_archives(way, draft, member) -> None:
    for number, end in enumerate(("asc", "sha512"), 2):
        answer = way.send(Api(member), b"x", relpath=f"{ARCHIVE}.{end}")
        assert (answer.status_code, answer.json()["revision"]["seq"]) == (201, number)


def test_the_checks_of_what_was_made_are_there_at_once(way, draft, member) -> None:
    way.send(Api(member), b"x")
    assert Job.objects.about(draft.newest).unsettled().count() == 1


def test_an_archive_is_looked_into_and_then_there(way, draft, member) -> None:
    answer = way.send(Api(member), tar_gz(), relpath=ARCHIVE)
    assert answer.status_code == 202
    assert answer.json() == {"endpoint": way.endpoint, **RECEIVED}
    api = Api(member)

    def latest() -> str:
        return api.get("/release/get/tool/1.0").json()["release"]["latest_revision_number"]

    assert latest() == "00001"
    run_pending()
    assert latest() == "00002"
    rows = api.get("/release/revisions/tool/1.0").json()["revisions"]
    assert [row["was_quarantined"] for row in rows] == [False, True]


def test_a_hostile_archive_is_refused_where_people_see_it(way, draft, member, client) -> None:
    assert way.send(Api(member), tar_gz("../x"), relpath=ARCHIVE).status_code == 202
    run_pending()
    assert Release.objects.get().last_revision == 1
    client.force_login(member)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "../x" in page


def test_an_empty_file_is_a_file(way, draft, member) -> None:
    assert way.send(Api(member), b"").status_code == 201
    assert draft.newest.entries.get(path="b.txt").blob.size == 0


def test_the_revision_one_knows_is_the_newest(way, draft, member) -> None:
    assert way.send(Api(member), b"x", expected_revision="00001").status_code == 201
    answer = way.send(Api(member), b"y", expected_revision="00001")
    assert "Revision 2 has appeared" in refused(answer, 409)
    answer = way.send(Api(member), tar_gz(), relpath=ARCHIVE, expected_revision="1")
    assert answer.headers["Refusal-Codes"] == "newer_revision"
    draft.refresh_from_db()
    assert draft.last_revision == 2


def test_the_same_file_again_changes_nothing(way, draft, member) -> None:
    assert "byte for byte" in refused(way.send(Api(member), b"a", relpath="a.txt"), 409)
    draft.refresh_from_db()
    assert draft.last_revision == 1


def test_what_is_at_the_vote_takes_no_file(way, project, member) -> None:
    release = make.candidate(project, by=member, version="1.0")
    make.vote(release)
    for path in ("b.txt", ARCHIVE):
        assert "frozen" in refused(way.send(Api(member), b"x", relpath=path), 409)
    assert not Arrival.objects.exists()


def test_others_put_nothing_into_it(way, project, draft) -> None:
    refused(way.send(Api(), b"x"), 401)
    refused(way.send(Api(make.user()), b"x"), 404)
    refused(way.send(Api(make.user(is_committer=True)), b"x"), 403)
    elsewhere = make.member(make.project("other"))
    refused(way.send(Api(elsewhere), b"x"), 404)
    draft.refresh_from_db()
    assert draft.last_revision == 1
    assert way.send(Api(make.member(project, Role.PARTICIPANT)), b"x").status_code == 201


def test_what_is_not_there_is_not_found(way, draft, member) -> None:
    for more in ({"project": "other"}, {"version": "2.0"}):
        assert "not found" in refused(way.send(Api(member), b"x", **more), 404)


NAMES = ["", "../b", "/b", "a//b", "b/", ".hidden", ".git/config", "b\u202e", "b\0", "b" * 1100]


@pytest.mark.parametrize("path", NAMES)
def test_a_name_that_no_file_may_have_is_refused(way, draft, member, path: str) -> None:
    answer = way.send(Api(member), b"x", relpath=path)
    refused(answer, 400)
    assert {each["loc"][0] for each in answer.json()["validation_details"]} == {"relpath"}
    draft.refresh_from_db()
    assert draft.last_revision == 1


@pytest.mark.parametrize(
    "more",
    [{"version": "1 0"}, {"project": "Tool"}, {"expected_revision": "x"}, {"more": "1"}],
)
def test_what_is_not_understood_changes_nothing(way, draft, member, more: Any) -> None:
    assert refused(way.send(Api(member), b"x", **more), 400) == "Input validation failed"
    draft.refresh_from_db()
    assert draft.last_revision == 1


def test_a_file_is_as_large_as_the_limit_at_most(way, draft, member, settings) -> None:
    settings.MAX_FILE_SIZE = 1000
    assert way.send(Api(member), b"x" * 1000).status_code == 201
    assert "larger" in refused(way.send(Api(member), b"y" * 1001), 413)
    draft.refresh_from_db()
    assert draft.last_revision == 2


def test_another_type_of_body_is_not_taken(way, draft, member) -> None:
    query = urlencode({"relpath": "b.txt", **OF}) if isinstance(way, Raw) else ""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = Api(member).post(f"{way.endpoint}?{query}", b"x", content_type=kind)
        refused(answer, 415)


def test_a_body_that_is_cut_short_is_no_file(way, draft, member) -> None:
    query = urlencode({"relpath": "b.txt", **OF}) if isinstance(way, Raw) else ""
    sent = b'{"project":"tool","version":"1.0","relpath":"b.txt","content":"QUJD'
    kind = "application/octet-stream" if query else "application/json"
    cut = {"CONTENT_LENGTH": "900", "wsgi.input": io.BytesIO(sent)}
    answer = Api(member).post(f"{way.endpoint}?{query}", sent, content_type=kind, **cut)
    refused(answer, 400)
    draft.refresh_from_db()
    assert draft.last_revision == 1
