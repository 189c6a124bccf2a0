"""Publication and announcement: what is said before, how far it is, what goes out."""

import html
import re
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Publication, Release
from releases.phases import Phase
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
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
    sent = {"manifest": release.candidate.manifest_digest, "typed": "1.0"}
    answer = client.post(url(release, "publish"), sent)
    run_pending()
    return answer


class TestPublish:
    def test_the_page_says_what_will_happen_and_then_it_happens(self, manager, release):
        assert "the public can download" in manager.get(url(release, "publish")).content.decode()
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
        sent = {"manifest": release.candidate.manifest_digest, "typed": "1.0"}
        manager.post(url(release, "publish"), sent)
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
        assert "Run it again" not in page
        operator = logged_in(make.operator()).get(release.get_absolute_url()).content.decode()
        assert "Run it again" in operator


class TestProgress:
    def test_files_and_bytes_are_told_with_their_numbers(self, manager, release):
        publication = make.publication(release)
        publication.record_progress(9, 1)
        page = manager.get(url(release, "publication")).content.decode()
        assert "1 of 2 files" in page
        assert "9\xa0bytes of 26\xa0bytes" in page
        assert "Nothing is visible to the public before" in page

    def test_reading_back_is_told_as_such(self, manager, release):
        publication = make.publication(release)
        publication.record_progress(release.candidate.total_size, 2)
        assert "is read back" in manager.get(url(release, "publication")).content.decode()

    def test_the_steps_say_where_one_is(self, manager, release):
        page = manager.get(release.get_absolute_url()).content.decode()
        assert re.findall("<h2>([0-9][^<]*) <", page) == ["1. Publish", "2. Verify", "3. Announce"]
        assert "to come" in page
        publish(manager, release)
        page = manager.get(release.get_absolute_url()).content.decode()
        assert "Verify what is published" in page

    def test_publication_asks_for_the_typed_version(self, manager, release):
        sent = {"manifest": release.candidate.manifest_digest, "typed": "1"}
        assert manager.post(url(release, "publish"), sent).status_code == 422
        assert not Publication.objects.exists()


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

    def test_variables_are_filled_in(self, manager, release):
        publish(manager, release)
        sent = {"subject": "{{VERSION}} is out", "body": "At {{DOWNLOAD_URL}}", "typed": "1.0"}
        manager.post(url(release, "announce"), sent)
        facts = Event.objects.get(tag=Tag.RELEASE_ANNOUNCED).facts
        assert facts["mail_subject"] == "1.0 is out"
        assert facts["mail_body"] == f"At http://testserver{url(release, 'download')}"

    def test_what_is_shown_is_what_goes_out_byte_for_byte(self, manager, release, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        publish(manager, release)
        sent = {
            "subject": "[ANNOUNCE] & more",
            "body": "\r\n<b> {{MANIFEST}}\r\n\r\n",
            "typed": "1.0",
        }
        answer = manager.post(
            url(release, "announce-preview"), sent, headers={"HX-Request": "true"}
        )
        release.refresh_from_db()
        assert release.phase == Phase.FINISH
        shown = answer.content.decode()
        manager.post(url(release, "announce"), sent)
        run_pending()
        mail = outbox.outbox[-1]
        text = re.search(r'aria-label="Text of the mail">\n(.*?)</pre>', shown, re.DOTALL)[1]
        assert html.unescape(text) == mail.body
        assert f"<b>{html.escape(mail.subject)}</b>" in shown
        assert ", ".join(mail.to) in shown

    def test_a_preview_without_scripts_asks_for_no_typed_version_yet(self, manager, release):
        publish(manager, release)
        sent = {"subject": "S", "body": "Mine."}
        page = manager.post(url(release, "announce-preview"), sent).content.decode()
        assert "Mine.</textarea>" in page
        assert "This field is required" not in page

    def test_the_preview_is_for_those_who_may_announce(self, client, manager, release):
        publish(manager, release)
        sent = {"subject": "S", "body": "B"}
        for person in (make.user(), make.operator()):
            assert logged_in(person).post(url(release, "announce-preview"), sent).status_code == 403
        answer = client.post(url(release, "announce-preview"), sent)
        assert answer.status_code == 302
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make.member(release.project))
        assert strict.post(url(release, "announce-preview"), sent).status_code == 403
