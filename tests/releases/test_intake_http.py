"""Uploads over HTTP into a real web server process: what it reads, when, and in how much memory."""

import http.client
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from projects.models import User
from releases.models import Blob, Release
from tests import make, processes, uploads
from tests.processes import Child, wait_for
from trusted_releases.ledger.models import Event
from trusted_releases.management.commands.up import GUNICORN, free_port

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MB = 1 << 20
SIZE = 200 * MB
GROWTH = 64 * MB
LIMIT = 300 * MB  # what this server takes in one upload


@pytest.fixture
def port(worker_id: str) -> int:
    """Each process of several tests looks in a range of its own."""
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    return free_port("127.0.0.1", 8300 + 100 * number)


@pytest.fixture
def server(port: int, transactional_db: None) -> Iterator[Child]:
    """gunicorn as `manage.py up` starts it, on the test's database."""
    bind = ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    command = [sys.executable, *GUNICORN, *bind]
    # No worker runs beside it: what is sent in parts, it puts together itself.
    given = {"MAX_UPLOAD_SIZE": str(LIMIT), "ASSEMBLE_AT_ONCE": str(1 << 40)}
    with processes.running(*command, **given) as child:

        def up() -> bool:
            assert child.process.poll() is None, child.output
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return True
            return False

        wait_for(up)
        yield child


@pytest.fixture
def release(transactional_db: None) -> Release:
    return make.release()


@pytest.fixture(autouse=True)
def _no_upload_of_others_is_left(release: Release) -> None:
    """What servers that were killed have left is swept by a job, in its time."""
    for left in Path(settings.SCRATCH_DIR).glob("upload-*"):
        left.unlink()


@pytest.fixture
def member(release: Release) -> User:
    return make.member(release)


def session_of(person: User | None) -> str:
    """The cookie header of somebody who is logged in, and has seen a form."""
    client = Client()
    if person:
        client.force_login(person)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def head(release: Release, length: int, person: User | None, cookie: str = "") -> bytes:
    """The request's head. `cookie` is that of the form's token."""
    cookies = "; ".join(filter(None, [session_of(person), cookie and f"csrftoken={cookie}"]))
    lines = [
        f"POST {reverse('releases:upload', args=release.url_args)} HTTP/1.1",
        "Host: localhost",
        f"Content-Type: {uploads.TYPE}",
        f"Content-Length: {length}",
        f"Cookie: {cookies}",
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def parts(name: str) -> tuple[str, bytes, bytes]:
    """A token's cookie, what stands before the content of one file, and what stands after."""
    cookie, proof = uploads.token()
    before = uploads.head_of("csrfmiddlewaretoken") + proof.encode() + b"\r\n"
    return cookie, before + uploads.head_of("files", name), b"\r\n" + uploads.FINAL


def answer_to(sent: socket.socket) -> tuple[int, str]:
    answer = http.client.HTTPResponse(sent)
    answer.begin()
    return answer.status, answer.read().decode(errors="replace")


def peak(child: Child) -> int:
    """The most memory that any process of the server ever had, in bytes."""
    peaks = []
    for process in child.family():
        status = Path(f"/proc/{process.pid}/status").read_text()
        peaks += [int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line]
    return max(peaks) * 1024


def send(port: int, release: Release, person: User, name: str, size: int) -> tuple[int, str]:
    cookie, before, after = parts(name)
    block = bytes(range(256)) * (MB // 256)
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as line:
        line.sendall(head(release, len(before) + size + len(after), person, cookie) + before)
        for done in range(0, size, MB):
            line.sendall(block[: min(MB, size - done)])
        line.sendall(after)
        return answer_to(line)


def test_two_hundred_megabytes_pass_through_little_memory(
    server: Child, port: int, release: Release, member: User, record_testsuite_property
) -> None:
    assert send(port, release, member, "warm.bin", MB)[0] == 303, server.output
    before = peak(server)
    assert send(port, release, member, "big.bin", SIZE)[0] == 303, server.output
    grown = peak(server) - before
    record_testsuite_property("peak resident memory grew by, MB", grown / MB)
    big = release.newest.entries.get(path="big.bin").blob
    assert big.size == SIZE
    big.verify()
    assert grown < GROWTH
    assert not list(Path(settings.SCRATCH_DIR).glob("upload-*"))


@pytest.mark.parametrize("size", [2 * MB, SIZE])
@pytest.mark.parametrize("who", ["nobody", "visitor"])
def test_who_may_not_is_answered_before_the_body_is_read(
    server: Child, port: int, who: str, size: int
) -> None:
    release = make.vote().release  # public, so that its address is
    person = make.user() if who == "visitor" else None
    cookie, before, _ = parts("x.bin")
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
        line.sendall(head(release, size, person, cookie) + before + bytes(1024))
        status, page = answer_to(line)
    assert status == 403, page
    assert Event.objects.filter(refused=True).count() == 1


def test_a_draft_that_one_may_not_see_is_not_there(
    server: Child, port: int, release: Release
) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
        line.sendall(head(release, 2 * MB, None, uploads.token()[0]) + bytes(1024))
        assert answer_to(line)[0] == 404


def test_what_is_announced_as_too_large_is_answered_at_once(
    server: Child, port: int, release: Release, member: User
) -> None:
    cookie, before, _ = parts("x.bin")
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
        line.sendall(head(release, LIMIT + 1, member, cookie) + before + bytes(1024))
        status, page = answer_to(line)
    assert status == 422
    assert f"{LIMIT} are allowed at once" in page


def test_a_line_that_breaks_in_the_middle_leaves_nothing(
    server: Child, port: int, release: Release, member: User
) -> None:
    cookie, before, after = parts("x.bin")
    length = len(before) + 5 * MB + len(after)
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
        line.sendall(head(release, length, member, cookie) + before + bytes(2 * MB))
        line.shutdown(socket.SHUT_WR)
        status, page = answer_to(line)
    assert status == 422, page
    assert "cut short" in page or "damaged" in page
    assert Event.objects.get(refused=True).facts["verb"] == "add_files"
    assert release.newest is None
    assert not Blob.objects.exists()
    assert not list(Path(settings.SCRATCH_DIR).glob("upload-*"))


def test_a_form_from_elsewhere_is_refused(
    server: Child, port: int, release: Release, member: User
) -> None:
    _, before, after = parts("x.bin")
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
        line.sendall(head(release, len(before + after) + 10, member) + before + bytes(10) + after)
        status, page = answer_to(line)
    assert status == 403
    assert "token" in page
    assert not Blob.objects.exists()
