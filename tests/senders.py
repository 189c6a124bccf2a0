"""Ways in for files, as somebody far away uses them: into processes that may die.

Each sends what it is given and says whether the platform took it: what was acknowledged counts.
"""

import base64
import hashlib
import http.client
import io
import json
import shutil
import socket
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse

from keys import jwts
from keys.models import AccessToken
from projects.models import Project, User
from releases.models import Release
from tests import make, rsync, uploads
from tests.api import token
from tests.processes import Child, running, wait_for
from tests.releases.importing import servers
from trusted_releases.management.commands.up import GUNICORN

BLOCK = 64 << 10
PATIENCE = 120  # seconds that one asks whether an upload was put together

Files = dict[str, bytes]


@dataclass
class Sender:
    """A member who sends files to one version of the project."""

    person: User
    project: Project
    laptop: rsync.Client
    web: int  # port
    rate: int = 0  # bytes a second; 0 is as fast as it goes
    elsewhere: servers.Web | None = None  # from where files are imported
    repository: servers.Repository | None = None

    @property
    def hosts(self) -> list[str]:
        """From where files are imported."""
        return [each.host for each in (self.elsewhere, self.repository) if each is not None]

    def by_page(self, version: str, files: Files) -> bool:
        release = make.release(self.project, by=self.person, version=version)
        browser = Browser()
        browser.force_login(self.person)
        cookie, proof = uploads.token()
        session = "; ".join(f"{name}={each.value}" for name, each in browser.cookies.items())
        body = uploads.body_of(files.items(), [("csrfmiddlewaretoken", proof)])
        headers = {"Cookie": f"{session}; csrftoken={cookie}", "Content-Type": uploads.TYPE}
        path = reverse("releases:upload", args=release.url_args)
        return self._post(path, body, headers) == 303

    def by_parts(self, version: str, files: Files) -> bool:
        """Parts one after the other; then one asks until something has come of it."""
        make.release(self.project, by=self.person, version=version)
        wanted = [
            {"relpath": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        ]
        of = {"project": self.project.slug, "version": version, "files": wanted}
        status, begun = self._ask("begin", of)
        if status != 201:
            return False
        key, size = begun["upload"]["key"], begun["upload"]["part_size"]
        for number, content in enumerate(files.values()):
            for offset in range(0, len(content), size):
                if not self._put(key, number, offset, content[offset : offset + size]):
                    return False
        return self._end(key)

    def _put(self, key: str, file: int, offset: int, part: bytes) -> bool:
        digest = hashlib.sha256(part).hexdigest()
        query = urlencode({"upload": key, "file": file, "offset": offset, "sha256": digest})
        headers = {"Content-Type": "application/octet-stream", **self._authorized()}
        return self._post(f"/api/release/upload/part?{query}", part, headers) == 200

    def _end(self, key: str) -> bool:
        late = time.monotonic() + PATIENCE
        while time.monotonic() < late:
            status, told = self._ask("finish", {"upload": key})
            if status != 202 or told["quarantined"]:
                return status in (201, 202)
            time.sleep(0.1)
        return False

    def _ask(self, step: str, asked: dict[str, Any]) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", **self._authorized()}
        return self._told(f"/api/release/upload/{step}", json.dumps(asked).encode(), headers)

    def by_tar(self, version: str, files: Files) -> bool:
        make.release(self.project, by=self.person, version=version)
        query = urlencode({"project": self.project.slug, "version": version})
        headers = {"Content-Type": "application/x-tar", **self._authorized()}
        answer = self._post(f"/api/release/store-directory?{query}", tar_of(files), headers)
        return answer in (201, 202)

    def by_svn(self, version: str, files: Files) -> bool:
        """True when it is being fetched: what comes of it is the worker's."""
        assert self.repository is not None
        return self._import(version, "svn", f"{self.repository.url}/{version}")

    def commit(self, version: str, files: Files) -> None:
        """Have it in the repository that `by_svn` imports from."""
        assert self.repository is not None
        self.repository.commit({f"{version}/{name}": each for name, each in files.items()})

    def by_web(self, version: str, files: Files) -> bool:
        assert self.elsewhere is not None
        self.elsewhere.pages[f"/{version}/"] = servers.listing(*files)
        for name, content in files.items():
            self.elsewhere.pages[f"/{version}/{name}"] = servers.page(content)
        return self._import(version, "web", f"{self.elsewhere.url}/{version}/")

    def _import(self, version: str, kind: str, url: str) -> bool:
        """Asked for in this process; it is the worker that fetches."""
        release = make.release(self.project, by=self.person, version=version)
        schemes = importing_from()["IMPORT_SCHEMES"].split(",")
        hosts = {"IMPORT_HOSTS": self.hosts, "IMPORT_SCHEMES": schemes, "IMPORT_PRIVATE": True}
        with override_settings(**hosts):
            release.import_files(kind, url, by=self.person)
        return True

    def by_store(self, version: str, files: Files) -> bool:
        make.release(self.project, by=self.person, version=version)
        ((name, content),) = files.items()
        query = urlencode({"project": self.project.slug, "version": version, "relpath": name})
        headers = {"Content-Type": "application/octet-stream", **self._authorized()}
        return self._post(f"/api/release/store?{query}", content, headers) in (201, 202)

    def by_json(self, version: str, files: Files) -> bool:
        make.release(self.project, by=self.person, version=version)
        ((name, content),) = files.items()
        asked = {
            "project": self.project.slug,
            "version": version,
            "relpath": name,
            "content": base64.b64encode(content).decode(),
        }
        headers = {"Content-Type": "application/json", **self._authorized()}
        body = json.dumps(asked).encode()
        return self._post("/api/release/upload", body, headers) in (201, 202)

    def by_rsync(self, version: str, files: Files) -> bool:
        shutil.rmtree(self.laptop.files)
        self.laptop.files.mkdir()
        for name, content in files.items():
            (self.laptop.files / name).write_bytes(content)
        place = f"/{self.project.slug}/{version}/"
        if not self.rate:
            return self.laptop.send(place).returncode == 0
        run = self.laptop.sending(place, self.rate)
        run.communicate(timeout=60)
        return run.returncode == 0

    def _authorized(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {jwts.make(self._token)}"}

    @cached_property
    def _token(self) -> AccessToken:
        return token(self.person)

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """The answer's status; 0 where there was none."""
        return self._told(path, body, headers)[0]

    def _told(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        """The answer's status and what it says; 0 where there was none."""
        lines = {"Host": "localhost", "Content-Length": str(len(body)), "Connection": "close"}
        head = [f"POST {path} HTTP/1.1", *(f"{k}: {v}" for k, v in (lines | headers).items())]
        try:
            with closing(socket.create_connection(("127.0.0.1", self.web), 60)) as line:
                line.sendall("\r\n".join([*head, "", ""]).encode())
                for block in _blocks(body):
                    line.sendall(block)
                    if self.rate:
                        time.sleep(len(block) / self.rate)
                answer = http.client.HTTPResponse(line)
                answer.begin()
                is_json = "json" in (answer.getheader("Content-Type") or "")
                return answer.status, json.loads(answer.read()) if is_json else None
        except (OSError, ValueError, http.client.HTTPException):
            return 0, None


def _blocks(body: bytes) -> Iterator[bytes]:
    return (body[at : at + BLOCK] for at in range(0, len(body), BLOCK))


@contextmanager
def web(port: int, **environment: str) -> Iterator[Child]:
    """gunicorn as `manage.py up` starts it."""
    bind = ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    with running(sys.executable, *GUNICORN, *bind, **environment) as child:

        def up() -> bool:
            assert child.process.poll() is None, child.output
            try:
                with urlopen(f"http://localhost:{port}/healthz", timeout=9):
                    return True
            except HTTPError as error:
                raise AssertionError(f"{error.read()!r}\n{child.output}") from error
            except OSError:
                return False

        try:
            wait_for(up)
        except AssertionError as late:
            raise AssertionError(child.output) from late
        yield child


def tar_of(files: Files) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return made.getvalue()


def _nothing(version: str, files: Files) -> None:
    """Most ways begin with the files at hand."""


Send = Callable[[str, Files], bool]


@dataclass(frozen=True)
class Way:
    """One way in: whether it takes several files at once, which servers have a part in it, and
    whether it ends after its sender was answered; and what is done before it begins."""

    send: Send
    several: bool = True
    servers: tuple[str, ...] = ("web",)
    later: bool = False
    prepare: Callable[[str, Files], None] = _nothing


def ways(sender: Sender) -> dict[str, Way]:
    """Each way, by its name. Imports only where there is something to import from."""
    found = {
        "page": Way(sender.by_page),
        "parts": Way(sender.by_parts, servers=("web", "worker")),
        "rsync": Way(sender.by_rsync, servers=("ssh",)),
        "store": Way(sender.by_store, several=False),
        "json": Way(sender.by_json, several=False),
        "tar": Way(sender.by_tar),
    }
    if sender.repository is not None:
        found["svn"] = Way(sender.by_svn, servers=("worker",), later=True, prepare=sender.commit)
    if sender.elsewhere is not None:
        found["https"] = Way(sender.by_web, servers=("worker",), later=True)
    return found


def importing_from(*hosts: str) -> dict[str, str]:
    """The environment of a worker that imports from these hosts of this machine."""
    return {
        "IMPORT_HOSTS": ",".join(hosts),
        "IMPORT_SCHEMES": "http,svn",
        "IMPORT_PRIVATE": "1",
        "DEBUG": "1",  # without it https is all that there is
    }


def arrived(project: Project, version: str) -> Files:
    """What the newest revision of a version holds; nothing where there is none."""
    release = Release.objects.filter(project=project, version=version).first()
    return {} if release is None or release.newest is None else rsync.files_of(release)
