"""Whichever way files come in: the same entries, and the same refusals for the same reasons."""

import hashlib
import shutil

import pytest

from projects.roles import Role
from releases.models import Blob, Release
from tests import make
from tests.archives import tar_gz
from tests.every_way import ONE_BY_ONE, WAYS, Place
from tests.senders import Files
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

KEPT = {"a.txt": b"a"}
ARCHIVE = "tool-1.0.tar.gz"


@pytest.fixture(params=WAYS)
def way(request) -> str:
    if request.param == "svn" and shutil.which("svnserve") is None:
        pytest.skip("The programs svn and svnserve are missing: apt-get install subversion")
    return str(request.param)


@pytest.fixture
def place(tmp_path) -> Place:
    release = make.release(make.project("tool"), version="1.0", files={"a.txt": "a"})
    return Place(release, make.member(release), tmp_path)


def there(release: Release) -> Files:
    """What the newest revision has."""
    release.refresh_from_db()
    return {each.path: b"".join(each.blob.stream()) for each in release.newest.entries}


def refused(way: str, place: Place, files: Files, *said: str) -> None:
    """It says so, leaves an event that says so, and leaves the files as they were."""
    before = there(place.release)
    told = WAYS[way](place, files)
    for words in said:
        assert words in told, told
    assert there(place.release) == before


def test_the_same_files_make_the_same_entries(way, place) -> None:
    files = {"b.bin": bytes(range(256)), "linux/c.txt": b"c"}
    assert WAYS[way](place, files) == ""
    assert there(place.release) == KEPT | files
    assert {each.uploaded_by for each in place.release.newest.entries.exclude(path="a.txt")} == {
        place.person
    }
    made = place.release.revisions.count() - 1
    assert made == (len(files) if way in ONE_BY_ONE else 1)
    told = "Imported" if way in ("https", "svn") else "Uploaded"
    assert place.release.newest.description.startswith(told)


def test_an_archive_is_looked_into_before_it_is_a_file(way, place) -> None:
    assert WAYS[way](place, {ARCHIVE: (content := tar_gz())}) == ""
    arrival = place.release.arrivals.get()
    run_pending()
    arrival.refresh_from_db()
    assert (arrival.state, there(place.release)[ARCHIVE]) == ("admitted", content)


def test_one_that_is_not_safe_is_refused_with_the_reason_and_not_kept(way, place) -> None:
    content = tar_gz("../evil")
    assert WAYS[way](place, {ARCHIVE: content}) == ""
    run_pending()
    arrival = place.release.arrivals.get()
    assert (arrival.state, there(place.release)) == ("refused", KEPT)
    assert "../evil" in arrival.files.get().problem
    assert not Blob.objects.filter(sha256=hashlib.sha256(content).hexdigest()).exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a b.bin", "the character “ ” (SPACE) is not allowed"),
        ("ü.bin", "(LATIN SMALL LETTER U WITH DIAERESIS) is not allowed"),
        ("_proof", "_proof"),
    ],
)
def test_a_bad_name_is_refused_in_the_same_words(way, place, name, said) -> None:
    refused(way, place, {name: b"x"}, said)


def test_a_file_that_is_too_large(way, place, settings) -> None:
    settings.MAX_FILE_SIZE = 10
    refused(way, place, {"b.bin": b"x" * 11}, "10")
    assert WAYS[way](place, {"b.bin": b"x" * 10}) == ""


def test_a_release_that_would_be_too_large(way, place, settings) -> None:
    settings.MAX_REVISION_SIZE = 10
    refused(way, place, {"b.bin": b"x" * 10}, "10 bytes together; these take 11")
    assert WAYS[way](place, {"b.bin": b"x" * 9}) == ""


def test_one_file_too_many(way, place, settings) -> None:
    settings.MAX_FILES = 2
    assert WAYS[way](place, {"b.bin": b"b"}) == ""
    refused(way, place, {"c.bin": b"c"}, "at most 2 files")


def test_names_that_differ_in_case_only(way, place) -> None:
    refused(way, place, {"A.txt": b"b"}, "differ in case only")


def test_a_file_below_a_file(way, place) -> None:
    refused(way, place, {"a.txt/b": b"b"}, "a.txt is a file, so a.txt/b cannot lie below it.")


def test_the_same_again_is_no_revision(way, place) -> None:
    WAYS[way](place, KEPT)
    assert place.release.revisions.count() == 1


def test_a_draft_that_is_frozen(way, place) -> None:
    make.checked(place.release.newest)
    make.vote(place.release)
    refused(way, place, {"b.bin": b"b"}, "frozen")


def test_somebody_who_may_not(way, place) -> None:
    place.person = make.user(is_committer=True)
    refused(way, place, {"b.bin": b"b"})
    assert Event.objects.filter(refused=True).exists() or way == "page"
    place.person = make.member(place.release, Role.PARTICIPANT)
    assert WAYS[way](place, {"b.bin": b"b"}) == ""


# --- How much a project holds ---


def test_a_project_that_would_hold_too_much(way, place, settings) -> None:
    settings.PROJECT_QUOTA = 20
    refused(
        *(way, place, {"b.bin": b"x" * 20}),
        *("may hold 20 bytes together", "Delete drafts", "ask the operators"),
    )
    assert WAYS[way](place, {"b.bin": b"x" * 19}) == ""
    place.release.project.upload_quota = 30
    place.release.project.save()
    assert WAYS[way](place, {"c.bin": b"y" * 10}) == ""
