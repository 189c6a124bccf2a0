"""The job that compares archives: done once, however often it runs."""

import pytest

from checks.models import Comparison
from tests import make
from tests.checks.engine.inside.packed import tar
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)


def asked(old: bytes, new: bytes) -> Comparison:
    release = make.release(files={"old": old, "new": new})
    row = Comparison.objects.of(make.blob(old), make.blob(new), "x.tar.gz")
    return row.ask(release, "x.tar.gz", by=make.member(release))


def test_a_worker_compares_what_was_asked_for() -> None:
    row = asked(tar({"t/a": b"1"}), tar({"t/a": b"2", "t/b": b"3"}))
    run_pending()
    row.refresh_from_db()
    assert (row.state, row.counts) == ("done", {"added": 1, "changed": 1})
    assert [each.path for each in row.lines.all()] == ["b", "a"]


def test_doing_it_again_changes_nothing() -> None:
    row = asked(tar({"t/a": b"1"}), tar({"t/a": b"2"}))
    run_pending()
    event = Event.objects.about(row).get()
    Job.objects.enqueue("checks.compare_archives", args={"event": event.pk})
    run_pending()
    assert row.lines.count() == 1
    assert not Job.objects.failed().exists()


def test_what_cannot_be_read_is_said_and_is_no_failed_job() -> None:
    row = asked(tar({"t/a": b"1"}), b"nothing")
    run_pending()
    row.refresh_from_db()
    assert row.is_failed
    assert "could not be read to its end" in row.problem
    assert not Job.objects.failed().exists()


def test_archives_that_are_gone_end_the_job() -> None:
    row = asked(b"1", b"2")
    row.delete()
    run_pending()
    assert not Job.objects.failed().exists()
