"""What each way in for files costs, from the first byte sent to the answer.

The floor is what no way can do without: `cp` of the file and its SHA-512, one after the other.
`BENCH_MB` says how large the file is (256), and `BENCH_WAYS` which ways are measured, with commas
between. The web server, the SSH server and the worker are processes of their own; sender and
servers share this machine. `memory` is the most that any process of a server held at once, `growth`
how much more that was than before the way was measured.
"""

import hashlib
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
from django.conf import settings

from releases.models import Blob, Import, Release
from releases.models.blob import store
from tests import make, rsync
from tests.bench.catalogue import Measure
from tests.processes import MANAGE, Child, running, wait_for
from tests.releases.importing import servers
from tests.senders import Sender, Way, importing_from, ways, web
from trusted_releases.management.commands.up import free_port

QUICK = 2  # megabytes
WAIT = 1800  # seconds until what was sent is there
MEGABYTE = 1 << 20


def measures() -> Iterator[Measure]:
    size = (QUICK if "BENCH_QUICK" in os.environ else int(os.environ.get("BENCH_MB", "256"))) << 20
    place = Path(settings.DATA_DIR)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    project = make.project("bench-ways")
    person = make.member(project)
    laptop = rsync.laptop(place / "laptop", 0, person)
    (place / "elsewhere").mkdir()
    with servers.web() as there, servers.repository(place / "elsewhere") as repository:
        port = free_port("127.0.0.1", 8900)
        sender = Sender(person, project, laptop, port, 0, there, repository)
        with serving(port, importing_from(*sender.hosts)) as (children, laptop.port):
            for number, (name, way) in enumerate(ways(sender).items()):
                if name in os.environ.get("BENCH_WAYS", name).split(","):
                    yield from measured(sender, name, way, f"1.{number}", size, children)


@contextmanager
def serving(port: int, environment: dict[str, str]) -> Iterator[tuple[dict[str, Child], int]]:
    """The three servers of the platform; the port of the one for rsync."""
    given = {"RATE_LIMITS": "1"}  # the first two do not start without
    with (
        web(port, **given) as pages,
        rsync.serving(**given) as (ssh, ssh_port),
        running(*MANAGE, "worker", **environment) as worker,
    ):
        yield {"web": pages, "ssh": ssh, "worker": worker}, ssh_port


def measured(
    sender: Sender,
    name: str,
    way: Way,
    version: str,
    size: int,
    children: dict[str, Child],
) -> Iterator[Measure]:
    """One way in: how long until the file is part of the release, and what the servers held."""
    content = secrets.token_bytes(size)
    floor = copied(Path(settings.DATA_DIR), content)
    way.prepare(version, {"some.bin": content})
    before = {each: peak(children[each]) for each in children}
    begun = time.perf_counter()
    if not way.send(version, {"some.bin": content}):
        raise RuntimeError(f"{name} was refused: {children[way.servers[0]].output}")
    wait_for(partial(is_there, sender, version), WAIT, every=0.02)
    took = time.perf_counter() - begun
    release = Release.objects.get(project=sender.project, version=version)
    blob = release.newest.entries.get(path="some.bin").blob
    if blob.sha256 != hashlib.sha256(content).hexdigest():
        raise RuntimeError(f"{name} lost something")
    blob.verify()
    yield Measure(f"{name}.floor_ratio", took / floor, "x")
    yield Measure(f"{name}.speed", size / MEGABYTE / took, "MB/s")
    for each in way.servers:
        now = peak(children[each])
        yield Measure(f"{name}.memory.{each}", now, "MB")
        yield Measure(f"{name}.growth.{each}", now - before[each], "MB")
    release.delete_draft(by=sender.person)  # each way begins with the same room on the disk
    _remove(blob)


def is_there(sender: Sender, version: str) -> bool:
    """Whether it is in the newest revision; RuntimeError when nothing will come of it."""
    release = Release.objects.get(project=sender.project, version=version)
    if failed := release.imports.filter(state=Import.State.FAILED).first():
        raise RuntimeError(failed.problem)
    return release.last_revision > 0


def _remove(blob: Blob) -> None:
    store().delete(blob.name)
    blob.delete()


def copied(place: Path, content: bytes) -> float:
    """The seconds that copying a file and taking its digest last."""
    source, target = place / "source", place / "target"
    source.write_bytes(content)
    begun = time.perf_counter()
    subprocess.run(["cp", source, target], check=True)
    with target.open("rb") as stream:
        hashlib.file_digest(stream, "sha512")
    took = time.perf_counter() - begun
    for path in (source, target):
        path.unlink()
    return took


def peak(server: Child) -> float:
    """The most resident memory that any process of it ever had, in MB."""
    most = 0
    for process in server.family():
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except (OSError, psutil.Error):
            continue
        most = max([most, *(int(x.split()[1]) for x in status.splitlines() if "VmHWM" in x)])
    return most / 1024
