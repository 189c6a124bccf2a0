"""Commands for operators: reading everything back, and making the download area again."""

import shutil
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from releases.models import Blob, Publication
from releases.publishing import Area
from tests import make
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)


def published() -> Publication:
    publication = make.publication(make.passed(make.candidate(files={"x-1.0.tar.gz": "voted"})))
    run_pending("heavy")
    publication.refresh_from_db()
    assert publication.state == Publication.State.DONE
    return publication


def file_of(blob: Blob) -> Path:
    return Path(storages["blobs"].path(blob.name))


class TestVerifyBlobs:
    def test_it_is_content_when_all_is_right(self, capsys):
        published()
        call_command("verify_blobs")
        said = capsys.readouterr().out
        assert "1 published releases: 1 are right." in said

    def test_a_damaged_blob_is_named_with_its_use(self, capsys):
        release = make.candidate(files={"y-2.0.tar.gz": "to be damaged"})
        blob = release.newest.entries.get().blob
        file_of(blob).chmod(0o644)
        file_of(blob).write_bytes(b"something else")
        try:
            with pytest.raises(SystemExit):
                call_command("verify_blobs")
        finally:
            file_of(blob).unlink()
        said = capsys.readouterr().err
        assert f"damaged  {blob.sha256}" in said
        assert "y-2.0.tar.gz" in said

    def test_a_missing_blob_is_named(self, capsys):
        release = make.candidate(files={"z-2.0.tar.gz": "to be lost"})
        blob = release.newest.entries.get().blob
        file_of(blob).unlink()
        with pytest.raises(SystemExit):
            call_command("verify_blobs")
        assert f"missing  {blob.sha256}" in capsys.readouterr().err

    def test_a_changed_download_is_named(self, capsys):
        home = Area.configured().home_of(published().release)
        (home / "x-1.0.tar.gz").chmod(0o644)
        (home / "x-1.0.tar.gz").write_text("not what was voted")
        with pytest.raises(SystemExit):
            call_command("verify_blobs", published=True)
        assert "is not the voted file" in capsys.readouterr().err
        shutil.rmtree(home)


class TestRebuildDownloads:
    def test_what_is_missing_comes_back_as_it_was_voted(self, capsys):
        publication = published()
        home = Area.configured().home_of(publication.release)
        shutil.rmtree(home)
        call_command("rebuild_downloads")
        assert (home / "x-1.0.tar.gz").read_text() == "voted"
        assert f"rebuilt  {publication.location}" in capsys.readouterr().out

    def test_what_is_there_is_left_alone(self, capsys):
        publication = published()
        home = Area.configured().home_of(publication.release)
        before = (home / "x-1.0.tar.gz").stat().st_mtime_ns
        call_command("rebuild_downloads")
        assert (home / "x-1.0.tar.gz").stat().st_mtime_ns == before
        assert f"right    {publication.location}" in capsys.readouterr().out

    def test_other_bytes_in_its_place_are_not_overwritten(self):
        home = Area.configured().home_of(published().release)
        (home / "x-1.0.tar.gz").chmod(0o644)
        (home / "x-1.0.tar.gz").write_text("not what was voted")
        with pytest.raises(CommandError, match="need a person"):
            call_command("rebuild_downloads")
        assert (home / "x-1.0.tar.gz").read_text() == "not what was voted"
        shutil.rmtree(home)
