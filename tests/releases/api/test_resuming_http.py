"""Large files in parts, and as a tar, into a real web server: in little memory."""

import hashlib
import json
import os
import socket
import tarfile
import time
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest

from keys import jwts
from projects.models import User
from releases.models import Release
from tests import make
from tests.api import token
from tests.processes import Child
from tests.releases.api.test_resuming_killed import Line
from tests.releases.test_intake_http import MB, answer_to, peak, port, server

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

__all__ = ["port", "server"]  # fixtures

# Megabytes that are sent; by hand also as many as a file may have, 2048.
SIZE = int(os.environ.get("TEST_UPLOAD_MB", "120")) * MB
GROWTH = 64 * MB
PART = 8 * MB
PIECE = bytes(range(256)) * (PART // 256)


@pytest.fixture
def release(transactional_db: None) -> Release:
    return make.release(make.project("tool"), version="1.0")


@pytest.fixture
def member(release: Release) -> User:
    return make.member(release)


def in_parts(port: int, jwt: str, name: str, size: int) -> int:
    line = Line(port, jwt)
    of = {"project": "tool", "version": "1.0", "files": [{"relpath": name, "size": size}]}
    told: Any = line.post("/release/upload/begin", json.dumps(of).encode())[1]
    key, digest = told["upload"]["key"], hashlib.sha256(PIECE).hexdigest()
    for offset in range(0, size, PART):
        query = {"upload": key, "file": 0, "offset": offset, "sha256": digest}
        path = f"/release/upload/part?{urlencode(query)}"
        assert line.post(path, PIECE, "application/octet-stream")[0] == 200
    return line.finish(key)


def as_tar(port: int, jwt: str, name: str, size: int) -> int:
    """Out of a pipe: nobody says how long it is."""
    info = tarfile.TarInfo(name)
    info.size = size
    lines = [
        "POST /api/release/store-directory?project=tool&version=1.0 HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/x-tar",
        "Transfer-Encoding: chunked",
        "Connection: close",
        f"Authorization: Bearer {jwt}",
    ]
    with closing(socket.create_connection(("127.0.0.1", port), timeout=600)) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        for block in (info.tobuf(), *[PIECE] * (size // PART), bytes(1024)):
            line.sendall(b"%x\r\n" % len(block) + block + b"\r\n")
        line.sendall(b"0\r\n\r\n")
        return answer_to(line)[0]


@pytest.mark.parametrize("send", [in_parts, as_tar])
def test_a_large_file_passes_through_little_memory(
    server: Child, port: int, release: Release, member: User, send, record_testsuite_property
) -> None:
    jwt = jwts.make(token(member))
    assert send(port, jwt, "warm.bin", PART) == 201, server.output
    before, began = peak(server), time.monotonic()
    assert send(port, jwt, "big.bin", SIZE) == 201, server.output
    grown, seconds = peak(server) - before, time.monotonic() - began
    record_testsuite_property(f"{send.__name__}: peak memory grew by, MB", round(grown / MB, 1))
    record_testsuite_property(f"{send.__name__}: MB/s", round(SIZE / MB / seconds))
    big = release.newest.entries.get(path="big.bin").blob
    assert big.size == SIZE
    big.verify()
    assert grown < GROWTH
