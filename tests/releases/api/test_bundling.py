"""A folder in one request: as a tar, with its length or in chunks, and as a form of many files."""

import io
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings

from releases.models import Blob
from tests import make, uploads
from tests.api import Api, refused
from tests.archives import tar_gz
from tests.lib.test_tar_stream import made
from tests.releases.api.test_reading import REVISION
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

OF = {"project": "tool", "version": "1.0"}
FILES = [("./b.txt", b"b" * 3000), ("binaries/c.bin", bytes(range(256))), ("empty", b"")]
PATHS = ["a.txt", "b.txt", "binaries/c.bin", "empty"]


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def member(project):
    return make.member(project, username="alice")


@pytest.fixture
def draft(project, member):
    return make.release(project, by=member, version="1.0", files={"a.txt": "a"})


def send(api: Api, body: bytes, kind: str, asked: dict[str, Any], **meta: Any) -> Any:
    query = urlencode({name: value for name, value in {**OF, **asked}.items() if value})
    return api.post(f"/release/store-directory?{query}", body, content_type=kind, **meta)


class Tar:
    def __init__(self) -> None:
        self.kind = "application/x-tar"

    def send(self, api: Api, *files: tuple[str, bytes], **asked: Any) -> Any:
        return send(api, made(*files), self.kind, asked)


class Chunks:
    """A tar out of a pipe, whose length nobody knows; gunicorn knows where it ends."""

    def send(self, api: Api, *files: tuple[str, bytes], **asked: Any) -> Any:
        meta = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/x-tar"}
        body = io.BytesIO(made(*files))
        meta |= {"wsgi.input": body, "wsgi.input_terminated": True}
        return send(api, b"", "application/x-tar", asked, **meta)


class Form:
    def send(self, api: Api, *files: tuple[str, bytes], **asked: Any) -> Any:
        named = [(name.removeprefix("./"), content) for name, content in files]
        return send(api, uploads.body_of(named), uploads.TYPE, asked)


@pytest.fixture(params=[Tar, Chunks, Form])
def way(request) -> Any:
    return request.param()


def paths(draft: Any) -> list[str]:
    draft.refresh_from_db()
    return [each.path for each in draft.newest.entries]


def left() -> list[Path]:
    return list(Path(django_settings.SCRATCH_DIR).glob("upload-*"))


def test_a_folder_is_one_revision(way, draft, member) -> None:
    answer = way.send(Api(member), *FILES, expected_revision="00001")
    assert answer.status_code == 201, answer.content
    assert set(answer.json()["revision"]) == REVISION
    assert answer.json()["revision"]["number"] == "00002"
    assert paths(draft) == PATHS
    entry = draft.newest.entries.get(path="binaries/c.bin")
    assert b"".join(entry.blob.stream()) == bytes(range(256))
    assert left() == []


def test_a_folder_goes_below_a_directory(way, draft, member) -> None:
    way.send(Api(member), ("b.txt", b"b"), directory="binaries/linux")
    assert paths(draft) == ["a.txt", "binaries/linux/b.txt"]


def test_archives_are_looked_into_first_and_all_becomes_one_revision(way, draft, member) -> None:
    answer = way.send(Api(member), ("x-1.0-src.tar.gz", tar_gz()), ("x-1.0-src.tar.gz.asc", b"s"))
    assert (answer.status_code, answer.json()["quarantined"]) == (202, True)
    assert paths(draft) == ["a.txt"]
    run_pending()
    assert paths(draft) == ["a.txt", "x-1.0-src.tar.gz", "x-1.0-src.tar.gz.asc"]
    assert draft.last_revision == 2


@pytest.mark.parametrize("name", ["../b", "/etc/passwd", "a//b", ".hidden", "b\u202e", "b" * 300])
def test_a_name_that_no_file_may_have_refuses_all_of_it(way, draft, member, name) -> None:
    refused(way.send(Api(member), ("good.txt", b"g"), (name, b"x")), 400)
    assert paths(draft) == ["a.txt"]
    assert left() == []
    assert not Blob.objects.filter(size=1, entries=None).exists()
    assert Event.objects.get(refused=True).facts["verb"] == "receive"


def test_two_of_one_name_are_refused(way, draft, member) -> None:
    assert "twice" in refused(way.send(Api(member), ("b", b"1"), ("b", b"2")), 400)


def test_nothing_in_it_is_told(way, draft, member) -> None:
    refused(way.send(Api(member)), 400)


def test_a_revision_that_was_not_expected_is_a_conflict(way, draft, member) -> None:
    assert "has appeared" in refused(way.send(Api(member), *FILES, expected_revision="7"), 409)
    assert paths(draft) == ["a.txt"]


def test_others_put_nothing_into_it(way, project, draft, member) -> None:
    refused(way.send(Api(), *FILES), 401)
    refused(way.send(Api(make.user()), *FILES), 404)
    refused(way.send(Api(make.user(is_committer=True)), *FILES), 403)
    assert paths(draft) == ["a.txt"]


def test_what_is_at_the_vote_takes_no_folder(way, draft, member) -> None:
    make.checked(draft.newest)
    make.vote(draft)
    assert "frozen" in refused(way.send(Api(member), *FILES), 409)


def test_files_are_as_large_as_the_limit_at_most(way, draft, member, settings) -> None:
    settings.MAX_FILE_SIZE = 1000
    answer = way.send(Api(member), ("b", b"x" * 1001))
    assert answer.status_code in (400, 413), answer.content
    assert paths(draft) == ["a.txt"]
    assert way.send(Api(member), ("b", b"x" * 1000)).status_code == 201


def test_of_a_tar_all_files_count_together(draft, member, settings) -> None:
    settings.MAX_REVISION_SIZE = 5000
    said = refused(Tar().send(Api(member), ("b", b"x" * 3000), ("c", b"y" * 3000)), 400)
    assert "at most 5000 bytes together" in said
    settings.MAX_REVISION_SIZE, settings.MAX_FILES = 1 << 30, 2
    said = refused(Tar().send(Api(member), ("b", b""), ("c", b""), ("d", b"")), 400)
    assert "at most 2 files" in said
    assert left() == []


def test_a_link_in_a_tar_refuses_all_of_it(draft, member) -> None:
    data = made(("evil", b""), type=tarfile.SYMTYPE, linkname="/etc/passwd")
    said = refused(send(Api(member), data, "application/x-tar", {}), 400)
    assert said.startswith("evil in the tar is a symbolic link.")
    assert paths(draft) == ["a.txt"]


def test_a_tar_that_is_cut_is_refused(draft, member) -> None:
    data = made(("b", b"x" * 5000))[:3000]
    assert "cut short" in refused(send(Api(member), data, "application/x-tar", {}), 400)
    assert left() == []


def test_chunks_are_read_only_where_the_server_knows_their_end(draft, member) -> None:
    meta = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/x-tar"}
    answer = send(Api(member), b"", "application/x-tar", {}, **meta)
    assert "Content-Length" in refused(answer, 400)


@pytest.mark.parametrize("kind", ["application/gzip", "application/octet-stream", "text/plain"])
def test_another_type_of_body_is_not_taken(draft, member, kind) -> None:
    refused(send(Api(member), b"x", kind, {}), 415)


def test_what_is_not_understood_changes_nothing(way, draft, member) -> None:
    for more in ({"directory": "../x"}, {"more": "1"}, {"expected_revision": "x"}):
        refused(way.send(Api(member), *FILES, **more), 400)
    assert paths(draft) == ["a.txt"]
