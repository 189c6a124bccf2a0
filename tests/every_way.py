"""Every way in for files, in one process: what each answers, as the sentence of a refusal or ""."""

import base64
import hashlib
import html
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.core.exceptions import PermissionDenied
from django.test import override_settings
from django.urls import reverse

from projects.models import User
from releases.models import Release
from releases.ssh import session
from releases.ssh.commands import Command
from tests import uploads
from tests.api import Api
from tests.releases.importing import servers
from tests.senders import Files, tar_of
from tests.visitors import logged_in
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import Refused

RAW, TAR = "application/octet-stream", "application/x-tar"


@dataclass
class Place:
    """A release that files are sent to, by whom, and where imports have a folder to work in."""

    release: Release
    person: User
    folder: Path

    @property
    def of(self) -> dict[str, str]:
        return {"project": self.release.project.slug, "version": self.release.version}

    def answer_of(self, answer: Any) -> str:
        if answer.status_code < 400:
            return ""
        body = answer.json()
        more = " ".join(each["msg"] for each in body.get("validation_details", ()))
        return f"{body['error']} {more}".strip()


def by_page(place: Place, files: Files) -> str:
    visitor = logged_in(place.person)
    visitor.cookies["csrftoken"], proof = uploads.token()
    body = uploads.body_of(files.items(), [("csrfmiddlewaretoken", proof)])
    url = reverse("releases:upload", args=place.release.url_args)
    answer = visitor.post(url, body, content_type=uploads.TYPE)
    if answer.status_code == 303:
        return ""
    assert answer.status_code >= 400
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def by_upload(place: Place, files: Files) -> str:
    api = Api(place.person)
    for path, content in files.items():
        sent = {"relpath": path, "content": base64.b64encode(content).decode()}
        if said := place.answer_of(api.post("/release/upload", place.of | sent)):
            return said
    return ""


def by_store(place: Place, files: Files) -> str:
    api = Api(place.person)
    for path, content in files.items():
        query = urlencode({**place.of, "relpath": path})
        answer = api.post(f"/release/store?{query}", content, content_type=RAW)
        if said := place.answer_of(answer):
            return said
    return ""


def by_tar(place: Place, files: Files) -> str:
    url = f"/release/store-directory?{urlencode(place.of)}"
    return place.answer_of(Api(place.person).post(url, tar_of(files), content_type=TAR))


def by_form(place: Place, files: Files) -> str:
    url = f"/release/store-directory?{urlencode(place.of)}"
    body = uploads.body_of(files.items())
    return place.answer_of(Api(place.person).post(url, body, content_type=uploads.TYPE))


def by_parts(place: Place, files: Files) -> str:
    api = Api(place.person)
    wanted = [
        {"relpath": path, "size": len(each), "sha256": hashlib.sha256(each).hexdigest()}
        for path, each in files.items()
    ]
    begun = api.post("/release/upload/begin", {**place.of, "files": wanted})
    if said := place.answer_of(begun):
        return said
    key = begun.json()["upload"]["key"]
    for number, content in enumerate(files.values()):
        digest = hashlib.sha256(content).hexdigest()
        query = urlencode({"upload": key, "file": number, "offset": 0, "sha256": digest})
        if content:
            answer = api.post(f"/release/upload/part?{query}", content, content_type=RAW)
            if said := place.answer_of(answer):
                return said
    answer = api.post("/release/upload/finish", {"upload": key})
    while answer.status_code == 202 and not answer.json()["quarantined"]:
        run_pending()
        answer = api.post("/release/upload/finish", {"upload": key})
    return place.answer_of(answer)


def by_worker(place: Place, files: Files) -> str:
    """In parts, which a worker puts together."""
    with override_settings(ASSEMBLE_AT_ONCE=0):
        return by_parts(place, files)


def by_rsync(place: Place, files: Files) -> str:
    command = Command(gives=False, deletes=False, folder="", arguments=(), **place.of)
    run = None
    try:
        run = session.begin(place.person, command)
        for path, content in files.items():
            target = run.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        session.full(run)
        session.end(run)
    except (Refused, PermissionDenied) as error:
        return str(error)
    finally:
        if run is not None:
            run.discard()
    return ""


def by_https(place: Place, files: Files) -> str:
    with servers.web() as there:
        there.pages["/r/"] = servers.listing(*(quote(path) for path in files if "/" not in path))
        for path, content in files.items():
            there.pages[f"/r/{quote(path)}"] = servers.page(content)
        for folder in {path.split("/")[0] for path in files if "/" in path}:
            names = [path.split("/")[1] for path in files if path.startswith(f"{folder}/")]
            there.pages[f"/r/{folder}/"] = servers.listing(*names)
            there.pages["/r/"] = servers.listing(
                f"{folder}/", *(quote(path) for path in files if "/" not in path)
            )
        return _imported(place, "web", there.host, f"{there.url}/r/")


def by_svn(place: Place, files: Files) -> str:
    folder = place.folder / secrets.token_hex(4)
    folder.mkdir()
    with servers.repository(folder) as there:
        there.commit(files)
        return _imported(place, "svn", there.host, there.url)


def _imported(place: Place, kind: str, host: str, url: str) -> str:
    given = {"IMPORT_HOSTS": [host], "IMPORT_SCHEMES": ["http", "svn"], "IMPORT_PRIVATE": True}
    with override_settings(**given):
        try:
            row = place.release.import_files(kind, url, by=place.person)
        except (Refused, PermissionDenied) as error:
            return str(error)
        run_pending()
    row.refresh_from_db()
    return row.problem


WAYS: dict[str, Callable[[Place, Files], str]] = {
    "page": by_page,
    "upload": by_upload,
    "store": by_store,
    "tar": by_tar,
    "form": by_form,
    "parts": by_parts,
    "parts by a worker": by_worker,
    "rsync": by_rsync,
    "https": by_https,
    "svn": by_svn,
}
ONE_BY_ONE = {"upload", "store"}  # each file is an upload of its own
