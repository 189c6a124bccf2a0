"""Bytes, stored once under their digest: in a directory, and over the S3 protocol."""

import re
import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, connections

from releases import publishing
from releases.models import Blob, Corrupt
from tests import make
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.digests import BLOCK, digest_of

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * (BLOCK // 128)  # two blocks


@pytest.fixture(params=["files", "s3"])
def store(request, settings, tmp_path):
    """Each test with each store; both are empty."""
    if request.param == "s3":
        request.getfixturevalue("s3")
    else:
        options = {"location": tmp_path / "blobs", "file_permissions_mode": 0o444}
        backend = "django.core.files.storage.FileSystemStorage"
        blobs = {"BACKEND": backend, "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "blobs": blobs}
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.FILE_UPLOAD_TEMP_DIR = str(settings.SCRATCH_DIR)
    return storages["blobs"]


def put(store, blob: Blob, content: bytes) -> None:
    """Write over what is stored, as no code of ours does."""
    store.delete(blob.name)
    store.save(blob.name, ContentFile(content))


def test_bytes_come_back_as_they_went_in(store) -> None:
    blob = make.blob(CONTENT)
    assert blob.digest == digest_of([CONTENT])
    assert store.exists(f"{blob.sha256[:2]}/{blob.sha256[2:4]}/{blob.sha256}")
    assert b"".join(blob.stream()) == CONTENT
    assert max(len(block) for block in blob.stream()) <= BLOCK
    with blob.open() as stream:
        assert stream.read(5) == CONTENT[:5]
    with blob.local_file() as path:
        assert path.read_bytes() == CONTENT
    blob.verify()
    assert str(blob) == f"{blob.sha256[:12]}… ({len(CONTENT)} bytes)"


def test_the_same_bytes_are_stored_once(store) -> None:
    first = make.blob(CONTENT)
    put(store, first, CONTENT)
    before = store.get_modified_time(first.name)
    assert make.blob(CONTENT) == first
    assert store.get_modified_time(first.name) == before
    assert Blob.objects.count() == 1


@pytest.mark.parametrize("store", ["files"], indirect=True)
@pytest.mark.parametrize("damage", [CONTENT[:-1] + b"?", CONTENT[:9], b""])
def test_bytes_that_the_disk_has_damaged_are_mended_by_the_same_bytes(store, damage) -> None:
    blob = make.blob(CONTENT)
    put(store, blob, damage)
    with pytest.raises(Corrupt):
        blob.verify()
    assert make.blob(CONTENT) == blob
    blob.verify()


def test_an_empty_file_is_a_file(store) -> None:
    blob = make.blob(b"")
    assert (list(blob.stream()), blob.size) == ([], 0)
    blob.verify()


@pytest.mark.parametrize("stored", [CONTENT[:-1], CONTENT[:-1] + b"X", b"", CONTENT + b"X"])
def test_stored_bytes_that_changed_are_never_passed_for_the_right_ones(store, stored) -> None:
    blob = make.blob(CONTENT)
    put(store, blob, stored)
    with pytest.raises(Corrupt, match=f"Blob {blob.sha256} is damaged"):
        list(blob.stream())
    with pytest.raises(Corrupt):
        blob.verify()


def test_lost_bytes_are_not_found(store) -> None:
    blob = make.blob(CONTENT)
    store.delete(blob.name)
    with pytest.raises(FileNotFoundError):
        list(blob.stream())


def test_what_an_upload_that_was_cut_left_is_replaced(store) -> None:
    name = Blob.name_for(digest_of([CONTENT]).sha256)
    store.save(name, ContentFile(CONTENT[:1000]))
    make.blob(CONTENT).verify()


def test_bytes_without_a_row_are_taken_over(store) -> None:
    """A crash after the bytes and before the row leaves the first alone."""
    Blob.objects.filter(pk=make.blob(CONTENT).pk).delete()
    make.blob(CONTENT).verify()


def test_nothing_stays_behind_in_scratch(store, settings) -> None:
    blob = make.blob(CONTENT)
    with blob.local_file():
        pass
    list(blob.stream())
    assert list(Path(settings.SCRATCH_DIR).iterdir()) == []


def test_a_damaged_local_copy_is_not_handed_out(s3, settings, tmp_path) -> None:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    blob = make.blob(CONTENT)
    put(storages["blobs"], blob, b"evil")
    with pytest.raises(Corrupt), blob.local_file():
        raise AssertionError("it was handed out")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_is_read_from_s3_goes_through_a_file_not_through_memory(s3) -> None:
    blob = make.blob(b"x" * (2 << 20))
    with blob.open() as stream:
        stream.read(1)
        assert stream.file._rolled


def test_files_in_a_directory_cannot_be_written_to(settings, tmp_path) -> None:
    blob = make.blob(CONTENT)
    path = Path(storages["blobs"].path(blob.name))
    assert path.stat().st_mode & 0o777 == 0o444
    kept = {each.name for each in path.parent.iterdir()}  # others may begin with the same digits
    assert blob.sha256 in kept
    assert all(re.fullmatch("[0-9a-f]{64}", name) for name in kept)


def test_where_no_second_name_can_be_given_the_bytes_are_copied(monkeypatch) -> None:
    def other_device(*paths: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", other_device)
    make.blob(CONTENT + b"copied").verify()


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_stored_by_many_at_once_are_one(store, tmp_path) -> None:
    digest = digest_of([CONTENT])
    start, found, errors = threading.Barrier(6), set(), []

    def work(number: int) -> None:
        try:
            file = tmp_path / f"in-{number}"
            file.write_bytes(CONTENT)
            start.wait()
            found.add(Blob.objects.keep(file, digest).pk)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    connection.close()
    assert errors == []
    assert len(found) == Blob.objects.count() == 1
    Blob.objects.get().verify()


def test_a_release_is_published_from_s3(s3, settings, tmp_path) -> None:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    publication = make.publication(make.passed(make.candidate(files={"a/x.zip": CONTENT})))
    assert len(s3.keys()) == 1
    run_pending()
    publication.refresh_from_db()
    home = publishing.Area.configured().root / publication.location
    assert (home / "a/x.zip").read_bytes() == CONTENT
