"""The page of a draft, its revisions and their manifests."""

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from checks.engine.model import Finding, Level, UnitResult
from checks.models import Result, Run
from projects.roles import Role
from releases.models import Release
from releases.phases import Verdict
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


def judge(revision, *findings) -> None:
    """As if the checks had found this."""
    result = Result.objects.keep(UnitResult("k" * 64, "", ("signature",), findings, "", 1.0))
    Run.objects.create(revision=revision, state=Run.State.DONE).results.set([result])
    make.checked(revision, Verdict.FAILED)


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

    def test_an_empty_draft_says_what_to_do_and_with_which_commands(self, release):
        empty = make.release(release.project)
        page = logged_in(make.member(release.project)).get(empty.get_absolute_url())
        text = page.content.decode()
        assert "There are no files yet" in text
        assert "sha512sum" in text
        assert "gpg --armor --detach-sign" in text
        assert 'href="#add-files"' in text
        reader = logged_in(make.user(is_committer=True)).get(empty.get_absolute_url())
        assert "sha512sum" not in reader.content.decode()

    def test_it_tells_what_is_new_since_the_revision_before_and_who_uploaded_it(
        self, owner, release
    ):
        by = make.member(release.project, username="ann")
        release.add_files({"b.txt": make.blob("b")}, by=by)
        page = owner.get(release.get_absolute_url())
        assert page.context["changes"].summary == "1 added"
        text = page.content.decode()
        assert "New since" in text
        assert "ann in <a href" in text
        assert ">Undo…</a>" in text

    def test_a_blocker_names_the_rule_and_leads_to_the_findings_and_to_the_keys(
        self, owner, release
    ):
        found = Finding("signature", 1, Level.BLOCKER, "tool-1.0.tar.gz.asc", "Said.")
        judge(release.newest, found)
        text = owner.get(release.get_absolute_url()).content.decode()
        assert "?level=blocker&amp;rule=signature" in text
        assert reverse("keys:import", args=[release.project.committee.slug]) in text

    def test_it_costs_as_many_questions_for_many_files_as_for_one(
        self, owner, release, django_assert_max_num_queries
    ):
        owner.get(release.get_absolute_url())
        with django_assert_max_num_queries(32):
            owner.get(release.get_absolute_url())
        person = make.member(release.project)
        release.add_files({f"x{n}.tar.gz": make.blob(str(n)) for n in range(60)}, by=person)
        with django_assert_max_num_queries(32):
            owner.get(release.get_absolute_url())


class TestRevisions:
    def test_the_list_and_the_page_tell_what_changed(self, owner, release):
        by = make.member(release.project)
        release.add_files({"tool-1.0.tar.gz": make.blob("other"), "b.txt": make.blob("b")}, by=by)
        page = owner.get(url(release, "revisions")).content.decode()
        assert "Uploaded 2 files" in page
        changes = owner.get(url(release, "revision", 2)).context["changes"]
        assert changes.summary == "1 added, 1 changed"

    def test_a_revision_is_compared_with_any_other(self, owner, release):
        by = make.member(release.project)
        for number in range(3):
            release.add_files({f"{number}.txt": make.blob(str(number))}, by=by)
        page = owner.get(url(release, "revision", 4), {"against": "1"})
        assert page.context["changes"].summary == "3 added"
        assert 'value="1" selected' in page.content.decode()
        later = owner.get(url(release, "revision", 2), {"against": "4"})
        assert later.context["changes"].summary == "2 removed"
        empty = owner.get(url(release, "revision", 1), {"against": "0"})
        assert empty.context["changes"].summary == "1 added"

    @pytest.mark.parametrize("against", ["9", "-1", "x", "1234567890123"])
    def test_one_cannot_be_compared_with_what_never_was(self, owner, release, against):
        page = owner.get(url(release, "revision", 1), {"against": against})
        assert page.status_code == 404

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
