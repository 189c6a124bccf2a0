"""The real rsync and ssh, and a server of ours for them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings

from keys.models import SshKey
from projects.models import User
from releases.models import Release
from tests.processes import MANAGE, Child, running

PLACE = "/tool/1.0/"
SLOW = Path(__file__).with_name("slow_pipe.py")


@dataclass
class Client:
    """A laptop: a folder with files, a private key, and the programs."""

    home: Path
    port: int
    name: str = ""
    options: tuple[str, ...] = field(default=())

    @property
    def files(self) -> Path:
        return self.home / "files"

    @property
    def ssh_command(self) -> list[str]:
        return [
            *("ssh", "-F", "none", "-p", str(self.port), "-i", str(self.home / "id")),
            *("-o", f"UserKnownHostsFile={self.home / 'known'}", "-o", "BatchMode=yes"),
            *("-o", "StrictHostKeyChecking=accept-new", "-o", "IdentitiesOnly=yes"),
            *("-o", "IdentityAgent=none", *self.options),
        ]

    def write(self, **files: bytes) -> None:
        """Files, by name; `__` is a slash and `_` a dot."""
        for name, content in files.items():
            place = self.files / name.replace("__", "/").replace("_", ".")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    def _rsync(self, *words: str) -> list[str]:
        return ["rsync", "-av", "-e", " ".join(self.ssh_command), *words]

    def at(self, place: str) -> str:
        return f"{self.name}@127.0.0.1:{place}"

    def send(self, place: str, *more: str) -> subprocess.CompletedProcess[str]:
        return _run(self._rsync(*more, f"{self.files}/", self.at(place)))

    def sending(self, place: str, rate: int = 100_000) -> subprocess.Popen[str]:
        """A run that goes on, so many bytes a second; its output can be read when it has ended."""
        pipe = f"{sys.executable} {SLOW} {self.port} {rate}"
        slow = replace(self, options=("-o", f"'ProxyCommand={pipe}'"))
        return subprocess.Popen(
            slow._rsync(f"{self.files}/", self.at(place)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def get(self, place: str, *more: str) -> subprocess.CompletedProcess[str]:
        return _run(self._rsync(*more, self.at(place), f"{self.home / 'got'}/"))

    def ssh(self, *words: str) -> subprocess.CompletedProcess[str]:
        return _run([*self.ssh_command, *words])


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
    )


def laptop(home: Path, port: int, person: User | None = None, kind: str = "ed25519") -> Client:
    """One with a new key, which the person, if any, has added here."""
    (home / "files").mkdir(parents=True)
    make = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "laptop", "-f", str(home / "id")]
    subprocess.run(make, check=True, capture_output=True)
    if person is not None:
        SshKey.objects.add((home / "id.pub").read_text(), by=person)
    return Client(home, port, person.username if person else "nobody")


@contextmanager
def serving(**environment: str) -> Iterator[tuple[Child, int]]:
    """A server on a free port, and that port. Without limits on how often, unless they are set."""
    given = {"RATE_LIMITS": "0", **environment}
    with running(*MANAGE, "serve_ssh", "--host", "127.0.0.1", "--port", "0", **given) as server:
        yield server, int(server.says(r"on 127\.0\.0\.1 port (\d+)")[1])


def files_of(release: Release) -> dict[str, bytes]:
    """What is in the newest revision."""
    return {each.path: b"".join(each.blob.stream()) for each in release.newest.entries}


def left_over() -> list[Path]:
    """The folders of transfers that are there still."""
    return list(Path(settings.SCRATCH_DIR).glob("rsync-*"))
