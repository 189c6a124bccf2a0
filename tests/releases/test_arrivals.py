"""Archives on their way into a release."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.db import transaction
from django.utils.timezone import now

from projects.roles import Role
from releases.models import Arrival, Blob, Release, Revision, Way
from releases.phases import Verdict
from tests import make
from tests.archives import tar_gz
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.models.job import JobManager
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db

PATH = "apache-tool-1.0-src.tar.gz"


@pytest.fixture
def draft():
    return make.release(make.project("tool"), version="1.0", files={"a.txt": "a"})


@pytest.fixture
def member(draft):
    return make.member(draft.project, username="alice")


def send(draft: Release, member, content: bytes = b"", path: str = PATH, **more) -> Arrival:
    return take(draft, member, {path: content or tar_gz()}, **more)


def take(draft: Release, member, changes: dict, **more) -> Arrival | Revision:
    blobs = {path: None if each is None else make.blob(each) for path, each in changes.items()}
    return draft.receive(blobs, by=member, way=Way.API, **more)


def blob_of(arrival: Arrival) -> Blob:
    return arrival.files.get().held_blob


def fails(*given, **named) -> None:
    raise ZeroDivisionError


def there(blob: Blob) -> bool:
    return Path(storages["blobs"].path(Blob.name_for(blob.sha256))).exists()


def test_an_archive_waits_and_changes_no_file(draft, member) -> None:
    arrival = send(draft, member)
    assert (arrival.state, arrival.revision) == (Arrival.State.WAITING, None)
    draft.refresh_from_db()
    assert draft.last_revision == 1
    event = Event.objects.get(tag=Tag.ARCHIVE_RECEIVED)
    assert (event.actor, event.facts["path"], event.release) == ("alice", PATH, str(draft.pk))
    assert Job.objects.get(name="checks.admit").args == {"event": event.pk}


def test_one_whose_worker_is_lost_holds_up_nobody_and_can_be_sent_again(draft, member) -> None:
    first = send(draft, member)
    assert [each.code for each in draft.arrival_obstacles()] == ["archive_waits"]
    Job.objects.filter(name="checks.admit").update(state="failed")
    assert list(draft.arrival_obstacles()) == []
    second = send(draft, member)
    assert second != first
    assert [each.code for each in draft.arrival_obstacles()] == ["archive_waits"]
    run_pending()
    second.refresh_from_db()
    assert second.state == Arrival.State.ADMITTED


def test_one_that_is_safe_becomes_a_revision_of_who_sent_it(draft, member) -> None:
    arrival = send(draft, member)
    run_pending()
    arrival.refresh_from_db()
    assert (arrival.state, arrival.revision) == (Arrival.State.ADMITTED, 2)
    revision = draft.newest
    assert revision.made_by == member
    assert [entry.path for entry in revision.entries] == ["a.txt", PATH]
    assert revision.description == f"Uploaded {PATH}"
    assert revision.verdict != Verdict.PENDING


def test_a_revision_is_never_there_without_the_jobs_of_its_checks(
    draft, member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction makes both, so that who polls never sees that nothing is going on."""
    arrival = send(draft, member)
    with monkeypatch.context() as broken:
        broken.setattr(JobManager, "enqueue", fails)
        for make_one in (
            arrival.record_admitted,
            lambda: draft.add_files({"b.txt": make.blob("b")}, by=member),
        ):
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                make_one()
            assert list(draft.revisions.values_list("number", flat=True)) == [1]
    arrival.record_admitted()
    assert Job.objects.about(draft.newest).unsettled().count() == 1


def test_it_merges_with_what_came_meanwhile(draft, member) -> None:
    send(draft, member, seen=1)
    draft.add_files({"b.txt": make.blob("b")}, by=member)
    run_pending()
    assert [entry.path for entry in draft.newest.entries] == ["a.txt", PATH, "b.txt"]


HOSTILE = [
    (tar_gz("../outside"), "outside"),
    (tar_gz("/etc/passwd"), "passwd"),
    (b"no archive at all", ""),
    (tar_gz(content=b"x" * 100_000)[:60], ""),
]


@pytest.mark.parametrize(("content", "told"), HOSTILE)
def test_one_that_is_not_is_refused_and_nothing_is_kept(draft, member, content, told) -> None:
    arrival = send(draft, member, content)
    blob = blob_of(arrival)
    assert there(blob)
    run_pending()
    arrival.refresh_from_db()
    assert (arrival.state, arrival.files.get().blob) == (Arrival.State.REFUSED, None)
    assert told in arrival.problem
    event = Event.objects.get(tag=Tag.ARCHIVE_REFUSED)
    assert event.facts["problem"] == arrival.problem
    draft.refresh_from_db()
    assert draft.last_revision == 1
    assert not Blob.objects.filter(pk=blob.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_its_bytes_go_with_the_row(draft, member) -> None:
    arrival = send(draft, member, b"no archive")
    blob = blob_of(arrival)
    arrival.record_refused({PATH: "It is none."})
    assert not there(blob)


def test_bytes_that_others_have_stay(draft, member) -> None:
    content = b"no archive"
    draft.add_files({"c.txt": make.blob(content)}, by=member)
    arrival = send(draft, member, content)
    blob = blob_of(arrival)
    arrival.record_refused({PATH: "It is none."})
    assert Blob.objects.filter(pk=blob.pk).exists()
    assert there(blob)


def test_bytes_that_were_there_long_before_stay(draft, member) -> None:
    arrival = send(draft, member)
    Blob.objects.filter(pk=blob_of(arrival).pk).update(created_at=now() - timedelta(days=1))
    arrival = Arrival.objects.get()
    arrival.record_refused({PATH: "For some reason."})
    assert Blob.objects.filter(sha256=make.blob(tar_gz()).sha256).exists()


def test_saying_it_twice_changes_nothing(draft, member) -> None:
    arrival = send(draft, member)
    arrival.record_admitted()
    arrival.record_admitted()
    arrival.record_refused({PATH: "Too late."})
    draft.refresh_from_db()
    assert (draft.last_revision, arrival.state) == (2, Arrival.State.ADMITTED)
    event = Event.objects.get(tag=Tag.ARCHIVE_RECEIVED)
    Job.objects.enqueue("checks.admit", args={"event": event.pk})
    run_pending()
    assert Event.objects.filter(tag=Tag.REVISION_MADE).count() == 2


def test_the_same_again_while_it_waits_is_one(draft, member) -> None:
    assert send(draft, member) == send(draft, member)
    assert Event.objects.filter(tag=Tag.ARCHIVE_RECEIVED).count() == 1
    run_pending()
    with pytest.raises(BadInput, match="byte for byte"):
        send(draft, member)


def test_of_two_for_one_path_the_later_counts_whichever_is_ready_first(draft, member) -> None:
    first, second = send(draft, member), send(draft, member, tar_gz(content=b"better"))
    second.record_admitted()
    first.record_admitted()
    assert (first.state, second.state) == (Arrival.State.REFUSED, Arrival.State.ADMITTED)
    assert "Sent again since" in first.problem
    assert draft.newest.entries.get(path=PATH).blob == blob_of(second)


def test_what_comes_too_late_is_refused(draft, member) -> None:
    arrival = send(draft, member)
    make.checked(draft.newest)
    Arrival.objects.update(state=Arrival.State.REFUSED)
    make.vote(draft)
    Arrival.objects.update(state=Arrival.State.WAITING)
    arrival.record_admitted()
    assert "frozen" in arrival.problem


def test_no_vote_begins_while_one_waits(draft, member) -> None:
    make.checked(draft.newest)
    send(draft, member)
    with pytest.raises(NotReady, match="received, and being looked at"):
        make.vote(draft, by=member)


def test_a_draft_that_is_deleted_takes_it_along(draft, member) -> None:
    send(draft, member)
    draft.delete_draft(by=member)
    run_pending()
    assert not Arrival.objects.exists()
    assert not Job.objects.failed().exists()


def test_a_draft_that_is_deleted_meanwhile_is_no_failure(draft, member) -> None:
    arrival = send(draft, member)
    draft.delete_draft(by=member)
    with pytest.raises(Stale):
        arrival.record_admitted()


def test_who_may_not_change_files_sends_none(draft) -> None:
    for person in (make.user(), make.user(is_committer=True)):
        with pytest.raises(PermissionDenied):
            send(draft, person)
    assert not Arrival.objects.exists()
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 2
    send(draft, make.member(draft.project, Role.PARTICIPANT))


@pytest.mark.parametrize("path", ["", "../a.zip", "/a.zip", ".hidden.zip", "a\u202e.zip"])
def test_a_name_that_no_file_may_have_is_refused(draft, member, path: str) -> None:
    with pytest.raises(BadInput):
        send(draft, member, path=path)


def test_a_file_cannot_lie_below_another(draft, member) -> None:
    with pytest.raises(BadInput, match="cannot lie below"):
        send(draft, member, path="a.txt/b.zip")


def test_who_has_seen_another_revision_is_stale(draft, member) -> None:
    with pytest.raises(NotReady, match="Revision 1 has appeared"):
        send(draft, member, seen=7)
