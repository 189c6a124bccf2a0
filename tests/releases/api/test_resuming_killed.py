"""Kill -9 of the web server while parts are sent, and while they are put together: what has come
whole is not sent again, and there is one revision with the right bytes, or none."""

import hashlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings

from keys import jwts
from releases import assembling, resuming
from releases.models import OpenUpload, Release
from tests import make
from tests.api import token
from tests.processes import Child, wait_for
from tests.releases.api.test_resuming import OF
from tests.releases.test_intake_http import MB, port, server

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

__all__ = ["port", "server"]  # fixtures

CONTENT = bytes(range(256)) * (40 * MB // 256)
PART = 8 * MB


class Line:
    """Asks the running server."""

    def __init__(self, port: int, jwt: str) -> None:
        self.port, self.jwt = port, jwt

    def post(self, path: str, body: bytes, kind: str = "application/json") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.jwt}", "Content-Type": kind, "Host": "localhost"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)) as line:
            line.request("POST", f"/api{path}", body, headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())

    def put(self, key: str, part: int) -> int:
        path, piece = self._part(key, part)
        return self.post(path, piece, "application/octet-stream")[0]

    @contextmanager
    def half_put(self, key: str, part: int) -> Iterator[None]:
        """Half of a part has been sent; the rest does not come."""
        path, piece = self._part(key, part)
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)) as line:
            line.putrequest("POST", f"/api{path}")
            line.putheader("Authorization", f"Bearer {self.jwt}")
            line.putheader("Content-Type", "application/octet-stream")
            line.putheader("Content-Length", str(len(piece)))
            line.endheaders(piece[: PART // 2])
            yield

    def _part(self, key: str, part: int) -> tuple[str, bytes]:
        piece = CONTENT[part * PART : (part + 1) * PART]
        digest = hashlib.sha256(piece).hexdigest()
        query = {"upload": key, "file": 0, "offset": part * PART, "sha256": digest}
        return f"/release/upload/part?{urlencode(query)}", piece

    def begin(self) -> tuple[str, list[int]]:
        digest = hashlib.sha256(CONTENT).hexdigest()
        file = {"relpath": "big.bin", "size": len(CONTENT), "sha256": digest}
        status, told = self.post(
            "/release/upload/begin", json.dumps({**OF, "files": [file]}).encode()
        )
        assert status == 201, told
        return told["upload"]["key"], told["files"][0]["present"]

    def finish(self, key: str) -> int:
        return self.post("/release/upload/finish", json.dumps({"upload": key}).encode())[0]


@pytest.fixture
def release(transactional_db: None) -> Release:
    return make.release(make.project("tool"), version="1.0")


@pytest.fixture
def line(server: Child, port: int, release: Release) -> Line:
    return Line(port, jwts.make(token(make.member(release))))


def whole_or_absent(release: Release) -> bool:
    release.refresh_from_db()
    if release.newest is None:
        return False
    blob = release.newest.entries.get(path="big.bin").blob
    blob.verify()
    assert (blob.size, release.last_revision) == (len(CONTENT), 1)
    return True


def test_parts_survive_the_server_and_half_a_part_is_none(
    line: Line, server: Child, release: Release
) -> None:
    key, present = line.begin()
    assert present == []
    assert [line.put(key, part) for part in (0, 3)] == [200, 200]
    upload = OpenUpload.objects.get()

    with line.half_put(key, 1):
        wait_for(lambda: any(each.name[0] == "." for each in upload.folder.iterdir()))
        server.kill()
    (kept,) = resuming.progress_of(upload, upload.begun_by)
    assert kept.present == (0, 3)
    assert not whole_or_absent(release)


@pytest.mark.parametrize("after", [0.02, 0.1, 0.2, 0.5])
def test_while_it_is_put_together(
    line: Line, server: Child, release: Release, after: float
) -> None:
    key, _ = line.begin()
    for part in range(5):
        assert line.put(key, part) == 200

    def end() -> None:
        with suppress(OSError, http.client.HTTPException):
            line.finish(key)

    ending = threading.Thread(target=end)
    ending.start()
    time.sleep(after)
    server.kill()
    ending.join()

    there = whole_or_absent(release)
    upload = resuming.find(key, OpenUpload.objects.get().begun_by)
    assert upload is not None
    assert bool(upload.ended_at) is there
    if not there:  # nothing is to be sent again, and it can be ended
        assert [each.present for each in resuming.progress_of(upload, upload.begun_by)] == [
            (0, 1, 2, 3, 4)
        ]
        assembling.end(upload, by=upload.begun_by)
        assert whole_or_absent(release)


def test_two_ends_at_once_make_one_revision(line: Line, release: Release) -> None:
    key, _ = line.begin()
    for part in range(5):
        line.put(key, part)
    answers: list[int] = []
    ends = [threading.Thread(target=lambda: answers.append(line.finish(key))) for _ in range(4)]
    for each in ends:
        each.start()
    for each in ends:
        each.join()
    assert answers == [201] * 4
    assert whole_or_absent(release)
    assert not list(Path(django_settings.SCRATCH_DIR).glob(f"*{key}*"))
