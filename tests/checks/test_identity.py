"""The server and `trusted-check` say the same of the same files, byte for byte.

The server's side is a worker's run over uploaded files, stored in the database and read back; the
laptop's is the program in an interpreter of its own, over the files in a folder. Policy and KEYS
come to it from the server.
"""

import io
import json
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from keys.models import Certificate
from projects.models import Project
from tests import make, signed
from tests.checks.engine import made
from tests.checks.laptop.made import program
from tests.shared import SHARED, shared
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = "KEYS"
Files = dict[str, bytes]


def project_of(folder: Path, **policy: object) -> Project:
    """A project whose committee has the keys that lie in a folder, if any do."""
    project = make.project("tool")
    if (folder / KEYS).is_file():
        Certificate.objects.import_keys(
            (folder / KEYS).read_bytes(), committee=project.committee, by=make.member(project)
        )
    if policy:
        project.rules.change(by=make.member(project), **policy)
    return Project.objects.get(pk=project.pk)


def both(project: Project, files: Files, scratch: Path, kind: str) -> tuple[bytes, bytes]:
    """What the server gives, and what the program prints."""
    release = make.release(project, version="1.0", files={**files})
    run_pending()
    client = Client()
    client.force_login(make.member(project))
    name = {"--json": "checks:document", "--sarif": "checks:sarif"}[kind]
    theirs = client.get(reverse(name, args=["tool", "1.0"])).content

    folder = scratch / "files"
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    policy, keys = scratch / "policy.json", scratch / KEYS
    policy.write_bytes(
        client.get(reverse("checks:policy", args=["tool"]), {"version": release.version}).content
    )
    keys.write_bytes(client.get(reverse("keys:document", args=[project.committee.slug])).content)
    done = program(folder, kind, "--policy", policy, "--keys", keys)
    assert done.stderr == b""
    return theirs, done.stdout


def same(project: Project, files: Files, scratch: Path) -> dict[str, object]:
    """The document that both write; a difference fails with the place that differs."""
    theirs, ours = both(project, files, scratch, "--json")
    if ours != theirs:
        assert json.loads(ours) == json.loads(theirs)
    assert ours == theirs
    document = json.loads(ours)
    assert all(each["error"] == "" for each in document["results"])
    assert {each["path"] for each in document["files"]} == set(files)
    return document


# --- Made here: always ----------------------------------------------------------------------------


def good(folder: Path) -> Files:
    return signed.files_of(folder)


def hostile(folder: Path) -> Files:
    """Names and sentences with what databases and terminals do not like."""
    members = {
        **made.source("r"),
        "r/nul\x00name": b"1",
        "r/\udcff.c": b"2",
        "r/caf\u00e9.py": b"print()\n",
        "r/\u202egnp.exe": b"MZ",
        "r/up": "../../etc/passwd",
    }
    return {"tool-1.0-source.tar.gz": _tar(members), "tool-1.0.zip": made.zipped({"a/b": b"c"})}


def _tar(members: dict[str, made.Content]) -> bytes:
    """A tar with names that are no UTF-8, as GNU tar writes them."""
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w:gz", format=tarfile.GNU_FORMAT, errors="surrogateescape"
    ) as archive:
        for name, content in members.items():
            archive.addfile(*made._tar_member(name, content))
    return buffer.getvalue()


def broken(folder: Path) -> Files:
    whole = signed.archive()
    return {
        "cut-1.0.tar.gz": whole[:-30],
        "more-1.0.tar.gz": whole + b"trailing",
        "none-1.0.zip": b"PK\x05\x06",
        "tool-1.0.tar.gz.sha512": b"\xef\xbb\xbfabc",
        "bomb-1.0.zip": made.zipped({"zeros": bytes(1 << 20)}),
    }


def pair(folder: Path) -> Files:
    """Two formats that are compared with each other, with many headers missing."""
    members = made.source("tool-1.0") | {f"tool-1.0/f{n}.py": b"x = 1\n" for n in range(150)}
    files = {name: content for name, content in members.items() if isinstance(content, bytes)}
    return {"tool-1.0.tar.gz": made.tar(members), "tool-1.0.zip": made.zipped(files)}


@pytest.mark.parametrize("license_mode", ["files", "both"])
@pytest.mark.parametrize("maker", [good, hostile, broken, pair])
def test_of_files_made_here(
    tmp_path: Path, maker: Callable[[Path], Files], license_mode: str
) -> None:
    (tmp_path / KEYS).write_bytes(signed.author().public)
    project = project_of(tmp_path, license_mode=license_mode)
    document = same(project, maker(tmp_path), tmp_path)
    assert document["policy"]["license_mode"] == license_mode


def test_the_program_fetches_what_it_needs_from_the_server(tmp_path: Path, live_server) -> None:
    """Policy and KEYS by the address of the release's page, with nothing else given."""
    (tmp_path / KEYS).write_bytes(signed.author().public)
    project = project_of(tmp_path, binary_paths="*.jar")
    files = good(tmp_path)
    make.release(project, version="1.0", files={**files})
    run_pending()
    client = Client()
    client.force_login(make.member(project))
    theirs = client.get(reverse("checks:document", args=["tool", "1.0"])).content
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    done = program(folder, "--json", "--from", f"{live_server.url}/releases/tool/1.0/")
    assert (done.stderr, done.stdout) == (b"", theirs)
    assert done.returncode == 0
    other = program(
        folder, "--json", "--from", f"{live_server.url}/projects/tool/", "--release", "1.0"
    )
    assert other.stdout == theirs


def test_sarif_of_both_is_the_same_but_for_addresses_and_the_name_of_the_run(
    tmp_path: Path,
) -> None:
    theirs, ours = (
        json.loads(each)
        for each in both(project_of(tmp_path), hostile(tmp_path), tmp_path, "--sarif")
    )
    (run,) = theirs["runs"]
    assert run.pop("automationDetails") == {"id": "tool/1.0/1"}
    for rule in run["tool"]["driver"]["rules"]:
        assert rule.pop("helpUri").endswith(f"/checks/{rule['id']}/")
    assert len(run["results"]) > 10
    assert ours == theirs


# --- Really published, and really hostile: where the corpus is ------------------------------------


def published() -> list[Path]:
    """The folders of the corpus that hold archives; a name for each even where it is absent."""
    data = SHARED / "data"
    real = sorted(each for each in (data / "real").glob("*") if each.is_dir())
    return [*(real or [data / "real"]), data / "npm", data / "pypi"]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("folder", published(), ids=lambda each: each.name)
def test_of_every_published_archive(tmp_path: Path, folder: Path) -> None:
    found = shared(*folder.relative_to(SHARED).parts)
    files = {
        each.name: each.read_bytes()
        for each in sorted(found.iterdir())
        if each.is_file() and each.name != KEYS
    }
    assert files
    same(project_of(found, license_mode="both"), files, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["tar", "zip", "sum", "sig"])
def test_of_every_hostile_file(tmp_path: Path, kind: str) -> None:
    """Each case lies in a folder of its own, with the keys of all cases for all signatures."""
    files: Files = {}
    with tarfile.open(shared("data", "evil", "cases.tar.xz")) as packed:
        for member in packed:
            if member.isfile() and member.name.startswith(f"{kind}/"):
                content = packed.extractfile(member)
                assert content is not None
                files[member.name] = content.read()
    assert len(files) > 40
    project = project_of(tmp_path)
    for path in [path for path in files if path.endswith(f"/{KEYS}")]:
        with suppress(BadInput):  # some are hostile themselves
            Certificate.objects.import_keys(
                files.pop(path), committee=project.committee, by=make.member(project)
            )
    same(Project.objects.get(pk=project.pk), files, tmp_path)
