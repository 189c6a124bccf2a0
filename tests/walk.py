"""The whole life of a release over HTTP alone: what a script of a project does, with nothing but
the standard library.

    python -m tests.walk https://localhost:8080 PROJECT VERSION FOLDER KEYS alice=TOKEN bob=TOKEN …

The first account is the release manager; all of them vote. `SSL_CERT_FILE` names a certificate to
trust beside the system's.
"""

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

PATIENCE = 300  # seconds for a worker
ARCHIVES = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz")


class Refused(Exception):
    """The server's sentence, with its status."""


class Visitor:
    """An account that comes by its access token."""

    def __init__(self, site: str, name: str, pat: str) -> None:
        self.site, self.name = site.rstrip("/"), name
        self.jwt = ""
        self.jwt = self.post("/jwt/create", asfuid=name, pat=pat)["jwt"]

    def get(self, path: str) -> dict[str, Any]:
        return self._answer(Request(f"{self.site}/api{path}", headers=self._headers()))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        headers = {**self._headers(), "Content-Type": "application/json"}
        sent = json.dumps(body).encode()
        return self._answer(Request(f"{self.site}/api{path}", sent, headers))

    def download(self, path: str) -> bytes:
        with urlopen(f"{self.site}{quote(path)}", timeout=60) as answer:
            assert answer.headers["Content-Type"] == "application/octet-stream"
            return bytes(answer.read())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.jwt}"} if self.jwt else {}

    def _answer(self, request: Request) -> dict[str, Any]:
        try:
            with urlopen(request, timeout=60) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            raise Refused(f"{error.code} {request.full_url}: {error.read().decode()}") from error


def walk(
    people: list[Visitor], project: str, version: str, files: dict[str, bytes], keys: str
) -> Iterator[str]:
    """Take the files from nothing to the announcement, one told step at a time."""
    manager, at = people[0], f"{project}/{version}"
    committee = manager.get(f"/project/get/{project}")["project"]["committee_key"]
    manager.post("/keys/upload", filetext=keys, committee=committee)
    yield "keys"
    manager.post("/release/create", project=project, version=version)
    yield "created"
    for path in sorted(files, key=lambda name: not name.endswith(ARCHIVES)):
        upload(manager, project, version, path, files[path])
        yield f"uploaded {path}"
    wait(lambda: manager.get(f"/checks/ongoing/{at}")["ongoing"] == 0)
    found = manager.get(f"/checks/list/{at}")["checks"]
    worst = [each for each in found if each["status"] in ("blocker", "exception")]
    assert not worst, json.dumps(worst, indent=2)
    yield f"checked: {len(found)} results"
    vote(people, project, version, {each["checker"] for each in found})
    yield "voted"
    manager.post("/vote/resolve", project=project, version=version, resolution="passed")
    yield "passed"
    manager.post(
        "/release/announce",
        project=project,
        version=version,
        revision=None,
        email_to=f"dev@{committee}.example.org",
        body=None,
        path_suffix=None,
    )
    assert manager.get(f"/release/get/{at}")["release"]["phase"] == "release"
    yield "announced"
    for path, content in files.items():
        assert manager.download(f"/download/path/{at}/{path}") == content
    yield "downloaded, and the same"


def upload(by: Visitor, project: str, version: str, path: str, content: bytes) -> None:
    """Send one file, and wait until it is part of a revision: archives are looked into first."""
    release = f"/release/get/{project}/{version}"
    before = by.get(release)["release"]["latest_revision_number"]
    by.post(
        "/release/upload",
        project=project,
        version=version,
        relpath=path,
        content=base64.b64encode(content).decode(),
        expected_revision=None,
    )
    wait(lambda: by.get(release)["release"]["latest_revision_number"] != before)


def vote(people: list[Visitor], project: str, version: str, rules: set[str]) -> None:
    """Call the vote with every concern read, and have everybody vote for it."""
    manager = people[0]
    committee = manager.get(f"/project/get/{project}")["project"]["committee_key"]
    manager.post(
        "/vote/start",
        project=project,
        version=version,
        revision=None,
        email_to=f"dev@{committee}.example.org",
        concerns_noted=sorted(rules),
    )
    for each in people:
        each.post("/vote/cast", project=project, version=version, choice="+1", comment="It works.")


def wait(look: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > end:
            raise Refused("No worker has done it.")
        time.sleep(0.2)


def main(site: str, project: str, version: str, folder: str, keys: str, *tokens: str) -> None:
    people = [Visitor(site, *each.split("=", 1)) for each in tokens]
    top = Path(folder)
    files = {
        str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()
    }
    for step in walk(people, project, version, files, Path(keys).read_text()):
        sys.stdout.write(f"{step}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
