"""Asking for a bill of materials by page: what it says before, while it is made, and after."""

import pytest
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Generated, Release
from tests import make
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db

ARCHIVE, OTHER = "apache-tool-1.0.tar.gz", "apache-tool-1.0.zip"
SBOM = f"{ARCHIVE}.cdx.json"


@pytest.fixture
def release() -> Release:
    files = {ARCHIVE: "bytes", OTHER: "zip", "notes.txt": "text"}
    return make.release(make.project("tool"), version="1.0", files=files)


@pytest.fixture
def manager(release) -> Client:
    client = Client()
    client.force_login(make.member(release.project, Role.PARTICIPANT))
    return client


def url(release, path=ARCHIVE) -> str:
    return reverse("checks:generate-sbom", args=[*release.url_args, path])


def page_of(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def asked(client, release, path=ARCHIVE, seen=None):
    return client.post(url(release, path), {"seen": seen or release.last_revision}, follow=True)


def done(release, **told) -> Generated:
    """As if a worker had done it."""
    row = Generated.objects.get()
    outcome = {"components": 3, "manifests": 2, "without_version": 1, "left_out": 0, "unread": []}
    Release.objects.get(pk=release.pk).record_generated(row, make.blob("{}"), outcome | told)
    return row


def test_it_says_what_will_happen_and_how_to_undo_it(manager, release):
    page = page_of(manager, url(release))
    assert "What will happen" in page
    assert f"the file {SBOM}, in a revision of its own" in page
    assert f"delete {SBOM}" in page
    assert "Generate it" in page


def test_once_asked_the_page_follows_how_far_it_is_without_scripts_too(manager, release):
    answer = asked(manager, release)
    page = answer.content.decode()
    assert answer.redirect_chain == [(url(release), 303)]
    assert 'hx-trigger="every 2s"' in page
    assert "Archive read" in page
    assert "Reload this page" in page
    assert "Generate it" not in page


def test_when_it_is_there_the_page_says_what_is_in_it_and_asks_no_more(manager, release):
    asked(manager, release)
    done(release, unread=[["t/<b>/pom.xml", "it is no XML"]])
    page = page_of(manager, url(release))
    assert "every 2s" not in page
    assert "3 packages, from 2 manifests" in page
    assert "Of 1 the version is not known" in page
    assert "<code>t/&lt;b&gt;/pom.xml</code>: it is no XML." in page
    assert reverse("checks:sbom", args=[*release.url_args, SBOM]) in page


def test_what_failed_says_why_and_can_be_asked_for_again(manager, release):
    asked(manager, release)
    Generated.objects.get().record_failed("The archive <is> broken.")
    page = page_of(manager, url(release))
    assert "The archive &lt;is&gt; broken." in page
    assert "Generate it" in page


def test_who_lost_the_worker_reads_so_and_asks_again(manager, release):
    asked(manager, release)
    Job.objects.update(state=Job.State.FAILED)
    page = page_of(manager, url(release))
    assert "Its worker was lost" in page
    assert "Generate it" in page


def test_a_newer_revision_is_seen_before_anything_happens(manager, release):
    release.add_files({"new.txt": make.blob("new")}, by=make.member(release))
    answer = asked(manager, release, seen=1)
    assert answer.status_code == 409
    assert "Revision 2 has appeared" in answer.content.decode()
    assert not Generated.objects.exists()


def test_a_form_without_its_field_is_no_answer(manager, release):
    assert manager.post(url(release), {}).status_code == 422


def test_what_people_uploaded_is_left_alone(manager, release):
    release.add_files({SBOM: make.blob("mine")}, by=make.member(release))
    page = page_of(manager, url(release))
    assert "What people upload is never changed" in page
    assert "Generate it" not in page


def test_a_file_that_is_no_archive_says_so(manager, release):
    assert "is no archive" in page_of(manager, url(release, "notes.txt"))


def test_a_file_that_is_not_there_is_not_found(manager, release):
    assert manager.get(url(release, "gone.zip")).status_code == 404


def test_others_are_turned_away(release):
    stranger, nobody = Client(), Client()
    stranger.force_login(make.user(is_committer=True))
    assert stranger.get(url(release)).status_code == 403
    assert stranger.post(url(release), {"seen": 1}).status_code == 403
    assert nobody.get(url(release)).status_code == 404
    assert not Generated.objects.exists()


def test_the_draft_offers_it_for_each_archive_that_has_none(manager, release):
    page = page_of(manager, release.get_absolute_url())
    assert "0 of 2 archives have one" in page
    assert url(release) in page
    assert url(release, OTHER) in page
    assert url(release, "notes.txt") not in page
    asked(manager, release)
    assert "being generated" in page_of(manager, release.get_absolute_url())
    done(release)
    page = page_of(manager, release.get_absolute_url())
    assert "1 of 2 archives has one" in page
    assert url(release) not in page


def test_the_draft_says_why_none_could_be_made(manager, release):
    asked(manager, release)
    Generated.objects.get().record_failed("It is broken.")
    assert "could not be generated. It is broken." in page_of(manager, release.get_absolute_url())


def test_people_who_may_not_are_offered_nothing(release):
    client = Client()
    client.force_login(make.user(is_committer=True))
    page = page_of(client, release.get_absolute_url())
    assert "0 of 2 archives have one" in page
    assert url(release) not in page


def test_the_pages_of_the_file_and_of_all_bills_lead_there(manager, release):
    report = page_of(manager, reverse("checks:report", args=[*release.url_args, ARCHIVE]))
    assert url(release) in report
    every = page_of(manager, reverse("checks:sboms", args=release.url_args))
    assert url(release) in every
    note = page_of(manager, reverse("checks:report", args=[*release.url_args, "notes.txt"]))
    assert "Bill of materials" not in note
