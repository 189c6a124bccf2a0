"""The page of a draft, its revisions and their manifests."""

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Release
from tests import make

pytestmark = pytest.mark.django_db

BYTES = b"the bytes of an artifact\n"


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"tool-1.0.tar.gz": BYTES})


@pytest.fixture
def owner(release) -> Client:
    return logged_in(make.member(release.project, Role.PARTICIPANT))


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(release, name, *more):
    return reverse(f"releases:{name}", args=[*release.url_args, *more])


class TestDetail:
    def test_it_shows_each_file_with_its_digest_and_what_stands_before_the_vote(
        self, owner, release
    ):
        page = owner.get(release.get_absolute_url()).content.decode()
        assert hashlib.sha512(BYTES).hexdigest() in page
        assert "The checks of revision 1 are still running." in page
        assert 'hx-trigger="every 2s"' in page
        assert "Delete this draft" in page

    def test_when_nothing_stands_before_the_vote_it_offers_to_call_one(self, release):
        make.checked(release.newest)
        manager = logged_in(make.member(release.project))
        page = manager.get(release.get_absolute_url()).content.decode()
        assert url(release, "call-vote") in page
        assert "every 2s" not in page

    def test_an_empty_draft_says_what_to_do(self, release):
        empty = make.release(release.project)
        page = logged_in(make.member(release.project)).get(empty.get_absolute_url())
        assert "There are no files yet" in page.content.decode()

    def test_it_costs_as_many_questions_for_many_files_as_for_one(
        self, owner, release, django_assert_max_num_queries
    ):
        owner.get(release.get_absolute_url())
        with django_assert_max_num_queries(23):
            owner.get(release.get_absolute_url())
        person = make.member(release.project)
        release.add_files({f"x{n}.tar.gz": make.blob(str(n)) for n in range(60)}, by=person)
        with django_assert_max_num_queries(23):
            owner.get(release.get_absolute_url())


class TestRevisions:
    def test_the_list_and_the_page_tell_what_changed(self, owner, release):
        by = make.member(release.project)
        release.add_files({"tool-1.0.tar.gz": make.blob("other"), "b.txt": make.blob("b")}, by=by)
        page = owner.get(url(release, "revisions")).content.decode()
        assert "Uploaded 2 files" in page
        changes = owner.get(url(release, "revision", 2)).context["changes"]
        assert changes == {"Added": ["b.txt"], "Replaced": ["tool-1.0.tar.gz"], "Removed": []}

    def test_one_that_never_was_is_not_found(self, owner, release):
        assert owner.get(url(release, "revision", 9)).status_code == 404

    def test_the_list_costs_as_many_questions_for_fifty_as_for_one(
        self, owner, release, django_assert_max_num_queries
    ):
        by = make.member(release.project)
        for number in range(51):
            release.add_files({"a.txt": make.blob(str(number))}, by=by)
        with django_assert_max_num_queries(11):
            page = owner.get(url(release, "revisions"))
        assert len(page.context["page_obj"]) == 50

    def test_the_manifest_is_the_bytes_that_its_digest_names(self, owner, release):
        manifest = owner.get(url(release, "manifest", 1))
        digest = "sha256:" + hashlib.sha256(manifest.content).hexdigest()
        assert digest == release.newest.manifest_digest
        assert manifest["Content-Type"] == "application/json"
