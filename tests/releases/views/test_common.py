"""What the pages of a release share: who finds it, and the line of phases on top."""

import pytest
from django.test import Client
from django.urls import reverse

from releases.models import Release
from releases.views.common import steps_of
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"tool-1.0.tar.gz": "bytes"})


@pytest.fixture
def people(release) -> dict[str, Client]:
    """Who has an account but nothing to do with it, and who has none."""
    stranger = Client()
    stranger.force_login(make.user())
    return {"stranger": stranger, "nobody": Client()}


def url(release, name):
    return reverse(f"releases:{name}", args=release.url_args)


@pytest.mark.parametrize(
    "name",
    [
        *("detail", "revisions", "upload", "delete-files", "rename-file", "restore"),
        *("delete-draft", "call-vote", "announce", "publish"),
    ],
)
def test_a_draft_does_not_exist_for_those_who_may_not_see_it(people, release, name):
    for who in ("stranger", "nobody"):
        assert people[who].get(url(release, name)).status_code == 404
        assert people[who].post(url(release, name)).status_code in (404, 405)


def test_the_line_of_phases_says_where_one_is_and_links_only_where_there_is_something(release):
    states = [(step["label"], step["state"]) for step in steps_of(release)]
    assert states == [
        ("Compose", "now"),
        ("Vote", "later"),
        ("Finish", "later"),
        ("Released", "later"),
    ]
    passed = steps_of(make.passed())
    assert [step["state"] for step in passed] == ["done", "done", "now", "later"]
    assert [bool(step["url"]) for step in passed] == [False, True, False, False]
