"""The download page, and the files of the download area."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Release
from tests import make
from trusted_releases.ledger.worker import run_pending

# Jobs look for rows that other connections wrote.
pytestmark = pytest.mark.django_db(transaction=True)

BYTES = b"what was voted on\n"
QUERIES = 5


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(release, name, *more):
    return reverse(f"releases:{name}", args=[*release.url_args, *more])


def downloads(path):
    return reverse("releases:published-file", args=[path])


@pytest.fixture(autouse=True)
def area(settings, tmp_path) -> Path:
    """A download area of this test alone."""
    downloads = {**settings.STORAGES["downloads"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "downloads": downloads}
    return tmp_path


@pytest.fixture
def release() -> Release:
    files = {"tool-1.0.tar.gz": BYTES, "docs/readme.txt": "read me\n"}
    return make.passed(make.candidate(make.project("tool"), version="1.0", files=files))


@pytest.fixture
def manager(release):
    return logged_in(make.member(release.project, Role.RELEASE_MANAGER))


def publish(client, release):
    sent = {"manifest": release.candidate.manifest_digest, "typed": "1.0"}
    answer = client.post(url(release, "publish"), sent)
    run_pending()
    return answer


def announce(client, release):
    sent = {"subject": "[ANNOUNCE] Tool", "body": "It is out.", "typed": "1.0"}
    assert client.post(url(release, "announce"), sent).status_code == 303


def announced(project, version) -> Release:
    """A release of this project that is out."""
    files = {f"{project.slug}-{version}.tar.gz": version}
    release = make.passed(make.candidate(project, version=version, files=files))
    make.publication(release)
    run_pending()
    release.announce(by=make.member(project), subject="S", body="B")
    return release


class TestDownload:
    def test_the_page_is_there_once_it_is_published(self, client, manager, release):
        assert client.get(url(release, "download")).status_code == 404
        publish(manager, release)
        page = client.get(url(release, "download")).content.decode()
        assert downloads("tool/tool/1.0/tool-1.0.tar.gz") in page
        assert "sha512sum -c --ignore-missing" in page
        assert release.candidate.manifest_digest in page
        assert "3 of 3" in page

    def test_a_released_release_shows_its_download_page(self, client, manager, release):
        publish(manager, release)
        announce(manager, release)
        answer = client.get(release.get_absolute_url())
        assert answer.url == url(release, "download")
        assert "Released" in client.get(answer.url).content.decode()

    @pytest.mark.parametrize(
        "path", ["tool-1.0.tar.gz", "docs/readme.txt", "_proof/manifest.json", "_proof/vote.json"]
    )
    def test_published_files_come_as_attachments(self, client, manager, release, path):
        publish(manager, release)
        answer = client.get(downloads(f"tool/tool/1.0/{path}"))
        content = b"".join(answer)
        assert answer.status_code == 200
        assert int(answer["Content-Length"]) == len(content)
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_the_bytes_are_the_voted_ones(self, client, manager, release):
        publish(manager, release)
        assert b"".join(client.get(downloads("tool/tool/1.0/tool-1.0.tar.gz"))) == BYTES

    @pytest.mark.parametrize(
        "path",
        [
            "tool/tool/1.0/../../../db.sqlite3",
            "tool/tool/1.0/nothing",
            "tool/tool/1.0/docs",
            "tool/tool/1.0",
            "tool/tool/9.9/tool-1.0.tar.gz",
            ".staging/tool/1.0/tool-1.0.tar.gz",
            "other/KEYS",
            "tool/.KEYS.1",
            "/etc/passwd",
        ],
    )
    def test_nothing_else_is_served(self, client, manager, release, path):
        publish(manager, release)
        assert client.get("/downloads/" + path).status_code == 404

    def test_a_file_that_only_lies_there_is_not_served(self, client, manager, release, area):
        stray = area / "tool" / "stray" / "1.0" / "x.txt"
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_text("not published")
        publish(manager, release)
        assert client.get(downloads("tool/stray/1.0/x.txt")).status_code == 404

    def test_a_link_does_not_lead_out(self, client, manager, release, area):
        publish(manager, release)
        home = area / "tool" / "tool" / "1.0"
        (home / "link.txt").symlink_to("/etc/passwd")
        assert client.get(downloads("tool/tool/1.0/link.txt")).status_code == 404

    def test_the_keys_of_a_committee_that_published_are_served(self, client, manager, release):
        assert client.get(downloads("tool/KEYS")).status_code == 404
        publish(manager, release)
        assert client.get(downloads("tool/KEYS")).status_code == 200

    def test_each_file_has_its_digest_and_its_proof_beside_it(self, client, manager, release):
        publish(manager, release)
        page = client.get(url(release, "download"))
        assert [group.title for group in page.context["groups"]] == ["Files"]
        text = page.content.decode()
        for entry in release.candidate.entries:
            assert entry.blob.sha512 in text

    def test_many_files_come_in_pages(self, client):
        files = {f"file-{number:03}.txt": str(number) for number in range(60)}
        release = make.passed(make.candidate(make.project("many"), version="1.0", files=files))
        make.publication(release)
        run_pending()
        page = client.get(url(release, "download"), {"page": 3})
        text = page.content.decode()
        assert "file-059.txt" in text
        assert "Page 3 of 3" in text
        assert len(client.get(url(release, "download")).content) < 50_000

    def test_the_script_is_text_with_all_files(self, client, manager, release):
        assert client.get(url(release, "download-script")).status_code == 404
        publish(manager, release)
        answer = client.get(url(release, "download-script"))
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert "get docs/readme.txt" in answer.content.decode()

    def test_only_what_is_announced_introduces_itself_to_other_sites(
        self, client, manager, release
    ):
        publish(manager, release)
        assert "og:title" not in client.get(url(release, "download")).content.decode()
        announce(manager, release)
        page = client.get(url(release, "download")).content.decode()
        assert '<meta property="og:title" content="Tool 1.0">' in page
        assert 'type="application/atom+xml"' in page

    def test_neighbours_are_linked_and_a_newer_one_of_the_same_line_is_told(self, client):
        project = make.project("line")
        made = [announced(project, version) for version in ("1.0", "1.1", "2.0")]
        page = client.get(url(made[0], "download"))
        around = page.context["neighbours"]
        assert (around.earlier, around.later, around.newest) == (None, made[1], made[1])
        assert "There is a newer release" in page.content.decode()
        around = client.get(url(made[1], "download")).context["neighbours"]
        assert (around.earlier, around.later, around.newest) == (made[0], made[2], None)

    @pytest.mark.parametrize("count", [2, 60])
    def test_it_costs_the_same_for_many_files(self, client, count, django_assert_num_queries):
        files = {f"file-{number:03}.txt": str(number) for number in range(count)}
        release = make.passed(make.candidate(make.project("many"), version="1.0", files=files))
        make.publication(release)
        run_pending()
        with django_assert_num_queries(QUERIES):
            client.get(url(release, "download"))
