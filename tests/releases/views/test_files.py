"""The pages of a draft: looking, uploading, taking out, renaming, restoring, throwing away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Release
from releases.phases import Verdict
from tests import make
from tests.archives import tar_gz
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

BYTES = b"the bytes of an artifact\n"
PART = "--line\r\nContent-Disposition: form-data; "


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"tool-1.0.tar.gz": BYTES})


@pytest.fixture
def people(release):
    """One of each: who owns it, who is in another committee, who has an account, who has none."""
    return {
        "owner": logged_in(make.member(release.project, Role.PARTICIPANT)),
        "committer": logged_in(make.user(is_committer=True)),
        "stranger": logged_in(make.user()),
        "nobody": Client(),
    }


@pytest.fixture
def owner(people):
    return people["owner"]


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(release, name, *more):
    return reverse(f"releases:{name}", args=[*release.url_args, *more])


def upload(client, release, name="new.txt", content=b"new", **more):
    """By hand: Django's client would cut directories off the name, as a browser would not."""
    fields = "".join(f"{PART}name={key}\r\n\r\n{value}\r\n" for key, value in more.items())
    head = f'{fields}{PART}name=files; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--line--\r\n"
    return client.post(url(release, "upload"), body, "multipart/form-data; boundary=line")


@pytest.mark.parametrize("name", ["upload", "delete-files", "rename-file", "delete-draft"])
def test_a_committer_sees_a_draft_but_does_not_change_it(people, release, name):
    assert people["committer"].get(release.get_absolute_url()).status_code == 200
    assert people["committer"].get(url(release, name)).status_code == 403


@pytest.mark.parametrize("name", ["upload", "delete-files", "rename-file", "restore"])
def test_where_the_files_are_frozen_the_page_says_so_and_asks_nothing(name):
    frozen = make.vote().release
    owner = logged_in(make.member(frozen.project, Role.PARTICIPANT))
    answer = owner.get(url(frozen, name), {"paths": "a", "path": "a", "number": "1"})
    assert "The files cannot be changed now." in answer.content.decode()
    assert b'type="hidden"' not in answer.content.partition(b"<main")[2]
    assert b'type="file"' not in answer.content


class TestUpload:
    def test_files_arrive_as_one_revision(self, owner, release):
        answer = upload(owner, release, directory="binaries")
        assert answer.status_code == 303
        release.refresh_from_db()
        paths = [entry.path for entry in release.newest.entries]
        assert paths == ["binaries/new.txt", "tool-1.0.tar.gz"]

    def test_a_folder_can_be_sent_without_its_own_name(self, owner, release):
        upload(owner, release, name="dist/deep/new.txt", inside="1")
        release.refresh_from_db()
        paths = [entry.path for entry in release.newest.entries]
        assert paths == ["deep/new.txt", "tool-1.0.tar.gz"]

    def test_an_archive_is_looked_at_first_and_the_page_says_so(self, owner, release):
        sent = {"name": "x-1.0-src.tar.gz", "content": tar_gz()}
        upload(owner, release, **sent)
        page = owner.get(release.get_absolute_url())
        assert "Received x-1.0-src.tar.gz" in page.content.decode()
        assert page.context["arrivals_awaited"]
        assert "An upload is being looked at" in page.content.decode()
        run_pending()
        page = owner.get(release.get_absolute_url())
        assert (page.context["arrivals"], page.context["arrivals_awaited"]) == ([], False)
        assert "x-1.0-src.tar.gz" in [entry.path for entry in page.context["entries"]]

    def test_a_name_of_another_script_is_shown_as_it_was_written(self, owner, release):
        answer = upload(owner, release, name="café.tar.gz")
        assert answer.status_code == 422
        assert "café.tar.gz" in answer.content.decode()

    def test_a_path_that_climbs_out_is_told_and_changes_nothing(self, owner, release):
        answer = upload(owner, release, name="../evil.tar.gz")
        assert answer.status_code == 422
        assert "&#x27;..&#x27; is not allowed in a path" in answer.content.decode()
        release.refresh_from_db()
        assert release.last_revision == 1

    def test_a_script_is_answered_in_json(self, owner, release):
        file = SimpleUploadedFile("a.tar.gz", b"a")
        asked = {"headers": {"X-Requested-With": "XMLHttpRequest"}}
        good = owner.post(url(release, "upload"), {"files": file}, **asked)
        assert good.json() == {"location": release.get_absolute_url()}
        bad = owner.post(url(release, "upload"), {"directory": "x"}, **asked)
        assert bad.status_code == 422
        assert bad.json() == {"refused": ["Choose at least one file to upload."]}

    def test_a_committer_of_another_committee_is_refused_on_record(self, people, release):
        assert upload(people["committer"], release).status_code == 403
        release.refresh_from_db()
        assert release.last_revision == 1

    def test_files_under_vote_are_frozen(self, owner, release):
        make.checked(release.newest)
        make.vote(release)
        answer = upload(owner, release)
        assert answer.status_code == 409
        assert "are frozen" in answer.content.decode()

    def test_without_the_token_nothing_is_taken(self, release):
        client = Client(enforce_csrf_checks=True)
        client.force_login(make.member(release.project))
        assert upload(client, release).status_code == 403
        release.refresh_from_db()
        assert release.last_revision == 1


class TestDeleteAndRename:
    def test_deleting_asks_first_and_takes_the_companions_along(self, owner, release):
        release.add_files(
            {"tool-1.0.tar.gz.asc": make.blob("sig")}, by=make.member(release.project)
        )
        page = owner.get(url(release, "delete-files"), {"paths": ["tool-1.0.tar.gz"]})
        assert "Delete 2 files" in page.content.decode()
        answer = owner.post(url(release, "delete-files"), {"paths": "tool-1.0.tar.gz", "seen": 2})
        assert answer.status_code == 303
        release.refresh_from_db()
        assert release.newest.file_count == 0

    def test_it_shows_what_goes_along_and_how_much_stays(self, owner, release):
        more = {"tool-1.0.tar.gz.asc": make.blob("sig"), "b.zip": make.blob("b")}
        release.add_files(more, by=make.member(release.project))
        page = owner.get(url(release, "delete-files"), {"paths": ["tool-1.0.tar.gz"]})
        assert page.context["along"] == ["tool-1.0.tar.gz.asc"]
        assert (page.context["gone"], page.context["left"]) == (2, 1)
        assert "Delete 2 files" in page.content.decode()

    @pytest.mark.parametrize(
        ("name", "asked"),
        [
            *(("delete-files", {"paths": "nothing"}), ("rename-file", {"path": "nothing"})),
            *(("rename-file", {}), ("restore", {"number": "9"}), ("restore", {"number": "x"})),
            ("restore", {}),
        ],
    )
    def test_what_is_not_there_has_no_form(self, owner, release, name, asked):
        assert owner.get(url(release, name), asked).status_code == 404

    def test_those_who_may_not_are_not_told_what_is_there(self, people, release):
        for path in ("tool-1.0.tar.gz", "nothing"):
            answer = people["committer"].get(url(release, "rename-file"), {"path": path})
            assert answer.status_code == 403

    def test_what_was_done_can_be_undone_from_its_message(self, owner, release):
        sent = {"path": "tool-1.0.tar.gz", "to": "src/tool-1.0.tar.gz", "seen": 1}
        answer = owner.post(url(release, "rename-file"), sent, follow=True)
        undo = f'<a href="{url(release, "restore")}?number=1">Undo: restore revision 1</a>'
        assert undo in answer.content.decode()

    def test_restoring_shows_first_which_files_change(self, owner, release):
        release.add_files({"b.zip": make.blob("b")}, by=make.member(release.project))
        page = owner.get(url(release, "restore"), {"number": "1"})
        assert page.context["changes"].summary == "1 removed"
        assert "b.zip" in page.content.decode()

    def test_a_newer_revision_is_a_conflict(self, owner, release):
        release.add_files({"b.tar.gz": make.blob("b")}, by=make.member(release.project))
        answer = owner.post(url(release, "delete-files"), {"paths": "b.tar.gz", "seen": 1})
        assert answer.status_code == 409
        assert "Revision 2 has appeared" in answer.content.decode()

    def test_a_file_gets_another_path(self, owner, release):
        page = owner.get(url(release, "rename-file"), {"path": "tool-1.0.tar.gz"})
        assert 'value="tool-1.0.tar.gz"' in page.content.decode()
        sent = {"path": "tool-1.0.tar.gz", "to": "src/tool-1.0.tar.gz", "seen": 1}
        assert owner.post(url(release, "rename-file"), sent).status_code == 303
        release.refresh_from_db()
        assert [entry.path for entry in release.newest.entries] == ["src/tool-1.0.tar.gz"]

    def test_a_bad_path_is_told_beside_the_field(self, owner, release):
        sent = {"path": "tool-1.0.tar.gz", "to": "a//b", "seen": 1}
        answer = owner.post(url(release, "rename-file"), sent)
        assert answer.status_code == 422
        assert "empty segment" in answer.context["form"].errors["to"][0]

    def test_an_earlier_revision_comes_back_as_a_new_one(self, owner, release):
        release.delete_files(["tool-1.0.tar.gz"], by=make.member(release.project))
        page = owner.get(url(release, "restore"), {"number": 1})
        assert "Restore revision 1" in page.content.decode()
        answer = owner.post(url(release, "restore"), {"number": 1, "seen": 2})
        assert answer.status_code == 303
        release.refresh_from_db()
        assert (release.last_revision, release.newest.file_count) == (3, 1)


class TestDeleteDraft:
    def test_it_asks_for_the_typed_version(self, owner, release):
        page = owner.get(url(release, "delete-draft")).content.decode()
        assert "This cannot be undone." in page
        wrong = owner.post(url(release, "delete-draft"), {"seen": 1, "typed": "yes"})
        assert wrong.status_code == 422
        assert Release.objects.exists()

    def test_then_the_draft_is_gone_and_its_events_stay(self, owner, release):
        answer = owner.post(url(release, "delete-draft"), {"seen": 1, "typed": "1.0"})
        assert answer.status_code == 303
        assert answer.url == release.project.get_absolute_url()
        assert not Release.objects.exists()
        assert Event.objects.filter(tag="release.deleted").exists()
        assert owner.get(release.get_absolute_url()).status_code == 404


class TestFileDownload:
    def test_it_streams_the_bytes_as_attachment(self, owner, release):
        answer = owner.get(url(release, "file", "tool-1.0.tar.gz"))
        assert answer.streaming
        assert b"".join(answer) == BYTES
        assert answer["Content-Length"] == str(len(BYTES))
        assert answer["Content-Disposition"] == 'attachment; filename="tool-1.0.tar.gz"'
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_an_earlier_revision_has_its_own_bytes(self, owner, release):
        release.add_files({"tool-1.0.tar.gz": make.blob("2")}, by=make.member(release.project))
        address = url(release, "file", "tool-1.0.tar.gz")
        assert b"".join(owner.get(address)) == b"2"
        assert b"".join(owner.get(address, {"revision": 1})) == BYTES

    def test_drafts_are_not_for_strangers_but_candidates_are(self, people, release):
        address = url(release, "file", "tool-1.0.tar.gz")
        assert people["nobody"].get(address).status_code == 404
        make.checked(release.newest, Verdict.PASSED)
        make.vote(release)
        assert b"".join(people["nobody"].get(address)) == BYTES

    def test_what_is_not_there_is_not_found(self, owner, release):
        assert owner.get(url(release, "file", "nothing")).status_code == 404
        address = url(release, "file", "tool-1.0.tar.gz")
        assert owner.get(address, {"revision": "9"}).status_code == 404
