"""The jobs about candidates from elsewhere: each may run twice, and may die at any line."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from checks import review_files, reviewing, tasks_review
from checks.models import Review
from releases.models import Blob
from tests import make
from tests.checks.reviewed import FILES, asked, done, stored
from tests.releases.importing import servers
from tests.releases.importing.servers import Web, listing, page
from trusted_releases.ledger.claim import RunningJob, take
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run as run_job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """As if the worker's process had ended at this very line."""


@pytest.fixture(autouse=True)
def _nothing_left_of_other_tests() -> None:
    for key in review_files.folders():
        review_files.remove(key)


@pytest.fixture
def web(settings) -> Iterator[Web]:
    with servers.web() as made:
        settings.IMPORT_HOSTS, settings.IMPORT_SCHEMES = [made.host], ["http"]
        settings.IMPORT_PRIVATE = True
        made.pages |= {"/rc/": listing(*FILES)}
        made.pages |= {f"/rc/{name}": page(content) for name, content in FILES.items()}
        yield made


def sweep() -> dict[str, Any]:
    result = enqueue("checks.sweep_reviews")
    run_pending()
    found: dict[str, Any] = Job.objects.get(pk=result.pk).result
    return found


def old(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of this key has been there for a day."""
    known = review_files.newest
    monkeypatch.setattr(
        review_files,
        "newest",
        lambda each: now() - timedelta(days=1) if each == key else known(each),
    )


def jobs_of(row: Review) -> list[str]:
    return list(Job.objects.about(row).order_by("pk").values_list("name", flat=True))


def test_what_was_sent_is_checked_and_its_files_are_gone() -> None:
    row = done()
    assert row.state == "done"
    assert [each.path for each in row.found.files] == sorted(FILES)
    assert row.counts == row.found.counts
    assert row.expires_at - row.asked_at == timedelta(days=7)
    assert review_files.folders() == []
    assert jobs_of(row) == ["checks.review"]
    event = Event.objects.get(tag=Tag.REVIEW_DONE)
    assert (event.actor, event.facts["files"]) == ("", 2)


def test_what_is_large_waits_among_its_like(monkeypatch) -> None:
    monkeypatch.setattr(tasks_review, "QUICK", 10)
    row = done()
    assert row.state == "done"
    assert jobs_of(row) == ["checks.review", "checks.check_review"]
    assert Job.objects.get(name="checks.check_review").queue == "heavy"


def test_what_is_at_an_address_is_fetched_and_checked(web) -> None:
    row = done(url=f"{web.url}/rc/")
    assert (row.state, row.file_count) == ("done", 2)
    assert [each.path for each in row.found.files] == sorted(FILES)
    assert jobs_of(row) == ["checks.review", "checks.fetch_review", "checks.check_review"]
    assert Job.objects.get(name="checks.fetch_review").queue == "source"
    assert review_files.folders() == []
    assert not Blob.objects.exists()


def test_what_cannot_be_fetched_says_why_and_is_no_failed_job(web) -> None:
    row = done(url=f"{web.url}/elsewhere/")
    assert row.state == "failed"
    assert "There is nothing at" in row.problem
    assert review_files.folders() == []
    assert not Job.objects.failed().exists()


def test_a_server_that_is_busy_is_asked_again_and_operators_read_no_address(web) -> None:
    def busy(handler: Any) -> None:
        handler.send_error(503)

    web.pages["/rc/"] = busy
    row = done(url=f"{web.url}/rc/")
    job = Job.objects.get(name="checks.fetch_review")
    assert (row.state, job.state) == ("fetching", Job.State.QUEUED)
    assert web.url not in job.error + job.log
    for _ in range(2):
        Job.objects.filter(pk=job.pk).update(due_at=now())
        run_pending()
    row.refresh_from_db()
    assert row.state == "failed"
    assert "busy" in row.problem


@pytest.mark.parametrize("name", ["checks.fetch_review", "checks.check_review"])
def test_a_job_that_runs_twice_does_nothing_more(web, name: str) -> None:
    row = done(url=f"{web.url}/rc/")
    asked_for, report = len(web.asked), bytes(row.report)
    again = enqueue(name, subject=row, review=row.pk)
    run_pending()
    again.refresh_from_db()
    assert again.result == {"settled": True}
    row.refresh_from_db()
    assert (len(web.asked), bytes(row.report)) == (asked_for, report)
    assert Event.objects.filter(tag=Tag.REVIEW_DONE).count() == 1


def test_the_first_job_hands_on_once_however_often_it_runs(web) -> None:
    row = asked(url=f"{web.url}/rc/")
    event = Event.objects.get(tag=Tag.REVIEW_ASKED).pk
    for _ in range(2):
        enqueue("checks.review", event=event)
    run_pending()
    assert Job.objects.filter(name="checks.fetch_review").count() == 1
    row.refresh_from_db()
    assert row.state == "done"


STEPS = [
    (Review, "record_begun"),
    (reviewing, "fetch"),
    (Review, "record_fetched"),
    (tasks_review, "_enqueue"),
    (reviewing, "check"),
    (Review, "record_done"),
    (review_files, "remove"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("where", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_worker_that_dies_at_any_step_is_taken_over(web, monkeypatch, where, step, after) -> None:
    """Before the step or after it: the next worker comes to the same end, and nothing is left."""
    real, died = getattr(where, step), []

    def dies(*args: Any, **kwargs: Any) -> Any:
        if not died:
            died.append(True)
            if after:
                real(*args, **kwargs)
            raise Killed
        return real(*args, **kwargs)

    row = asked(url=f"{web.url}/rc/")
    monkeypatch.setattr(where, step, dies)
    for _ in range(6):
        for job in Job.objects.unsettled().filter(name__startswith="checks.").order_by("pk"):
            try:
                run_job(job.pk)
            except Killed:
                late = now() - timedelta(minutes=5)
                Job.objects.filter(pk=job.pk).update(state="running", lease_until=late)
    assert died
    row.refresh_from_db()
    assert row.state == "done"
    assert [each.path for each in row.found.files] == sorted(FILES)
    assert Event.objects.filter(tag=Tag.REVIEW_DONE).count() == 1
    sweep()
    assert review_files.folders() == []


def test_a_worker_that_was_overtaken_writes_nothing(monkeypatch) -> None:
    row = asked()
    job = Job.objects.get(name="checks.review")
    real = reviewing.check

    def overtaken(*args: Any) -> Any:
        report = real(*args)
        Job.objects.filter(pk=job.pk).update(lease_until=now() - timedelta(minutes=1))
        assert isinstance(take(job.pk), RunningJob)
        return report

    monkeypatch.setattr(reviewing, "check", overtaken)
    run_job(job.pk)
    row.refresh_from_db()
    assert (row.state, row.report) == ("checking", None)


def test_one_that_is_deleted_while_it_is_checked_leaves_nothing(monkeypatch) -> None:
    row = asked()
    real = reviewing.check

    def deleted(*args: Any) -> Any:
        Review.objects.get().discard(by=row.owner)
        stored(row.key, FILES)  # what a slower worker would still put there
        return real(*args)

    monkeypatch.setattr(reviewing, "check", deleted)
    run_pending()
    assert not Review.objects.exists()
    assert review_files.folders() == []
    assert not Job.objects.failed().exists()


def test_one_that_is_deleted_before_it_is_begun_is_not_begun() -> None:
    row = asked()
    row.discard(by=row.owner)
    run_pending()
    assert not Job.objects.failed().exists()
    assert not Event.objects.filter(tag=Tag.REVIEW_DONE).exists()


def test_what_has_expired_is_deleted_with_its_files_and_what_has_not_stays() -> None:
    ended, waiting, fresh = done(), asked(), done()
    late = [ended.pk, waiting.pk]
    Review.objects.filter(pk__in=late).update(expires_at=now() - timedelta(seconds=1))
    Job.objects.all().delete()
    assert sweep() == {"expired": 2, "lost": 0, "folders": 0}
    assert list(Review.objects.all()) == [fresh]
    assert review_files.folders() == []
    told = Event.objects.filter(tag=Tag.REVIEW_DELETED)
    assert {each.facts["why"] for each in told} == {"it has expired"}
    assert sweep() == {"expired": 0, "lost": 0, "folders": 0}


def test_one_that_lost_its_worker_is_ended_and_one_that_waits_is_not() -> None:
    lost, waiting = asked(), asked()
    Job.objects.about(lost).update(state=Job.State.FAILED)
    Job.objects.about(waiting).update(due_at=now() + timedelta(hours=1))
    assert sweep()["lost"] == 1
    lost.refresh_from_db()
    waiting.refresh_from_db()
    assert (lost.state, waiting.state) == ("failed", "waiting")
    assert review_files.folders() == [waiting.key]


def test_folders_without_a_review_go_when_nobody_can_be_about_to_write_its_row(monkeypatch) -> None:
    stored("a" * 32, FILES)
    stored("b" * 32, FILES)
    old("b" * 32, monkeypatch)
    assert sweep()["folders"] == 1
    assert review_files.folders() == ["a" * 32]
    review_files.remove("a" * 32)


def test_the_files_of_an_account_that_is_gone_go_with_the_sweep(monkeypatch) -> None:
    owner = make.user()
    row = asked(owner)
    owner.delete()
    old(row.key, monkeypatch)
    run_pending()
    assert sweep()["folders"] == 1
    assert review_files.folders() == []


def test_a_folder_that_could_not_be_removed_goes_with_the_next_sweep(monkeypatch) -> None:
    real = review_files.remove
    monkeypatch.setattr(review_files, "remove", lambda key: None)
    row = done()
    assert review_files.folders() == [row.key]
    monkeypatch.setattr(review_files, "remove", real)
    assert sweep()["folders"] == 1
    assert review_files.folders() == []
