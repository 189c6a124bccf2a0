"""Jobs about releases: each may run twice, and then does nothing more."""

import os
import time
from pathlib import Path

import pytest

from releases import publishing
from releases.models import Entry, Publication
from tests import make
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.registry import known_schedules
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication() -> Publication:
    made = make.publication()
    Job.objects.exclude(name="releases.publish").delete()
    return made


def test_a_publication_is_carried_out_and_a_second_job_finds_it_done(publication) -> None:
    event = Event.objects.get(tag=Tag.PUBLICATION_STARTED)
    enqueue("releases.publish", event=event.pk)
    assert run_pending("heavy") == 2
    first, second = Job.objects.filter(name="releases.publish").order_by("pk")
    publication.refresh_from_db()
    assert first.result == {"location": publication.location}
    assert second.result == {"already": "done"}
    assert Event.objects.filter(tag=Tag.RELEASE_PUBLISHED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_mended_by_trying_again_fails_at_once_and_can_be_begun_again(
    publication,
) -> None:
    files = Entry.objects.filter(release=publication.release)
    files.update(path="evil")
    run_pending()
    job = Job.objects.get()
    publication.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.FAILED, 1)
    assert job.error == publication.error
    assert "database was changed from outside" in job.error
    assert publication.state == Publication.State.FAILED
    assert Event.objects.filter(tag=Tag.PUBLICATION_FAILED).count() == 1

    files.update(path="apache-x-1.0.tar.gz")
    publication.release.publish(by=make.member(publication))
    run_pending()
    publication.refresh_from_db()
    assert (publication.state, publication.error) == (Publication.State.DONE, "")


def test_a_job_of_a_publication_that_has_failed_does_not_look_done(publication) -> None:
    publication.record_failed("Restore the blob from a backup.")
    run_pending()
    job = Job.objects.get(name="releases.publish")
    assert job.state == Job.State.FAILED
    assert "publish again" in job.error


def test_a_worker_that_was_taken_over_fails_no_publication(publication, monkeypatch) -> None:
    def impossible(*args: object) -> str:
        Job.objects.update(claim="another")
        raise publishing.Impossible("The blob is damaged.")

    monkeypatch.setattr(publishing, "materialise", impossible)
    run_pending()
    publication.refresh_from_db()
    assert (publication.state, publication.error) == (Publication.State.RUNNING, "")
    assert not Event.objects.filter(tag=Tag.PUBLICATION_FAILED).exists()


def test_what_uploads_left_behind_is_removed_after_a_day(settings, tmp_path: Path) -> None:
    settings.SCRATCH_DIR = tmp_path
    for name, age in {"old": 25 * 3600, "young": 23 * 3600}.items():
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (0, time.time() - age))
    (tmp_path / "directory").mkdir()
    job = enqueue("releases.clean_scratch")
    run_pending()
    job.refresh_from_db()
    assert job.result == {"removed": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "young"]
    assert "releases.clean_scratch" in {each.name for each in known_schedules()}
