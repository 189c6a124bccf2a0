"""Files that are sent to be checked: streamed, bounded, and gone when they are refused."""

from pathlib import Path

import pytest
from django.conf import settings as project_settings

from checks import review_files
from checks.models import Review
from projects.models import User
from tests import make
from tests.checks.reviewed import FILES, asked
from tests.checks.views.test_reviews import FETCH, UPLOAD, send, text
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> User:
    return make.user("erin")


@pytest.mark.parametrize("wrong", ["", "x" * 64])
def test_a_form_of_another_site_is_refused_and_nothing_is_kept(owner, wrong: str) -> None:
    assert send(owner, proof=wrong).status_code == 403
    assert not Review.objects.exists()
    assert not list(Path(project_settings.SCRATCH_DIR).glob("upload-*"))


@pytest.mark.parametrize(
    ("files", "fields", "why"),
    [
        ({}, {}, "Choose at least one file"),
        ({"../evil": b"x"}, {}, "not allowed"),
        ({"KEYS": b"x"}, {}, "nothing to check beside KEYS"),
        ({"a": b"a"}, {"version": "1" * 101}, "at most 100"),
        ({"a": b"a"}, {"keys_committee": "4711"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_checked_is_refused_and_nothing_is_kept(owner, files, fields, why) -> None:
    before = review_files.folders()
    answer = send(owner, files, **fields)
    assert answer.status_code == 422
    assert why in text(answer)
    assert not Review.objects.exists()
    assert review_files.folders() == before
    assert not list(Path(project_settings.SCRATCH_DIR).glob("upload-*"))


def test_an_upload_that_was_cut_is_refused(owner) -> None:
    answer = send(owner, cut=True)
    assert answer.status_code == 422
    assert "cut short" in text(answer)


def test_more_bytes_than_are_checked_are_refused_before_they_are_read(owner, settings) -> None:
    settings.MAX_REVIEW_SIZE = 1000
    answer = send(owner, {"a": bytes(2000)})
    assert answer.status_code == 422
    assert "1000 are allowed" in text(answer)
    assert send(owner, {"a": b"a"}).status_code == 303


def test_one_that_runs_keeps_the_next_from_being_read(owner) -> None:
    row = asked(owner)
    answer = send(owner)
    assert answer.status_code == 409
    assert "One of yours is being checked" in text(answer)
    assert Event.objects.filter(refused=True, actor="erin").count() == 1
    for address in (UPLOAD, FETCH):
        assert '<form method="post" enctype' not in text(logged_in(owner).get(address))
    row.record_failed("Over.")
    assert send(owner).status_code == 303


def test_bytes_that_others_have_here_are_not_told_of(owner) -> None:
    """Somebody's draft has these very bytes: whoever sends them learns nothing of it."""
    make.release(files=dict(FILES))
    known = send(owner, title="a")
    page = logged_in(owner).get(known["Location"])
    other = make.user()
    unknown = send(other, {"unknown.txt": b"unknown"}, title="a")
    there = logged_in(other).get(unknown["Location"])
    assert known.status_code == unknown.status_code == 303
    assert page.context["in_hand"] == there.context["in_hand"] is True
    run_pending()
    assert Review.objects.filter(state="done").count() == 2
