"""Publication, announcement and the download page and area."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Publication, Release
from releases.phases import Phase
from tests import make
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

# Jobs look for rows that other connections wrote.
pytestmark = pytest.mark.django_db(transaction=True)

BYTES = b"what was voted on\n"


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
    sent = {"manifest": release.candidate.manifest_digest}
    answer = client.post(url(release, "publish"), sent)
    run_pending()
    return answer


class TestPublish:
    def test_the_page_says_what_will_happen_and_then_it_happens(self, manager, release):
        assert "can download it" in manager.get(url(release, "publish")).content.decode()
        assert publish(manager, release).status_code == 303
        page = manager.get(release.get_absolute_url()).content.decode()
        assert "Every file was read back and is the voted one." in page
        assert url(release, "announce") in page

    def test_twice_is_a_conflict(self, manager, release):
        publish(manager, release)
        answer = publish(manager, release)
        assert answer.status_code == 409
        assert "published already" in answer.content.decode()

    def test_participants_and_operators_do_not_publish(self, release):
        for person in (make.member(release.project, Role.PARTICIPANT), make.operator()):
            client = logged_in(person)
            assert client.get(url(release, "publish")).status_code == 403
            assert publish(client, release).status_code == 403
        assert not Publication.objects.exists()

    def test_while_it_runs_the_fragment_asks_again_and_then_stops(self, manager, release):
        manager.post(url(release, "publish"), {"manifest": release.candidate.manifest_digest})
        running = manager.get(url(release, "publication"))
        assert running.status_code == 200
        assert 'hx-trigger="every 2s"' in running.content.decode()
        run_pending()
        settled = manager.get(url(release, "publication"))
        assert settled.status_code == 286
        assert settled["HX-Refresh"] == "true"

    def test_one_that_failed_says_why_and_can_be_begun_again(self, manager, release):
        publish(manager, release)
        Publication.objects.update(state="failed", error="The disk is full.", published_at=None)
        Job.objects.update(state="failed", error="Traceback: the disk is full")
        page = manager.get(release.get_absolute_url()).content.decode()
        assert "The disk is full." in page
        assert "Publish again" in page
        assert "Retry" not in page
        operator = logged_in(make.operator()).get(release.get_absolute_url()).content.decode()
        assert "Retry" in operator


class TestAnnounce:
    def announce(self, client, release, typed="1.0"):
        sent = {"subject": "[ANNOUNCE] Tool", "body": "It is out.", "typed": typed}
        return client.post(url(release, "announce"), sent)

    def test_it_asks_for_the_typed_version(self, manager, release):
        publish(manager, release)
        page = manager.get(url(release, "announce"))
        assert "Type the version, 1.0, to confirm" in page.content.decode()
        assert self.announce(manager, release, typed="2.0").status_code == 422
        answer = self.announce(manager, release)
        assert answer.status_code == 303
        release.refresh_from_db()
        assert release.phase == Phase.RELEASED

    def test_not_before_it_is_published(self, manager, release):
        answer = self.announce(manager, release)
        assert answer.status_code == 409
        assert "is not published yet" in answer.content.decode()

    def test_once_only(self, manager, release):
        publish(manager, release)
        self.announce(manager, release)
        assert self.announce(manager, release).status_code == 409


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
        TestAnnounce().announce(manager, release)
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
