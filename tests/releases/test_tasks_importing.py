"""The job that imports: to its end, twice, and when it is cut."""

from collections.abc import Iterator

import pytest

from releases.importing import run
from releases.models import Import, Release
from tests import make
from tests.archives import tar_gz
from tests.releases.importing import servers
from tests.releases.importing.servers import Web, listing, page
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(settings) -> Iterator[Web]:
    with servers.web() as made:
        settings.IMPORT_HOSTS, settings.IMPORT_PRIVATE = [made.host], True
        settings.IMPORT_SCHEMES = ["http"]
        made.pages |= {"/r/": listing("x", "y"), "/r/x": page(b"x"), "/r/y": page(b"y")}
        yield made


@pytest.fixture
def release() -> Release:
    return make.release(files={"a": "a"})


def asked(release: Release, web: Web, path: str = "/r/") -> Import:
    return release.import_files("web", web.url + path, by=make.member(release))


def test_what_is_there_becomes_one_revision(release, web) -> None:
    row = asked(release, web)
    run_pending()
    row.refresh_from_db()
    release.refresh_from_db()
    assert (row.state, row.number) == ("done", 2)
    assert {each.path for each in release.newest.entries} == {"a", "x", "y"}


def test_an_archive_is_looked_into_like_any_other(release, web) -> None:
    web.pages |= {"/r/": listing("t.tar.gz"), "/r/t.tar.gz": page(tar_gz("../evil"))}
    asked(release, web)
    run_pending()
    arrival = release.arrivals.get()
    assert (arrival.state, arrival.way) == ("refused", "import")
    assert release.revisions.count() == 1


def test_doing_it_twice_makes_one_revision(release, web) -> None:
    row = asked(release, web)
    event = Event.objects.about(row).get()
    run_pending()
    Job.objects.enqueue("releases.import_files", args={"event": event.pk})
    run_pending()
    assert release.revisions.count() == 2
    assert not Job.objects.failed().exists()


def test_one_that_died_after_all_had_come_leaves_nothing_and_is_done_again(
    release, web, monkeypatch
) -> None:
    row = asked(release, web)
    plain = Import.record_fetched

    def killed(*args, **kwargs):
        monkeypatch.setattr(Import, "record_fetched", plain)
        raise SystemError("as if it were killed")

    monkeypatch.setattr(Import, "record_fetched", killed)
    run_pending()
    assert release.revisions.count() == 1
    Job.objects.about(row).update(due_at=row.asked_at)
    run_pending()
    row.refresh_from_db()
    assert (row.state, release.revisions.count()) == ("done", 2)


def test_what_will_not_get_better_is_told_at_once(release, web) -> None:
    row = asked(release, web, "/gone/")
    run_pending()
    row.refresh_from_db()
    assert row.is_failed
    assert "There is nothing at" in row.problem
    assert Job.objects.about(row).get().attempts == 1


def test_what_may_get_better_is_tried_again_and_then_told(release, web, monkeypatch) -> None:
    row = asked(release, web)

    def busy(*_):
        raise run.Problem("It is busy.", again=True)

    monkeypatch.setattr(run, "fetch", busy)
    for _ in range(3):
        run_pending()
        Job.objects.about(row).unsettled().update(due_at=row.asked_at)
    row.refresh_from_db()
    assert (row.is_failed, row.problem) == (True, "It is busy.")


def test_a_draft_that_was_deleted_meanwhile_ends_it(release, web) -> None:
    asked(release, web)
    release.delete_draft(by=make.member(release))
    run_pending()
    assert not Job.objects.failed().exists()
