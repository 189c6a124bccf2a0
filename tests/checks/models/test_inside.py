"""Who may have archives compared, and that each pair is compared once."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from checks.engine.inside.child import Outcome
from checks.engine.inside.members import LONGEST_NAME, Line
from checks.models import Comparison
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.lib.errors import BadInput, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def release():
    return make.release(files={"old": "old", "new": "new"})


def pair(path: str = "a.zip") -> Comparison:
    return Comparison.objects.of(make.blob("old"), make.blob("new"), path)


def test_who_sees_the_release_may_ask_and_nobody_else(release) -> None:
    for stranger in (AnonymousUser(), make.user()):
        with pytest.raises(PermissionDenied):
            pair().ask(release, "a.zip", by=stranger)
    assert not Comparison.objects.exists()
    row = pair().ask(release, "a.zip", by=make.member(release))
    assert Job.objects.about(row).get().name == "checks.compare_archives"
    assert Event.objects.latest("pk").facts["path"] == "a.zip"


def test_any_account_may_ask_once_the_release_is_for_everybody() -> None:
    release = make.candidate(files={"old": "old", "new": "new"})
    make.vote(release)
    assert pair().ask(release, "a.zip", by=make.user()).is_in_hand


def test_files_of_other_releases_are_not_compared(release) -> None:
    member = make.member(release)
    make.release(files={"secret": "of others"})
    for secret in (make.blob("of others"), make.blob("of nobody")):
        strange = Comparison.objects.of(make.blob("old"), secret, "a.zip")
        with pytest.raises(BadInput, match="not one of this release"):
            strange.ask(release, "a.zip", by=member)
    assert not Comparison.objects.exists()


def test_each_pair_is_compared_once_whoever_asks(release) -> None:
    pair().ask(release, "a.zip", by=make.member(release))
    with pytest.raises(Stale):
        pair().ask(release, "a.zip", by=make.member(release))
    pair("a.tar.gz").ask(release, "a.tar.gz", by=make.member(release))
    assert Comparison.objects.count() == 2


def test_one_that_failed_or_was_lost_can_be_asked_for_again(release) -> None:
    row = pair().ask(release, "a.zip", by=make.member(release))
    assert row.record_failed("The disk is full.")
    row = pair().ask(release, "a.zip", by=make.member(release))
    assert (row.state, row.problem) == ("waiting", "")
    Job.objects.about(row).delete()
    assert not pair().is_in_hand
    assert pair().ask(release, "a.zip", by=make.member(release)).is_in_hand


def test_what_is_no_archive_is_refused(release) -> None:
    with pytest.raises(BadInput, match="is no archive"):
        pair("a.txt").ask(release, "a.txt", by=make.member(release))


def test_what_was_found_is_kept_once_and_names_are_harmless(release) -> None:
    row = pair().ask(release, "a.zip", by=make.member(release))
    lines = [Line("added", "a\0b\u202e", new_size=1, new_mode=0o4755), Line("mode", "x" * 9000)]
    outcome = Outcome({"added": 1, "mode": 1}, "", "t")
    assert row.record_done(lines, outcome)
    assert not row.record_done(lines, outcome)
    assert not row.record_failed("too late")
    first, second = row.lines.all()
    assert first.path == r"a\x00b\u202e"
    assert (first.modes, first.word) == ("4755", "added")
    assert len(second.path) == LONGEST_NAME
    assert row.named == [("added", "added", 1), ("mode", "other permissions", 1)]
    assert row.count == 2
