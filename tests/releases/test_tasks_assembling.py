"""Large uploads in parts: put together by a worker, whatever dies, and told to whoever asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from releases import assembling, resuming
from releases.models import Arrival, Blob, OpenUpload, Release, Revision
from tests import make
from tests.archives import tar_gz
from tests.releases.test_resuming import CONTENT, PART, begin, bytes_of, present, put, sha, wanted
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small(settings) -> None:
    settings.UPLOAD_PART_SIZE, settings.ASSEMBLE_AT_ONCE = PART, PART


@pytest.fixture
def release() -> Release:
    return make.release(files={"a.txt": "a"}, version="1.0")


@pytest.fixture
def member(release) -> Any:
    return make.member(release)


@pytest.fixture
def upload(release, member) -> OpenUpload:
    begun = begin(release, member)
    put(begun, member, 0, 1, 2)
    return begun


def fresh(upload: OpenUpload) -> OpenUpload:
    found = resuming.find(upload.key, upload.begun_by)
    assert found is not None
    return found


def finish(upload: OpenUpload) -> Revision | Arrival | None:
    """As the next request does it."""
    row = fresh(upload)
    return assembling.finish(row, by=row.begun_by)


def jobs() -> list[Job]:
    return list(Job.objects.filter(name="releases.assemble"))


def again() -> None:
    """What is left to do after an attempt that failed."""
    Job.objects.unsettled().update(due_at=now() - timedelta(seconds=1))
    run_pending()


def die(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, *, after: bool) -> None:
    """The next call of it is the last thing that its worker does."""
    plain = getattr(where, name)

    def killed(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(where, name, plain)
        if after:
            plain(*args, **kwargs)
        raise SystemError("as if it were killed")

    monkeypatch.setattr(where, name, killed)


def test_a_large_one_is_answered_at_once_and_put_together_by_a_worker(upload, release) -> None:
    assert finish(upload) is None
    assert (fresh(upload).state, release.revisions.count()) == ("assembling", 1)
    assert finish(upload) is None  # asked again it answers the same
    assert len(jobs()) == 1
    run_pending()
    made = finish(upload)
    assert isinstance(made, Revision)
    assert (fresh(upload).state, made.number, bytes_of(release)) == ("ended", 2, CONTENT)
    assert finish(upload) == made
    assert not upload.folder.exists()


def test_a_small_one_is_ended_while_its_sender_waits(upload, release, settings) -> None:
    settings.ASSEMBLE_AT_ONCE = len(CONTENT)
    assert isinstance(finish(upload), Revision)
    assert not jobs()


def test_what_the_store_has_counts_for_nothing(upload, release, member) -> None:
    finish(upload)
    run_pending()
    other = make.release(release.project, version="2.0")
    known = begin(other, member)
    assert isinstance(assembling.finish(known, by=member), Revision)
    assert len(jobs()) == 1


def test_what_is_missing_is_told_at_once_and_no_worker_is_asked(release, member) -> None:
    upload = begin(release, member)
    put(upload, member, 0, 2)
    with pytest.raises(NotReady, match="missing"):
        finish(upload)
    assert (jobs(), fresh(upload).state) == ([], "open")


def test_an_archive_is_looked_into_after_that(release, member) -> None:
    content = tar_gz()
    upload = begin(release, member, wanted(content, "x-1.0.tar.gz"))
    put(upload, member, *range(-(-len(content) // PART)), content=content)
    assert finish(upload) is None
    run_pending()
    assert isinstance(finish(upload), Arrival)
    assert bytes_of(release, "x-1.0.tar.gz") == content


def test_what_the_worker_refuses_is_told_once_then_it_can_be_tried_anew(release, member) -> None:
    upload = begin(release, member, wanted(CONTENT))
    OpenUpload.objects.filter(pk=upload.pk).update(seen=1)
    put(upload, member, 0, 1, 2)
    finish(upload)
    release.add_files({"c.txt": make.blob("c")}, by=member)
    run_pending()
    row = fresh(upload)
    assert (row.state, "Revision 2 has appeared" in row.problem) == ("refused", True)
    assert Event.objects.filter(refused=True).count() == 1
    with pytest.raises(NotReady, match="Revision 2 has appeared") as error:
        finish(upload)
    assert error.value.obstacles[0].code == "newer_revision"
    assert fresh(upload).state == "open"
    release.refresh_from_db()
    assert begin(release, member).pk == upload.pk
    assert finish(upload) is None
    run_pending()
    assert bytes_of(release) == CONTENT


def test_bytes_that_are_not_what_was_said_are_bad_input(release, member) -> None:
    upload = begin(release, member)
    upload.files.update(sha256=sha(b"else"))
    put(upload, member, 0, 1, 2)
    finish(upload)
    run_pending()
    with pytest.raises(BadInput, match="not what its digest says"):
        finish(upload)
    assert not Blob.objects.filter(sha256=sha(CONTENT)).exists()


def test_a_part_that_the_disk_has_damaged_is_to_come_again(upload, release, member) -> None:
    finish(upload)
    (upload.folder / f"0-1-{sha(CONTENT[10:20])}").write_bytes(b"damaged...")
    run_pending()
    with pytest.raises(NotReady, match=r"parts of b\.bin are missing"):
        finish(upload)
    assert present(upload) == [(0, 2)]
    put(fresh(upload), member, 1)
    finish(upload)
    run_pending()
    assert bytes_of(release) == CONTENT


def test_who_lost_the_right_meanwhile_is_refused_by_the_worker_too(upload, release, member) -> None:
    finish(upload)
    release.committee.memberships.all().delete()
    release.project.committee.memberships.filter(user=member).delete()
    run_pending()
    assert fresh(upload).problems[0][0] == "forbidden"
    assert release.revisions.count() == 1


def test_who_acts_in_anothers_name_stays_in_the_event(upload, release, member) -> None:
    row, officer = fresh(upload), make.user()
    member.acted_by = officer
    assert assembling.finish(row, by=member) is None
    run_pending()
    event = Event.objects.filter(tag=Tag.REVISION_MADE).latest("pk")
    assert event.actor == officer.username
    assert member.username in str(event.facts)


@pytest.mark.parametrize(
    ("where", "name", "after"),
    [
        (assembling, "_whole", False),
        (assembling, "_together", False),
        (assembling, "_together", True),
        (Release, "receive", False),
        (Release, "receive", True),
        (assembling, "_end", True),
        (assembling, "remove_folder", False),
        (assembling, "remove_folder", True),
    ],
)
def test_wherever_the_worker_dies_there_is_one_revision_in_the_end(
    upload, release, monkeypatch, where, name, after
) -> None:
    finish(upload)
    die(monkeypatch, where, name, after=after)
    run_pending()
    again()
    assert (release.revisions.count(), bytes_of(release)) == (2, CONTENT)
    assert [each.state for each in jobs()] == ["done"]
    made = finish(upload)
    assert isinstance(made, Revision)
    assert made.number == 2


def test_done_twice_it_makes_one_revision(upload, release) -> None:
    finish(upload)
    run_pending()
    Job.objects.enqueue("releases.assemble", args={"upload": upload.pk})
    run_pending()
    assert release.revisions.count() == 2
    assert not Job.objects.failed().exists()


def test_a_worker_that_was_taken_over_writes_nothing(upload, release, monkeypatch) -> None:
    finish(upload)
    plain = assembling._together

    def taken_over(*args: Any, **kwargs: Any) -> Blob:
        Job.objects.filter(name="releases.assemble").update(claim="another")
        return plain(*args, **kwargs)

    monkeypatch.setattr(assembling, "_together", taken_over)
    run_pending()
    assert (release.revisions.count(), fresh(upload).ended_at) == (1, None)


def test_one_whose_worker_ended_for_good_can_be_ended_again(upload, release, monkeypatch) -> None:
    finish(upload)

    def broken(*_: Any, **__: Any) -> None:
        raise SystemError("as if it were killed")

    with monkeypatch.context() as patch:
        patch.setattr(assembling, "_together", broken)
        run_pending()
        again()
        again()
    assert [each.state for each in jobs()] == ["failed"]
    assert fresh(upload).state == "refused"
    with pytest.raises(NotReady, match="ended for good"):
        finish(upload)
    assert finish(upload) is None
    run_pending()
    assert bytes_of(release) == CONTENT


def test_cancelled_while_it_is_put_together_it_leaves_nothing(upload, release, monkeypatch) -> None:
    finish(upload)
    folder = upload.folder
    together = assembling._together

    def cancel(*args: Any, **kwargs: Any) -> Blob:
        kept = together(*args, **kwargs)
        resuming.cancel(fresh(upload))
        return kept

    monkeypatch.setattr(assembling, "_together", cancel)
    run_pending()
    assert (release.revisions.count(), folder.exists()) == (1, False)
    assert [each.state for each in jobs()] == ["done"]


def test_while_it_is_put_together_no_other_part_is_taken(upload, member) -> None:
    finish(upload)
    put(fresh(upload), member, 0)  # the same again is no harm
    upload.files.update(size=1000)
    with pytest.raises(Stale, match="being put together"):
        put(fresh(upload), member, 1, content=CONTENT[::-1])


def test_pages_say_how_far_it_is_and_why_it_failed(upload, release, member) -> None:
    visitor = logged_in(member)
    finish(upload)
    OpenUpload.objects.update(bytes_done=12)
    page = visitor.get(release.get_absolute_url()).content.decode()
    assert "An upload is being put together" in page
    assert "An upload of yours has not ended" not in page
    Job.objects.all().delete()
    fresh(upload).record_refused(Stale("It was too late."))
    page = visitor.get(release.get_absolute_url()).content.decode()
    assert "It could not be ended: It was too late." in page
    assert "being put together" not in page
