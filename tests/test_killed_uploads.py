"""Kill -9 of the web server, the SSH server or the worker, at random moments in many uploads.

Every upload is there whole or not at all, whole where it was acknowledged, and after the next sweep
nothing of it lies about. `KILLED_UPLOADS=200` for the full measure; a few run with all tests.
"""

import hashlib
import os
import random
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils.timezone import now

from releases.models import Arrival, Blob, Import, OpenUpload
from tests import make, processes, rsync
from tests.archives import tar_gz
from tests.processes import MANAGE, Child, wait_for
from tests.releases.importing import servers as elsewhere
from tests.senders import Files, Sender, Way, arrived, importing_from, ways, web
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.held import LOCK
from trusted_releases.management.commands.up import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.django_db(transaction=True),
]

UPLOADS = int(os.environ.get("KILLED_UPLOADS", "8"))
RATE = 4_000_000  # bytes a second
LONGEST = 1.0  # seconds after the beginning of an upload in which something dies
A_WEEK = 7 * 24 * 3600
SETTINGS = {
    "JOB_LEASE": "3",  # seconds: a worker that was killed is not waited for
    "RATE_LIMITS": "0",
    "UPLOAD_PART_SIZE": "65536",
    "ASSEMBLE_AT_ONCE": "300000",  # so that web servers put some together, and workers others
}


class Server:
    """One of the processes that the platform is made of."""

    def __init__(self, start: Callable[[], AbstractContextManager[Child]]) -> None:
        self._start = start
        self.up()

    def up(self) -> None:
        self._running = self._start()
        self.child = self._running.__enter__()

    def down(self) -> None:
        """As a power cut does it."""
        self._running.__exit__(None, None, None)


@dataclass
class Upload:
    way: str
    version: str
    files: Files
    victim: str
    after: float
    acknowledged: bool = False


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Where the processes keep what is temporary: a short path, for gpg's sockets."""
    folder = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


def archive(dice: random.Random) -> bytes:
    return tar_gz(content=secrets.token_bytes(dice.choice((1_000, 400_000, 2_000_000))))


def files_for(dice: random.Random, several: bool) -> Files:
    content = archive(dice)
    name = "tool-1.0.tar.gz"
    if not several:
        return {name: content}
    digest = hashlib.sha512(content).hexdigest()
    return {name: content, f"{name}.sha512": f"{digest}  {name}\n".encode(), "NEWS": b"news\n"}


def planned(kinds: dict[str, Way]) -> list[Upload]:
    seed = os.environ.get("KILLED_SEED") or str(secrets.randbits(32))
    print(f"KILLED_SEED={seed}")  # noqa: T201 - to have the same once more
    dice = random.Random(seed)
    return [
        Upload(
            way,
            f"1.{number}",
            files_for(dice, kinds[way].several),
            victim=dice.choice(kinds[way].servers * 2 + ("web", "worker")),
            after=dice.uniform(0, LONGEST),
        )
        for number, way in zip(range(UPLOADS), list(kinds) * UPLOADS, strict=False)
    ]


def test_uploads_are_whole_or_absent_whoever_dies(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, worker_id: str
) -> None:
    project = make.project("tool")
    alice = make.member(project, username="alice")
    first = 8200 + 100 * int(worker_id.removeprefix("gw") or 0 if worker_id != "master" else 0)
    port = free_port("127.0.0.1", first)
    laptop = rsync.laptop(tmp_path / "alice", 0, alice)
    with sources(tmp_path) as (there, repository):
        sender = Sender(alice, project, laptop, port, RATE, there, repository)
        kinds = ways(sender)
        plan = planned(kinds)
        given = {"TMPDIR": str(temporary), **SETTINGS}
        fetching = given | importing_from(*sender.hosts)
        servers = {
            "web": Server(lambda: web(port, **given)),
            "ssh": Server(lambda: _only_child(rsync.serving(**given))),
            "worker": Server(lambda: processes.running(*MANAGE, "worker", **fetching)),
        }
        try:
            for upload in plan:
                laptop.port = int(servers["ssh"].child.says(r"127\.0\.0\.1 port (\d+)")[1])
                kinds[upload.way].prepare(upload.version, upload.files)
                send_and_kill(upload, kinds[upload.way], servers[upload.victim])
            wait_for(settled, 60 + 2 * UPLOADS)
        finally:
            for server in servers.values():
                server.down()

    told = Counter((each.way, whole_or_absent(project, each)) for each in plan)
    print(dict(told))  # noqa: T201
    assert any(found == "whole" for _, found in told)
    for blob in Blob.objects.all():
        blob.verify()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert swept(temporary) == []


@contextmanager
def sources(folder: Path) -> Iterator[tuple[elsewhere.Web, elsewhere.Repository | None]]:
    """Where files are imported from; no repository where its programs are missing."""
    with ExitStack() as stack:
        repository = None
        if shutil.which("svnserve"):
            repository = stack.enter_context(elsewhere.repository(folder))
        yield stack.enter_context(elsewhere.web()), repository


@contextmanager
def _only_child(serving: AbstractContextManager[tuple[Child, int]]) -> Iterator[Child]:
    with serving as (child, _):
        yield child


def send_and_kill(upload: Upload, way: Way, victim: Server) -> None:
    def send() -> bool:
        try:
            answer = way.send(upload.version, upload.files)
            return answer and not way.later
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send)
        time.sleep(upload.after)
        victim.down()
        victim.up()
        upload.acknowledged = sent.result()
    told = "answered" if upload.acknowledged else "not answered"
    print(f"{upload.version} {upload.way}: {upload.victim} at {upload.after:.2f}, {told}")  # noqa: T201


def settled() -> bool:
    """Whether the workers have done all there is."""
    open_jobs = Job.objects.filter(state__in=(Job.State.QUEUED, Job.State.RUNNING))
    return not open_jobs.exists() and not Arrival.objects.waiting().exists()


def whole_or_absent(project, upload: Upload) -> str:
    found = arrived(project, upload.version)
    assert found in ({}, upload.files), f"{upload.way}, {upload.victim} at {upload.after}"
    if Import.objects.filter(release__version=upload.version, state=Import.State.DONE).exists():
        upload.acknowledged = True
    if upload.acknowledged:
        assert found == upload.files, f"{upload.way} was told it is there"
    return "whole" if found else "absent"


SWEEPS = ("releases.clean_scratch", "releases.clean_uploads", "checks.clean", "keys.clear_homes")


def swept(temporary: Path) -> list[Path]:
    """What is left of all that is temporary after the next sweep, a week later."""
    past = time.time() - A_WEEK
    scratch = Path(settings.SCRATCH_DIR)
    for path in [*scratch.glob("*"), *temporary.glob(f"*/{LOCK}")]:
        os.utime(path, (past, past), follow_symlinks=False)
    # Those in parts that were cut wait for their sender, for as long as the settings say.
    OpenUpload.objects.update(touched_at=now() - timedelta(seconds=A_WEEK))
    for name in SWEEPS:
        enqueue(name, key=f"{name}-{time.time()}")
    run_pending()
    return [*scratch.glob("*"), *temporary.glob("*")]
