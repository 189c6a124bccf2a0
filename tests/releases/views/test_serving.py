"""Files at the addresses that scripts know: folders, lists of addresses, a script, a ZIP."""

import hashlib
import io
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from projects.models import Project
from releases.models import Release
from tests import make

pytestmark = pytest.mark.django_db

FILES = {"tool.zip": b"\x00zip", "sub/a+b (1).txt": b"a", "sub/deep/b.txt": b"b"}
AT = "tool/0.3+cli"
DOWNLOADS = ("path/{}/", "path/{}/tool.zip", "path/{}/sub", "urls/{}", "sh/{}", "zip/{}")


@pytest.fixture
def release(settings) -> Release:
    settings.SITE_URL = "https://releases.example.org"
    project = make.project("tool", name="Apache Tool")
    files = {name.replace(" ", "_"): content for name, content in FILES.items()}
    return make.candidate(project, version="0.3+cli", files=files)


def get(path: str, person: Any = None, **query: Any) -> Any:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client.get(f"/download/{path}", query)


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("", ["sub/", "tool.zip"]),
        ("sub/", ["deep/", "a+b_(1).txt"]),
        ("sub", ["deep/", "a+b_(1).txt"]),
        ("sub/deep/", ["b.txt"]),
    ],
)
def test_a_folder_is_a_list_of_what_lies_in_it(release, folder: str, names: list[str]) -> None:
    answer = get(f"path/{AT}/{folder}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    rows = answer.context["page_obj"].object_list
    assert [each.name for each in rows] == names
    for each in rows:
        assert Client().get(each.url).status_code == 200


def test_what_is_neither_file_nor_folder_is_not_there(release) -> None:
    for path in ("su", "sub/dee", "tool.zip/", "none/", "../"):
        assert get(f"path/{AT}/{path}").status_code == 404
    for kind in DOWNLOADS:
        assert get(kind.format("tool/9.9"), make.member(release)).status_code == 404


def test_a_large_folder_comes_in_pages_with_few_questions(
    release, django_assert_max_num_queries
) -> None:
    more = {f"many/{number:04d}.txt": make.blob("x") for number in range(450)}
    release.add_files(more, by=make.member(release))
    with django_assert_max_num_queries(8):
        answer = get(f"path/{AT}/many/", page=3)
    assert answer.context["page_obj"].object_list[0].name == "0400.txt"
    assert len(answer.content) < 40_000


def test_addresses_are_a_line_each_with_the_path(release) -> None:
    answer = get(f"urls/{AT}")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    begin = "https://releases.example.org/download/path/tool/0.3+cli"
    lines = [line.split(" ") for line in answer.content.decode().splitlines()]
    assert [path for _, path in lines] == ["sub/a+b_(1).txt", "sub/deep/b.txt", "tool.zip"]
    for url, path in lines:
        assert url.startswith(f"{begin}/")
        found = Client().get(url.removeprefix("https://releases.example.org"))
        assert found.getvalue() == FILES[path.replace("_", " ")]


def test_a_name_that_is_no_line_stays_in_its_comment(release) -> None:
    """Whatever wrote it: people pipe this into a shell."""
    Project.objects.filter(pk=release.project_id).update(name="Tool\ntouch /tmp/x #")
    lines = get(f"sh/{AT}").content.decode().splitlines()
    assert not [line for line in lines if line.startswith("touch")]


@pytest.mark.once
def test_the_script_fetches_every_file_and_sees_when_one_is_another(
    release, tmp_path: Path
) -> None:
    """With a curl that asks this very process."""
    served = tmp_path / "served"
    for name, content in FILES.items():
        file = served / name.replace(" ", "_")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    answer = get(f"sh/{AT}")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    begin = "https://releases.example.org/download/path/tool/0.3+cli"
    script = answer.content.decode().replace(begin, served.as_uri())
    run = {"cwd": tmp_path, "env": {"PATH": os.environ["PATH"]}, "capture_output": True}
    done = subprocess.run(["sh", "-c", script], **run, check=True)
    assert b"tool.zip: OK" in done.stdout
    for name, content in FILES.items():
        assert (tmp_path / "tool-0.3+cli" / name.replace(" ", "_")).read_bytes() == content
    (served / "tool.zip").write_bytes(b"other")
    assert subprocess.run(["sh", "-c", script], **run, check=False).returncode != 0


def test_one_zip_of_all_is_for_accounts(release) -> None:
    make.vote(release)
    answer = get(f"zip/{AT}")
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.headers["Location"]
    answer = get(f"zip/{AT}", make.user())
    assert answer.headers["Content-Type"] == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    digests = {
        entry.path: entry.blob.sha256 for entry in Release.objects.get().newest.entries.all()
    }
    assert {
        name.removeprefix("tool-0.3+cli/"): hashlib.sha256(packed.read(name)).hexdigest()
        for name in packed.namelist()
    } == digests


def test_a_draft_is_there_unless_the_site_keeps_drafts_to_itself(release, settings) -> None:
    for shown, status in ((True, 200), (False, 404)):
        settings.API_SHOWS_DRAFTS = shown
        for kind in DOWNLOADS[:-1]:
            assert get(kind.format(AT)).status_code == status, kind
        assert get(f"zip/{AT}", make.user()).status_code == status
        for kind in DOWNLOADS:
            assert get(kind.format(AT), make.member(release)).status_code == 200, kind


def test_a_revision_may_be_named(release) -> None:
    release.delete_files(["tool.zip"], by=make.member(release))
    assert b"tool.zip" not in get(f"urls/{AT}").content
    assert b"tool.zip" in get(f"urls/{AT}", revision="1").content
    assert get(f"urls/{AT}", revision="7").status_code == 404


def test_a_release_without_files_says_so() -> None:
    make.release(make.project("tool"), version="1.0")
    assert b"There are no files yet." in get("path/tool/1.0/").content
    assert get("urls/tool/1.0").content == b""
    assert get("zip/tool/1.0", make.user()).status_code == 404
