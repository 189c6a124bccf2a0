"""How verbs work: who may, is it ready, hold the row, take the step, write it down."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from projects.lifecycle import require, verb
from projects.models import User
from projects.roles import Role
from releases.models import Release
from releases.phases import Phase
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import NotReady, Obstacle, Stale

pytestmark = pytest.mark.django_db


def test_no_obstacle_is_no_refusal() -> None:
    require([])


def test_all_obstacles_are_told_at_once() -> None:
    with pytest.raises(NotReady, match=r"One\. Two\.") as refused:
        require(iter([Obstacle("one", "One."), Obstacle("two", "Two.")]))
    assert [each.code for each in refused.value.obstacles] == ["one", "two"]


def test_a_refusal_says_who_and_what_is_missing() -> None:
    release, stranger = make.release(), make.user("eve")
    with pytest.raises(PermissionDenied, match=r"eve may not .* 'releases.change_files'"):
        release.add_files({}, by=stranger)


@verb
def spoil(release: Release, *, by: User) -> None:
    """A verb that changes something, and is refused only then."""
    with release.held():
        Release.objects.filter(pk=release.pk).update(version="9.9")
        Event.objects.record(Tag.REVISION_MADE, by=by, subject=release)
        raise Stale("Too late.")


def test_a_refused_verb_leaves_one_event_and_nothing_else() -> None:
    release = make.release()
    jobs = Job.objects.count()
    person = make.member(release)
    with pytest.raises(Stale):
        spoil(release, by=person)
    release.refresh_from_db()
    assert release.version != "9.9"
    assert Job.objects.count() == jobs
    event = Event.objects.get(refused=True)
    assert (event.tag, event.actor, event.release) == ("refused", person.username, str(release.pk))
    assert event.facts["verb"] == "spoil"
    assert (event.facts["code"], event.facts["sentence"]) == ("stale", "Too late.")
    assert not Event.objects.filter(tag=Tag.REVISION_MADE).exists()


def test_a_rollback_around_a_verb_takes_its_jobs_along() -> None:
    release = make.release()
    with transaction.atomic():
        release.add_files({"a": make.blob()}, by=make.member(release))
        assert Job.objects.filter(name="checks.run").exists()
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not Event.objects.filter(tag=Tag.REVISION_MADE).exists()


def test_a_held_row_is_read_again() -> None:
    release = make.release()
    Release.objects.filter(pk=release.pk).update(last_revision=7)
    with release.held():
        assert release.last_revision == 7
        assert connection.in_atomic_block


@pytest.mark.parametrize("start", Phase.values)
@pytest.mark.parametrize("to", Phase.values)
def test_a_phase_changes_only_along_the_table(start: str, to: str) -> None:
    release = make.candidate()
    candidate = release.newest if start != Phase.COMPOSE else None
    release.phase, release.candidate = start, candidate
    allowed = to in Release.MOVES[start]
    assert allowed == (
        (start, to)
        in {
            (Phase.COMPOSE, Phase.VOTE),
            (Phase.VOTE, Phase.FINISH),
            (Phase.VOTE, Phase.COMPOSE),
            (Phase.FINISH, Phase.RELEASED),
        }
    )
    if not allowed:
        with pytest.raises(Stale, match="Reload the page"):
            release._move(to, by=None, tag=Tag.VOTE_CALLED, facts={})


def test_the_slower_of_two_callers_is_told() -> None:
    release = make.candidate()
    first, second = (Release.objects.get(pk=release.pk) for _ in range(2))
    make.vote(first)
    with pytest.raises(NotReady) as refused:
        make.vote(second)
    assert [each.code for each in refused.value.obstacles] == ["not_composing"]
    assert Event.objects.filter(tag=Tag.VOTE_CALLED).count() == 1


def test_roles_lost_meanwhile_are_lost() -> None:
    release = make.release()
    person = make.member(release, Role.PARTICIPANT)
    person.memberships.all().delete()
    with pytest.raises(PermissionDenied):
        release.add_files({"a": make.blob()}, by=person)
