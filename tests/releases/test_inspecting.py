"""What is stored is read back in portions, and what came of it is kept."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.utils.timezone import now

from releases import inspecting
from releases.models import Blob
from tests import make
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Inspection, Job
from trusted_releases.ledger.registry import known_schedules
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def blobs() -> list[Blob]:
    """Four of ten bytes each, read longer ago the later they came."""
    made = [make.blob(f"portion {number}\n") for number in range(4)]
    for age, blob in enumerate(made):
        Blob.objects.filter(pk=blob.pk).update(verified_at=now() - timedelta(days=age))
    return made


def verified_today() -> set[int]:
    recent = Blob.objects.filter(verified_at__gt=now() - timedelta(minutes=1))
    return set(recent.values_list("pk", flat=True))


def test_those_of_longest_ago_come_first_and_the_budget_ends_it(blobs: list[Blob]) -> None:
    Blob.objects.filter(pk=blobs[0].pk).update(verified_at=now() - timedelta(hours=1))
    done = inspecting.verify_blobs(print, budget=11)
    assert (done.looked_at, done.size, done.problems) == (2, 20, 0)
    assert verified_today() == {blobs[3].pk, blobs[2].pk}


def test_without_a_budget_all_are_read(blobs: list[Blob]) -> None:
    assert inspecting.verify_blobs(print).looked_at == 4
    assert verified_today() == {each.pk for each in blobs}


def test_a_job_that_was_taken_over_stops(blobs: list[Blob]) -> None:
    assert inspecting.verify_blobs(print, budget=99, go_on=lambda: False).looked_at == 0


def test_a_damaged_one_is_told_and_comes_first_until_it_is_mended(blobs: list[Blob]) -> None:
    file = Path(storages["blobs"].path(blobs[3].name))
    file.chmod(0o644)
    file.write_bytes(b"xxxxxxxxxx")
    told: list[str] = []
    try:
        for _ in range(2):
            done = inspecting.verify_blobs(told.append, budget=10)
            assert (done.looked_at, done.problems) == (1, 1)
            assert done.found == [told[-1]]
    finally:
        file.unlink()
    assert told[0].startswith(f"damaged  {blobs[3].sha256}")
    assert inspecting.verify_blobs(told.append, budget=10).found[0].startswith("missing")


def test_many_small_files_end_a_portion_too(blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MOST", 3)
    monkeypatch.setattr(inspecting, "ROWS", 2)
    assert inspecting.verify_blobs(print, budget=1 << 30).looked_at == 3
    assert inspecting.verify_blobs(print).looked_at == 4


def test_how_much_is_stored_is_kept_once(blobs: list[Blob]) -> None:
    publication = make.publication()
    publication.record_published("tool/1.0")
    inspecting.measure()
    kept = inspecting.measure()
    assert Inspection.objects.get() == kept
    assert kept.looked_at == Blob.objects.count()
    assert kept.size == sum(Blob.objects.values_list("size", flat=True))
    revision = publication.release.voted
    assert kept.figures == {
        "published": 1,
        "published_files": revision.file_count,
        "published_bytes": revision.total_size,
    }


def test_a_download_area_that_lacks_a_release_is_a_problem() -> None:
    publication = make.publication()
    publication.record_published("tool/1.0")
    told: list[str] = []
    done = inspecting.verify_published(told.append)
    assert (done.kind, done.looked_at, done.problems) == ("published", 1, 1)
    assert told[0].startswith(str(publication.release))


@pytest.mark.django_db(transaction=True)
def test_workers_do_it_by_the_clock(blobs: list[Blob], settings) -> None:
    settings.VERIFY_BYTES = 20
    names = ["releases.verify_blobs", "releases.verify_published", "releases.measure"]
    assert set(names) <= {each.name for each in known_schedules()}
    for name in names:
        enqueue(name)
    run_pending("heavy")
    run_pending()
    assert not Job.objects.exclude(state="done").exists()
    assert Job.objects.get(name=names[0]).result == {"files": 2, "bytes": 20, "problems": 0}
    assert set(Inspection.objects.values_list("kind", flat=True)) == {
        *("blobs", "published", "storage"),
    }
