"""Files of reviews: apart from the store, on a disk or in a bucket, and gone in time."""

import os
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.utils.timezone import now

from checks import review_files
from checks.review_files import Gone, Stored, folders, local, newest, remove
from tests.checks.reviewed import stored


@pytest.fixture(params=["disk", "bucket"])
def place(request, settings, tmp_path) -> str:
    if request.param == "bucket":
        bucket = request.getfixturevalue("s3_server")
        bucket.clear()
        settings.STORAGES = {**settings.STORAGES, "reviews": bucket.storage()}
    else:
        kind = "django.core.files.storage.FileSystemStorage"
        options = {"location": tmp_path / "reviews"}
        settings.STORAGES = {**settings.STORAGES, "reviews": {"BACKEND": kind, "OPTIONS": options}}
    return request.param


def read(one: Stored) -> bytes:
    with local(one) as path:
        return path.read_bytes()


def test_what_is_put_there_is_there_and_then_gone(place) -> None:
    assert folders() == []
    a, b = stored("k1", {"a": b"aa", "docs/b": b"b"})
    other = stored("k2", {"a": b"aa"})[0]
    assert (a.path, a.size, b.path) == ("a", 2, "docs/b")
    assert [read(each) for each in (a, b, other)] == [b"aa", b"b", b"aa"]
    assert folders() == ["k1", "k2"]
    remove("k1")
    remove("k1")
    assert folders() == ["k2"]
    assert read(other) == b"aa"
    with pytest.raises(Gone):
        read(a)


def test_the_same_put_twice_lies_twice(place) -> None:
    first, second = stored("k", {"a": b"a"}) + stored("k", {"a": b"a"})
    assert first.name != second.name
    assert read(first) == read(second)


def test_it_is_known_when_something_last_came(place) -> None:
    assert newest("k") is None
    stored("k", {"a": b"a"})
    at = newest("k")
    assert at is not None
    assert abs(at - now()) < timedelta(minutes=1)


def test_a_copy_from_a_bucket_is_held_against_its_digest(settings, s3_server) -> None:
    s3_server.clear()
    settings.STORAGES = {**settings.STORAGES, "reviews": s3_server.storage()}
    one = stored("k", {"a": b"right"})[0]
    s3_server.client.put_object(Bucket=s3_server.name, Key=f"blobs/{one.name}", Body=b"wrong")
    with pytest.raises(Gone):
        read(one)
    assert not list(review_files.scratch().glob(f"{review_files.FOLDER}*"))


def test_another_file_system_takes_a_copy(settings, tmp_path, monkeypatch) -> None:
    def elsewhere(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", elsewhere)
    one = stored("k", {"a": b"a"})[0]
    assert read(one) == b"a"
    remove("k")


def test_others_on_the_machine_cannot_look_into_a_folder() -> None:
    stored("k", {"a": b"a"})
    assert os.stat(storages["reviews"].path("k")).st_mode & 0o077 == 0
    remove("k")
