"""Rows that wait for a worker: settled once, and lost ones are known."""

import pytest

from releases.models import Generated, Source
from releases.models.awaited import LONGEST_PROBLEM, LOST
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db
PATH = "apache-x-1.0.tar.gz"


@pytest.fixture
def row() -> Generated:
    release = make.release(files={PATH: "bytes"})
    return release.generate_sbom(PATH, by=make.member(release))


def test_it_waits_and_is_in_hand_while_there_is_a_job(row) -> None:
    assert (row.is_waiting, row.is_in_hand, row.is_failed) == (True, True, False)
    Job.objects.about(row).update(state=Job.State.FAILED)
    assert (row.is_waiting, row.is_in_hand) == (True, False)


def test_it_fails_once_and_says_why(row) -> None:
    second = Generated.objects.get(pk=row.pk)
    assert row.record_failed("Too\0 large." + "x" * 2_000)
    assert not second.record_failed("Another reason.")
    row.refresh_from_db()
    assert row.is_failed
    assert not row.is_in_hand
    assert row.problem.startswith("Too")
    assert "\0" not in row.problem
    assert len(row.problem) <= LONGEST_PROBLEM
    assert row.finished_at is not None
    assert Event.objects.filter(tag=Tag.SBOM_FAILED).count() == 1


def test_what_was_settled_meanwhile_is_not_settled_again(row) -> None:
    Generated.objects.filter(pk=row.pk).update(state=Generated.State.FAILED, problem="Before.")
    assert row.is_waiting  # as it was read
    with row.settling() as waits:
        assert not waits
    assert row.problem == "Before."


def test_one_whose_worker_was_lost_says_so(row) -> None:
    with row.release.held():
        row.settle_lost()
    row.refresh_from_db()
    assert (row.is_failed, row.problem) == (True, LOST)


def test_what_waits_in_another_way_is_asked_the_same() -> None:
    source = Source(state=Source.State.FETCHED)
    assert (source.is_waiting, source.is_failed) == (False, False)
    source.state = Source.State.FAILED
    assert source.is_failed
