"""What a row about a generated file says, and keeps."""

import pytest
from django.db import IntegrityError, transaction

from releases.models import Generated
from releases.models.generated import outdated
from tests import make
from trusted_releases.ledger.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> Generated:
    release = make.release(files={"a.zip": "bytes"})
    return release.generate_sbom("a.zip", by=make.member(release))


def test_it_says_what_it_is(row):
    assert str(row) == f"a.zip.cdx.json of {row.release}"
    assert (row.is_waiting, row.is_in_hand, row.is_failed) == (True, True, False)


def test_progress_is_for_the_page_only(row):
    row.record_progress(7, 10)
    row.refresh_from_db()
    assert row.bytes_done == 7


def test_a_failure_is_told_once(row):
    assert row.record_failed("x" * 5_000)
    assert not row.record_failed("again")
    assert len(row.problem) == 1_000


def test_who_lost_all_workers_is_in_nobodys_hands(row):
    Job.objects.update(state=Job.State.FAILED)
    assert not row.is_in_hand


def test_two_at_once_are_stopped_by_the_database(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        Generated.objects.create(release=row.release, path="a.zip", input=row.input)


def test_what_was_made_is_kept(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        Generated.objects.filter(pk=row.pk).update(state="made")


def test_it_goes_with_its_draft(row):
    row.release.delete_draft(by=make.member(row.release))
    assert not Generated.objects.exists()


def test_only_a_file_beside_another_archive_is_outdated(row):
    output, other = make.blob("{}"), make.blob("other")
    row.output = output
    files = {"a.zip": row.input, "a.zip.cdx.json": output}
    assert outdated([row], files) == []
    assert outdated([row], {"a.zip.cdx.json": output}) == []
    assert outdated([row], {"a.zip": other, "sbom.json": output}) == []
    (found,) = outdated([row], files | {"a.zip": other})
    assert found.code == "regenerate"
    assert outdated([], files | {"a.zip": other}) == []
