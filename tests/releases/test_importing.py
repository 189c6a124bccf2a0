"""Imports as rows: who may ask, what is kept, and that what comes is one upload."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.models import User
from releases.models import Arrival, Import, Release
from tests import make
from tests.archives import tar_gz
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

URL = "https://dist.apache.org/repos/dist/dev/tool/1.0/"
COMMIT = "a" * 40


@pytest.fixture
def release() -> Release:
    return make.release(files={"a": "1", "b": "2"})


@pytest.fixture
def person(release) -> User:
    return make.member(release)


def asked(release: Release, person: User, **more: str) -> Import:
    return release.import_files(**{"kind": "svn", "url": URL, **more}, by=person)


def fetched(row: Import, *, left_out: tuple[str, ...] = (), **files: bytes | str) -> Import:
    blobs = {name.replace("__", "."): make.blob(content) for name, content in files.items()}
    row.record_fetched(blobs, found="17", left_out=left_out)
    row.refresh_from_db()
    return row


def test_asking_is_written_down_and_a_worker_is_sent(release, person) -> None:
    row = asked(release, person, at="r17", commit=COMMIT, source_tag="v1.0-rc1", folder="/x/")
    assert (row.at, row.folder, row.base) == ("17", "x", 1)
    assert Job.objects.about(row).get().name == "releases.import_files"
    facts = Event.objects.about(row).get().facts
    assert (facts["url"], facts["commit"], facts["source_tag"]) == (URL, COMMIT, "v1.0-rc1")


def test_who_may_not_change_files_cannot_ask(release) -> None:
    with pytest.raises(PermissionDenied):
        asked(release, make.user())
    assert not Import.objects.exists()
    assert Event.objects.latest("pk").refused


def test_frozen_files_and_an_older_look_are_refused(release, person) -> None:
    with pytest.raises(NotReady, match="Revision 1 has appeared"):
        release.import_files("svn", URL, by=person, seen=0)
    frozen = make.vote().release
    with pytest.raises(NotReady, match="are frozen"):
        asked(frozen, make.member(frozen))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "ftp"}, "from svn or from web"),
        ({"url": "https://example.org/x"}, "not imported from example.org"),
        ({"at": "x"}, "is a number, or HEAD"),
        ({"folder": "../x"}, "is not allowed in a path"),
        ({"commit": "abc"}, "full id"),
        ({"source_tag": "a b"}, "A tag is named"),
    ],
)
def test_what_cannot_be_is_refused(release, person, given, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        asked(release, person, **given)


def test_one_at_a_time_and_a_lost_one_gives_way(release, person) -> None:
    row = asked(release, person)
    with pytest.raises(NotReady, match="is being imported"):
        asked(release, person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Import.objects.create(release=release, kind="svn", url=URL, base=1, asked_by=person)
    Job.objects.about(row).delete()
    again = asked(release, person)
    row.refresh_from_db()
    assert (row.state, again.state) == ("failed", "waiting")


def test_what_came_is_one_revision_of_who_asked(release, person) -> None:
    row = fetched(asked(release, person, folder="bin"), x="x", y__txt="y")
    release.refresh_from_db()
    assert {each.path for each in release.newest.entries} == {"a", "b", "bin/x", "bin/y.txt"}
    assert (release.newest.description, release.newest.made_by) == ("Imported 2 files", person)
    assert (row.state, row.number, row.found) == ("done", 2, "17")
    assert row.what == f"{URL}, revision 17"
    assert list(Import.objects.of_revisions([2])) == [row]
    assert Event.objects.filter(tag=Tag.IMPORT_DONE).get().facts["files"] == 2


def test_the_second_time_changes_nothing(release, person) -> None:
    row = asked(release, person)
    fetched(row, x="x")
    fetched(row, y="y")
    assert row.record_failed("too late") is False
    assert release.revisions.count() == 2


def test_with_an_archive_it_is_looked_into_first(release, person) -> None:
    row = fetched(asked(release, person), t__tar__gz=tar_gz())
    arrival = Arrival.objects.get()
    assert (row.state, row.number, row.arrival, arrival.way) == ("done", None, arrival, "import")
    arrival.record_admitted()
    assert Import.objects.get().number == 2
    assert list(Import.objects.of_revisions([2])) == [row]


def test_what_somebody_has_done_meanwhile_stays(release, person) -> None:
    row = asked(release, person)
    release.add_files({"c": make.blob("theirs")}, by=make.member(release))
    fetched(row, x="x")
    release.refresh_from_db()
    assert {each.path for each in release.newest.entries} == {"a", "b", "c", "x"}


def test_a_file_that_somebody_has_changed_meanwhile_refuses_all_of_it(release, person) -> None:
    row = asked(release, person)
    release.add_files({"a": make.blob("theirs")}, by=make.member(release))
    row = fetched(row, a="ours", x="x")
    assert row.is_failed
    assert "a was changed by" in row.problem
    assert release.revisions.count() == 2
    assert Event.objects.filter(tag=Tag.IMPORT_FAILED).exists()


def test_who_may_no_longer_change_files_brings_none(release, person) -> None:
    row = asked(release, person)
    release.committee.remove_member(person, "member", by=make.member(release))
    row = fetched(Import.objects.get(pk=row.pk), x="x")
    assert row.is_failed
    assert release.revisions.count() == 1


def test_files_that_are_there_already_make_no_revision(release, person) -> None:
    row = fetched(asked(release, person), a="1")
    assert row.is_failed
    assert "Nothing changes" in row.problem


def test_what_was_left_out_is_kept_by_name_up_to_a_few(release, person) -> None:
    row = fetched(asked(release, person), left_out=tuple(f".h{n:02}" for n in range(30)), x="x")
    assert (len(row.left_out), row.left_out_count) == (20, 30)
