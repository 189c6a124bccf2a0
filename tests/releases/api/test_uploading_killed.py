"""Kill -9 of the web server in a raw upload: the file is there whole, or not at all."""

import os
import socket
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings

from keys import jwts
from releases.models import Blob, Release
from releases.models.blob import store
from tests import make
from tests.api import Api, token
from tests.processes import Child, wait_for
from tests.releases.api.test_uploading_http import BLOCK, head
from tests.releases.test_intake_http import MB, port, server
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.worker import run_pending

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

__all__ = ["port", "server"]  # fixtures

SIZE = 24 * MB
NAME = "big.bin"
A_WEEK = 7 * 24 * 3600


def scratch() -> list[Path]:
    return list(Path(django_settings.SCRATCH_DIR).glob("upload-*"))


def written() -> int:
    return sum(path.stat().st_size for path in scratch())


@pytest.fixture
def release(transactional_db: None) -> Release:
    for path in scratch():
        path.unlink()
    return make.release(make.project("tool"), version="1.0")


@pytest.mark.parametrize(
    "share", [0.2, 0.6, 1.0], ids=["at the beginning", "in the middle", "at the end"]
)
def test_a_file_is_there_whole_or_not_at_all(
    server: Child, port: int, release: Release, share: float
) -> None:
    jwt = jwts.make(token(make.member(release)))
    before = set(Blob.objects.values_list("sha256", flat=True))
    query = urlencode({"project": "tool", "version": "1.0", "relpath": NAME})
    part = int(SIZE * share)
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as line:
        line.sendall(head(f"/release/store?{query}", "application/octet-stream", SIZE, jwt))
        for done in range(0, part, len(BLOCK)):
            line.sendall(BLOCK[: part - done])
        if share < 1:
            wait_for(lambda: written() > 0)
        server.kill()

    release.refresh_from_db()
    if (newest := release.newest) is None:  # as if nothing had been sent
        assert not release.entries.exists()
        # The bytes may lie in the store without a row: sending them again takes them over.
    else:
        blob = newest.entries.get(path=NAME).blob
        assert blob.size == SIZE
        blob.verify()
    for sha256 in set(Blob.objects.values_list("sha256", flat=True)) - before:
        Blob.objects.get(sha256=sha256).verify()

    swept()
    assert scratch() == []
    again(jwt)


def swept() -> None:
    """What was left behind, when it has lain about for long, and nothing else, is removed."""
    fresh = Path(django_settings.SCRATCH_DIR) / "upload-of-somebody-else"
    fresh.write_bytes(b"on its way")
    old = time.time() - A_WEEK
    for path in scratch():
        if path != fresh:
            os.utime(path, (old, old))
    enqueue("releases.clean_scratch", key=f"clean-{time.time()}")
    run_pending()
    assert fresh.exists()
    fresh.unlink()


def again(jwt: str) -> None:
    """Whoever sends the same once more has it, or had it."""
    query = urlencode({"project": "tool", "version": "1.0", "relpath": NAME})
    content = (BLOCK * (SIZE // len(BLOCK) + 1))[:SIZE]
    kind = "application/octet-stream"
    answer = Api(jwt=jwt).post(f"/release/store?{query}", content, content_type=kind)
    assert answer.status_code in (201, 400), answer.content
    entry = Release.objects.get().newest.entries.get(path=NAME)
    assert entry.blob.size == SIZE
    entry.blob.verify()
    assert store().exists(Blob.name_for(entry.blob.sha256))
