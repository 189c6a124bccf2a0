"""Which revision a page is about, and whether its checks are still to come."""

import pytest

from checks.models import Run
from tests import make
from tests.checks.made import checked, draft, found, member_of, next_revision, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("asked", ["9", "x", "0", "1" * 12])
def test_a_revision_that_never_was_is_not_found(asked):
    release = draft()
    page = member_of(release).get(url(release, "findings"), {"revision": asked})
    assert page.status_code == 404


def test_the_newest_is_shown_unless_another_is_asked_for():
    release = draft()
    next_revision(release)
    client = member_of(release)
    assert "revision 2" in client.get(url(release, "findings")).content.decode()
    first = client.get(url(release, "findings"), {"revision": "1"})
    assert first.context["revision"].number == 1


def test_an_empty_draft_has_nothing_to_check():
    release = make.release()
    text = member_of(release).get(url(release, "findings")).content.decode()
    assert "nothing to check" in text


def test_a_revision_that_was_overtaken_is_waited_for_no_more():
    release = draft()
    Run.objects.create(revision=release.newest, state=Run.State.SUPERSEDED)
    next_revision(release)
    client = member_of(release)
    page = client.get(url(release, "findings"), {"revision": "1"})
    assert page.context["awaited"] is False
    assert "not brought to their end" in page.content.decode()
    assert "every 2s" not in page.content.decode()


def test_checks_that_run_again_are_waited_for_although_there_is_a_verdict():
    release = draft()
    run = checked(release.newest, found())
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING)
    page = member_of(release).get(url(release, "findings"))
    assert page.context["awaited"] is True
    assert "because keys or policy have changed" in page.content.decode()
