"""Archives that are compared with one another: also where only one of them is new."""

from pathlib import Path

import pytest

from checks.models import Run
from releases.models import Release
from tests import make, signed
from tests.checks.engine import made
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

TREE = {"tool/a": b"1", "tool/b/c": b"2"}


def compared(release: Release) -> dict[str, str]:
    """What a worker finds when it compares the archives, by path; nothing went wrong."""
    run_pending()
    run = Run.objects.get(revision=Release.objects.get(pk=release.pk).newest)
    assert list(run.errors()) == []
    found = run.findings.filter(rule="archive.parity")
    return {each.path: each.level for each in found}


def test_a_new_archive_is_compared_with_one_that_was_examined_before(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    release.add_files({"x-src.tar.gz": make.blob(made.tar(TREE))}, by=make.member(release))
    assert compared(release) == {}
    release.add_files({"x-src.zip": make.blob(made.zipped(TREE))}, by=make.member(release))
    assert compared(release) == {"x-src.tar.gz": "note", "x-src.zip": "note"}
    other = make.blob(made.tar({"tool/a": b"other"}))
    release.add_files({"x-src.tgz": other}, by=make.member(release))
    assert set(compared(release).values()) == {"concern"}
