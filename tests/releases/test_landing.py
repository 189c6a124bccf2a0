"""A file that a program sends: bounded, hashed, stored or gone."""

import hashlib
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from releases import landing
from releases.landing import Landing, TooBig
from releases.models import Arrival, Revision
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db


@pytest.fixture
def scratch(settings, tmp_path: Path) -> Path:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    return settings.SCRATCH_DIR


@pytest.fixture
def draft():
    return make.release()


@pytest.fixture
def member(draft):
    return make.member(draft)


def test_what_comes_is_stored_under_its_digest(scratch: Path) -> None:
    with Landing() as file:
        file.feed(b"one ")
        file.feed(b"two")
        assert file.size == 7
        blob = file.keep()
    assert blob.sha256 == hashlib.sha256(b"one two").hexdigest()
    assert b"".join(blob.stream()) == b"one two"
    assert not list(scratch.iterdir())


def test_what_is_not_kept_is_gone(scratch: Path) -> None:
    with Landing() as file:
        file.feed(b"one")
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())


def test_more_than_a_file_may_have_is_not_written(scratch: Path, settings) -> None:
    settings.MAX_FILE_SIZE = 4
    with Landing() as file:
        file.feed(b"four")
        with pytest.raises(TooBig):
            file.feed(b"!")
        assert file.size == 4


def test_an_archive_arrives_and_all_else_is_a_revision(draft, member) -> None:
    made = landing.take(draft, "a.txt", make.blob("a"), by=member, begun=1, seen=None)
    assert isinstance(made, Revision)
    made = landing.take(draft, "a.zip", make.blob("z"), by=member, begun=1, seen=1)
    assert isinstance(made, Arrival)


def test_what_cannot_be_taken_is_refused_before_it_is_read(draft, member) -> None:
    landing.check(draft, "a.txt", by=member, seen=0)
    with pytest.raises(BadInput):
        landing.check(draft, "../a", by=member, seen=None)
    with pytest.raises(NotReady):
        landing.check(draft, "a.txt", by=member, seen=3)
    with pytest.raises(PermissionDenied):
        landing.check(draft, "a.txt", by=make.user(), seen=None)
    refused = Event.objects.filter(tag=Tag.REFUSED).order_by("pk")
    assert [event.facts["verb"] for event in refused] == ["add_files"] * 3
