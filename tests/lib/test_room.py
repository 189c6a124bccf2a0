"""A full disk: who sends is told that it is no fault of theirs, on every way; nothing is taken.

Files on their way are opened on /dev/full, which any write to fails as on a disk without room.
"""

import errno
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from releases.models import OpenUpload
from tests import make, uploads
from tests.api import Api, refused
from tests.lib.test_tar_stream import made
from tests.releases.api.test_resuming import begun, put
from tests.releases.views import test_parts as parts
from tests.visitors import logged_in
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.room import needing_room, not_taken

pytestmark = pytest.mark.django_db

SAID = "no room left on the disk"
RAW = "application/octet-stream"
OF = {"project": "tool", "version": "1.0"}
SIZES = [7, 3_000_000]  # what is written at the end alone, and what does not fit a buffer


def on_full_disk(patch: pytest.MonkeyPatch, name: str) -> None:
    """Let every new file with this in its path find no room."""
    opened = Path.open

    def on_full(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if mode == "xb" and name in str(self):
            return opened(Path("/dev/full"), "wb")
        return opened(self, mode, *args, **kwargs)

    patch.setattr(Path, "open", on_full)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    on_full_disk(monkeypatch, str(settings.SCRATCH_DIR))


@pytest.fixture
def member(db: None) -> Any:
    return make.member(make.project("tool"), username="alice")


@pytest.fixture
def draft(member: Any) -> Any:
    project = member.memberships.get().committee.projects.get()
    return make.release(project, by=member, version="1.0", files={"a.txt": "a"})


def stored(api: Api, content: bytes) -> Any:
    query = urlencode({**OF, "relpath": "b.bin"})
    return api.post(f"/release/store?{query}", content, content_type=RAW)


def in_json(api: Api, content: bytes) -> Any:
    text = b64encode(content).decode()
    return api.post("/release/upload", {**OF, "relpath": "b.bin", "content": text})


def as_tar(api: Api, content: bytes) -> Any:
    body = made(("b.bin", content))
    kind = "application/x-tar"
    return api.post(f"/release/store-directory?{urlencode(OF)}", body, content_type=kind)


def as_form(api: Api, content: bytes) -> Any:
    body = uploads.body_of([("b.bin", content)])
    query = urlencode(OF)
    return api.post(f"/release/store-directory?{query}", body, content_type=uploads.TYPE)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", [stored, in_json, as_tar, as_form])
def test_the_api_says_so(draft: Any, member: Any, full: None, way: Any, size: int) -> None:
    answer = way(Api(member), b"x" * size)
    assert SAID in refused(answer, 507)
    assert answer["Refusal-Codes"] == "no_room"
    draft.refresh_from_db()
    assert draft.last_revision == 1


def test_a_part_is_told_so_and_can_be_sent_again(draft, member, settings) -> None:
    settings.UPLOAD_PART_SIZE = 10
    api = Api(member)
    key = begun(api)
    with pytest.MonkeyPatch.context() as patch:
        on_full_disk(patch, key)
        assert SAID in refused(put(api, key, 0), 507)
    assert put(api, key, 0).status_code == 200
    assert OpenUpload.objects.count() == 1


def test_the_schema_knows_the_answer() -> None:
    told = Client().get("/api/openapi.json").json()["paths"]
    for way in ("store", "upload", "store-directory", "upload/part", "upload/finish"):
        assert "507" in told[f"/api/release/{way}"]["post"]["responses"]


def test_parts_of_the_page_are_told_so_and_can_be_sent_again(draft, member, settings) -> None:
    settings.UPLOAD_PART_SIZE = 10
    browser = logged_in(member)
    key = parts.begin(browser, draft)["upload"]
    with pytest.MonkeyPatch.context() as patch:
        on_full_disk(patch, key)
        answer = parts.put(browser, draft, key, 0)
        assert (answer.status_code, SAID in answer.json()["refused"][0]) == (409, True)
    assert [parts.put(browser, draft, key, part).status_code for part in range(3)] == [200] * 3
    with pytest.MonkeyPatch.context() as patch:
        on_full_disk(patch, "scratch")
        answer = parts.post(browser, draft, "finish", {"upload": key})
        assert (answer.status_code, SAID in answer.json()["refused"][0]) == (409, True)
    answer = parts.post(browser, draft, "finish", {"upload": key})
    assert answer.json() == {"location": draft.get_absolute_url()}


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_a_store_without_room_says_so(
    draft: Any, member: Any, monkeypatch: Any, error: int
) -> None:
    def full_store(*_: Any) -> None:
        raise OSError(error, "no room")

    monkeypatch.setattr("releases.models.blob._settle", full_store)
    assert SAID in refused(stored(Api(member), b"x"), 507)
    url = reverse("releases:upload", args=draft.url_args)
    body = uploads.body_of([("b.bin", b"x")])
    page = logged_in(member).post(url, body, content_type=uploads.TYPE)
    assert SAID in page.content.decode()


def test_other_errors_are_not_told_so() -> None:
    assert isinstance(not_taken(ConnectionResetError(errno.ECONNRESET, "gone"), "cut"), BadInput)
    with pytest.raises(PermissionError), needing_room():
        raise PermissionError(errno.EACCES, "no")


@pytest.mark.parametrize("size", SIZES)
def test_the_page_says_so(draft: Any, member: Any, full: None, size: int) -> None:
    url = reverse("releases:upload", args=draft.url_args)
    body = uploads.body_of([("b.bin", b"x" * size)])
    page = logged_in(member).post(url, body, content_type=uploads.TYPE)
    assert SAID in page.content.decode()
    draft.refresh_from_db()
    assert draft.last_revision == 1
