"""Large files over the API into a real web server: in little memory, and only of who may."""

import base64
import json
import os
import socket
from contextlib import closing, suppress
from urllib.parse import urlencode

import pytest

from keys import jwts
from projects.models import User
from releases.models import Release
from tests import make
from tests.api import token
from tests.processes import Child
from tests.releases.test_intake_http import MB, answer_to, peak, port, server

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

__all__ = ["port", "server"]  # fixtures

# Megabytes that are sent; by hand also as many as the contract names, 1500 and 512.
SIZE = int(os.environ.get("TEST_UPLOAD_MB", "150")) * MB
GROWTH = 64 * MB
BLOCK = bytes(range(256)) * (3 * MB // 256)  # a multiple of three: its base64 goes on


@pytest.fixture
def release(transactional_db: None) -> Release:
    return make.release(make.project("tool"), version="1.0")


@pytest.fixture
def member(release: Release) -> User:
    return make.member(release)


def head(path: str, kind: str, length: int, jwt: str) -> bytes:
    lines = [
        f"POST /api{path} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {kind}",
        f"Content-Length: {length}",
        "Connection: close",
        *([f"Authorization: Bearer {jwt}"] if jwt else []),
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def store(port: int, jwt: str, name: str, size: int) -> tuple[int, str]:
    query = urlencode({"project": "tool", "version": "1.0", "relpath": name})
    with closing(socket.create_connection(("127.0.0.1", port), timeout=100)) as line:
        line.sendall(head(f"/release/store?{query}", "application/octet-stream", size, jwt))
        with suppress(OSError):  # who is refused is answered before the end
            for done in range(0, size, len(BLOCK)):
                line.sendall(BLOCK[: size - done])
        return answer_to(line)


def upload(port: int, jwt: str, name: str, size: int) -> tuple[int, str]:
    """`size` is that of the JSON."""
    asked = {"project": "tool", "version": "1.0", "relpath": name, "expected_revision": None}
    before = json.dumps(asked).encode()[:-1] + b',"content":"'
    piece = base64.b64encode(BLOCK)
    count = max(1, size // len(piece))
    length = len(before) + count * len(piece) + 2
    with closing(socket.create_connection(("127.0.0.1", port), timeout=100)) as line:
        line.sendall(head("/release/upload", "application/json", length, jwt) + before)
        with suppress(OSError):
            for _ in range(count):
                line.sendall(piece)
            line.sendall(b'"}')
        return answer_to(line)


@pytest.mark.parametrize("send", [store, upload])
def test_a_large_file_passes_through_little_memory(
    server: Child, port: int, release: Release, member: User, send, record_testsuite_property
) -> None:
    jwt = jwts.make(token(member))
    assert send(port, jwt, "warm.bin", 4 * MB)[0] == 201, server.output
    before = peak(server)
    assert send(port, jwt, "big.bin", SIZE)[0] == 201, server.output
    grown = peak(server) - before
    record_testsuite_property(f"{send.__name__}: peak memory grew by, MB", round(grown / MB, 1))
    big = release.newest.entries.get(path="big.bin").blob
    assert big.size >= SIZE * 3 // 4 - len(BLOCK)
    big.verify()
    assert grown < GROWTH


@pytest.mark.parametrize("send", [store, upload])
def test_nobody_is_answered_without_a_byte_being_written(
    server: Child, port: int, release: Release, send
) -> None:
    before = peak(server)
    assert send(port, "", "big.bin", 2 * MB)[0] == 401
    assert peak(server) - before < 16 * MB
    assert release.newest is None
