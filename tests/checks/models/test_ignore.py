"""Ignores: who may, what they hide, what they never hide, and when they end."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from checks.engine.model import Level
from checks.models import Ignore, ignored_in
from checks.models.ignore import ends_after
from checks.models.ignored import reasons_in
from projects.roles import Role
from releases.models import Release
from releases.phases import Outcome
from tests import make
from tests.checks.made import checked, draft, found, next_revision, result
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db

HEADERS = {"rule": "license.headers", "reason": "Third-party code."}


@pytest.fixture
def release() -> Release:
    return draft()


def rows(count: int = 3, **more) -> list:
    return [found(member=f"tool-1.0/lib/{n}.c", **more) for n in range(count)]


def ignore(release: Release, seen: int | None = None, by=None, **given) -> Ignore:
    by = by or make.member(release)
    return Ignore(project=release.project, **(HEADERS | given)).set(by=by, seen=seen)


def open_rules(release: Release) -> list[str]:
    return Release.objects.get(pk=release.pk).newest.concerns


def counts(release: Release) -> dict[str, int]:
    return Release.objects.get(pk=release.pk).newest.counts


def judged(release: Release, *findings) -> None:
    """Checked, with the concerns that a worker would have recorded."""
    run = checked(release.newest, *findings)
    Ignore.objects.judge(run, release.check_basis())


def test_what_is_ignored_is_counted_apart_and_needs_no_second_look(release) -> None:
    judged(release, *rows(), found(rule="paths", message="Odd.", member=""))
    assert open_rules(release) == ["license.headers", "paths"]
    ignore(release)
    assert open_rules(release) == ["paths"]
    assert (counts(release)["concern"], counts(release)["ignored"]) == (1, 3)


def test_a_vote_can_be_called_without_acknowledging_what_is_ignored(release) -> None:
    judged(release, *rows())
    codes = [each.code for each in release.vote_obstacles(acknowledged=())]
    assert codes == ["concerns"]
    ignore(release)
    assert list(Release.objects.get(pk=release.pk).vote_obstacles(acknowledged=())) == []


def test_a_blocker_and_a_note_are_never_ignored(release) -> None:
    judged(release, found(Level.BLOCKER), found(Level.NOTE), found(Level.SUGGESTION))
    ignore(release)
    assert counts(release) | {"error": 0} == {
        "blocker": 1,
        "concern": 0,
        "suggestion": 0,
        "note": 1,
        "error": 0,
        "ignored": 1,
    }
    assert release.newest.verdict == "failed"


def test_all_that_is_filled_in_must_fit(release) -> None:
    judged(release, *rows(), found(member="tool-1.0/src/a.c"))
    assert ignore(release, member="/lib/", path="tool").findings.count() == 3
    assert ignore(release, member="/lib/", path="other").findings.count() == 0
    assert ignore(release, message="no header", level="suggestion").findings.count() == 0


def test_it_holds_for_the_releases_that_it_names(release) -> None:
    judged(release, *rows())
    ignore(release, releases="tool-2.")
    assert counts(release)["ignored"] == 0
    ignore(release, releases="^tool-1[.]0$")
    assert counts(release)["ignored"] == 3


def test_results_that_come_later_are_hidden_as_well(release) -> None:
    ignore(release)
    one = result(*rows(2))
    Ignore.objects.hide(release, [one])
    Ignore.objects.hide(release, [one])
    judged(release, found(message="Shared results are marked where they are used."))
    run = release.newest.run
    run.results.add(one)
    assert run.findings.filter(run.hidden).count() == 2


def test_another_project_with_the_same_result_sees_it(release) -> None:
    shared = result(*rows())
    checked(release.newest, shared=(shared,))
    other = make.release(make.project("other"), version="1.0", files={"tool-1.0.tar.gz": "bytes"})
    run = checked(other.newest, shared=(shared,))
    ignore(release)
    assert run.ignores == []
    assert run.findings.exclude(run.hidden).count() == 3


def test_lifting_it_counts_all_again_at_once(release) -> None:
    judged(release, *rows())
    made = ignore(release)
    made.lift(by=make.member(release))
    assert open_rules(release) == ["license.headers"]
    assert counts(release)["ignored"] == 0
    assert made.in_force is False
    with pytest.raises(Stale, match="was lifted by"):
        made.lift(by=make.member(release))


def test_who_set_and_lifted_it_and_why_is_on_record(release) -> None:
    judged(release, *rows())
    by = make.member(release)
    ignore(release, by=by).lift(by=by)
    set_, lifted = Event.objects.filter(tag__startswith="ignore.").order_by("pk")
    assert (set_.tag, set_.actor, set_.project) == (Tag.IGNORE_SET, by.username, "tool")
    assert set_.facts["reason"] == "Third-party code."
    assert set_.facts["hides"] == 3
    assert set_.facts["names"] == {"rule": "license.headers"}
    assert lifted.tag == Tag.IGNORE_LIFTED


@pytest.mark.parametrize("role", [Role.RELEASE_MANAGER, Role.PARTICIPANT])
def test_only_members_of_the_committee_set_it(release, role) -> None:
    with pytest.raises(PermissionDenied):
        ignore(release, by=make.member(release, role))
    with pytest.raises(PermissionDenied):
        ignore(release, by=make.operator())
    assert not Ignore.objects.exists()
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 2


def test_only_members_lift_it(release) -> None:
    made = ignore(release)
    with pytest.raises(PermissionDenied):
        made.lift(by=make.member(release, Role.RELEASE_MANAGER))
    assert Ignore.objects.get().in_force


def test_nobody_hides_more_than_they_have_seen(release) -> None:
    judged(release, *rows())
    with pytest.raises(NotReady, match="It hides 3 findings by now, and you have seen 2"):
        ignore(release, seen=2)
    assert not Ignore.objects.exists()
    ignore(release, seen=3)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"rule": ""}, "would hide everything"),
        ({"reason": "  "}, "needs a reason"),
        ({"reason": "x" * 1001}, "needs a reason"),
        ({"level": "blocker"}, "no blockers"),
        ({"member": "^("}, "no regular expression"),
        ({"releases": "x" * 129}, "at most 128"),
        ({"path": "a\0b"}, "Control characters"),
        ({"ends_at": now() - timedelta(days=1)}, "has passed already"),
    ],
)
def test_what_cannot_be_an_ignore_is_refused_with_a_sentence(release, given, says) -> None:
    with pytest.raises(BadInput, match=says):
        ignore(release, **given)


def test_an_ignore_does_not_change(release) -> None:
    made = ignore(release)
    with pytest.raises(Stale, match="lift it and set another"):
        made.set(by=make.member(release))


def test_it_ends_after_its_last_day_and_the_verdict_with_it(release) -> None:
    judged(release, *rows())
    day = (now() + timedelta(days=2)).date()
    made = ignore(release, ends_at=ends_after(day))
    assert made.last_day == day
    revision = Release.objects.get(pk=release.pk).newest
    assert revision.holds_until == made.ends_at
    assert not revision.is_outdated
    Ignore.objects.update(ends_at=now())
    revision.release.revisions.update(holds_until=now())
    again = Release.objects.get(pk=release.pk)
    assert [each.code for each in again.vote_obstacles()] == ["checks_outdated"]
    judge_again = again.newest.run
    Ignore.objects.judge(judge_again, again.check_basis())
    assert open_rules(release) == ["license.headers"]
    assert again.newest.holds_until is None


def test_what_is_at_a_vote_keeps_the_ignores_of_its_day(release) -> None:
    judged(release, *rows())
    made = ignore(release)
    vote = make.vote(Release.objects.get(pk=release.pk))
    made.lift(by=make.member(release))
    run = vote.revision.run
    assert [(each.pk, count) for each, count in ignored_in(run)] == [(made.pk, 3)]
    assert counts(release)["ignored"] == 3
    vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(release))
    back = Release.objects.get(pk=release.pk).newest.run
    assert back.ignores == []


def test_an_older_revision_shows_what_is_ignored_today(release) -> None:
    judged(release, *rows())
    next_revision(release)
    ignore(release)
    old = release.revisions.get(number=1).run
    assert [count for _, count in ignored_in(old)] == [3]


def test_two_ignores_of_one_finding_count_it_once(release) -> None:
    judged(release, *rows())
    ignore(release)
    ignore(release, member="/lib/")
    assert counts(release)["ignored"] == 3
    run = release.newest.run
    assert [count for _, count in ignored_in(run)] == [3, 3]
    marks = set(run.findings.values_list("mark", flat=True))
    assert reasons_in(run) == dict.fromkeys(marks, "Third-party code.")


def test_a_verdict_that_is_not_there_yet_is_not_made_by_an_ignore(release) -> None:
    ignore(release)
    assert Release.objects.get(pk=release.pk).newest.verdict == "pending"


def test_who_lifted_it_is_known_whenever_it_is_lifted(release) -> None:
    made = ignore(release)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ignore.objects.filter(pk=made.pk).update(lifted_at=now())


def test_it_is_told_by_what_it_names(release) -> None:
    made = ignore(release, member="/lib/")
    assert made.scope == [("Rule", "license.headers"), ("Member", "/lib/")]
    assert str(made) == f"Ignore {made.pk} of Tool"
    assert made.committee == release.committee
    assert made.last_day is None
