"""Test mode: what it lets pass, and that without both settings nothing of it is there."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from checks import tasks
from projects.models import Project
from projects.roles import may
from releases.models import Publication, Release, Revision
from releases.models.release import Numbers
from releases.phases import Outcome, Phase
from releases.publishing import Area, materialise
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import testing
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db
# As a real site has them; and each alone, which is not enough.
OFF = [(False, False), (True, False), (False, True)]


@pytest.fixture
def on(settings: Any) -> None:
    settings.TEST_MODE = settings.DEBUG = True


@pytest.fixture
def project() -> Project:
    return make.project("test-client", committee=make.committee("test"))


def released(project: Project) -> Release:
    release = make.passed(make.candidate(project, version="0.3"))
    publication = release.publish(by=make.member(project))
    publication.record_published(materialise(publication))
    release.refresh_from_db()
    release.announce(by=make.member(project), subject="Out", body="It is out.")
    return release


@pytest.mark.parametrize(("mode", "debug"), OFF)
def test_without_both_settings_there_is_no_exception_to_any_rule(
    settings: Any, mode: bool, debug: bool
) -> None:
    settings.TEST_MODE, settings.DEBUG = mode, debug

    def never() -> Iterator[str]:
        raise AssertionError("The paths were looked at.")
        yield ""

    assert not testing.is_on()
    assert not testing.everybody_is_in("test")
    assert not testing.votes_end_at_will("test")
    assert not testing.releases_go_without_a_trace("test")
    assert not testing.concerns_are_read("test", never())
    assert not testing.is_anybodys_key([testing.KEY_OWNER])
    assert testing.delay_of(never()) == 0.0


def test_the_exceptions_are_for_one_committee(on: None) -> None:
    for question in (
        testing.everybody_is_in,
        testing.votes_end_at_will,
        testing.releases_go_without_a_trace,
    ):
        assert question("test")
        assert not question("tool")
        assert not question("Test")


def test_who_has_read_a_concern_of_another_server_has_read_all(on: None) -> None:
    named = ["atr.tasks.checks.rat.check"]
    assert testing.concerns_are_read("test", named)
    assert not testing.concerns_are_read("test", [])
    assert not testing.concerns_are_read("tool", named)


def test_everybody_is_a_member_of_the_committee_while_it_lasts(
    settings: Any, on: None, project: Project
) -> None:
    stranger = make.user()
    release = Release.objects.start(project, "0.3", by=stranger)
    assert may(stranger, "releases.cast_binding_vote", release)
    assert not may(stranger, "releases.start_release", make.project())
    settings.TEST_MODE = False
    again = type(stranger).objects.get(pk=stranger.pk)
    with pytest.raises(PermissionDenied):
        Release.objects.start(project, "0.4", by=again)


def test_an_account_that_is_switched_off_is_no_member(on: None, project: Project) -> None:
    with pytest.raises(PermissionDenied):
        Release.objects.start(project, "0.3", by=make.user(is_active=False))


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED, Outcome.CANCELLED])
def test_a_vote_ends_at_once_with_any_outcome(on: None, project: Project, outcome: str) -> None:
    vote = make.vote(make.candidate(project), hours=72)
    assert vote.ends_at > now() + timedelta(hours=71)
    vote.release.resolve_vote(outcome, by=make.user())
    vote.refresh_from_db()
    assert vote.outcome == outcome


@pytest.mark.parametrize(("mode", "debug"), OFF)
def test_otherwise_a_vote_runs_its_hours(
    settings: Any, project: Project, mode: bool, debug: bool
) -> None:
    settings.TEST_MODE, settings.DEBUG = mode, debug
    vote = make.vote(make.candidate(project), hours=72)
    for outcome in (Outcome.PASSED, Outcome.FAILED):
        with pytest.raises(NotReady):
            vote.release.resolve_vote(outcome, by=make.member(project))


def test_numbers_begin_again_after_a_deletion(on: None, project: Project) -> None:
    for _ in range(2):
        release = make.release(project, version="0.3", files={"a-0.3.tar.gz": "a"})
        assert release.newest.number == 1
        release.delete_draft(by=make.user())
    assert Numbers.objects.get().revision == 0


@pytest.mark.parametrize(("mode", "debug"), OFF)
def test_otherwise_they_go_on(settings: Any, project: Project, mode: bool, debug: bool) -> None:
    settings.TEST_MODE, settings.DEBUG = mode, debug
    for number in (1, 2):
        release = make.release(project, version="0.3", files={"a-0.3.tar.gz": "a"})
        assert release.newest.number == number
        release.delete_draft(by=make.member(project))


@pytest.mark.django_db(transaction=True)
def test_a_release_that_is_out_goes_with_its_files_and_can_be_made_again(
    on: None, project: Project
) -> None:
    for _ in range(2):
        release = released(project)
        home = Area.configured().home_of(release)
        assert list(home.rglob("*.tar.gz"))
        assert release.newest.number == 1
        release.delete_draft(by=make.user(), whatever_phase=True)
        assert not home.exists()
        for model in (Release, Revision, Publication):
            assert not model.objects.exists()
    assert Event.objects.filter(tag=Tag.RELEASE_DELETED).count() == 2


@pytest.mark.parametrize(("mode", "debug"), OFF)
@pytest.mark.django_db(transaction=True)
def test_otherwise_what_is_out_stays(
    settings: Any, project: Project, mode: bool, debug: bool
) -> None:
    settings.TEST_MODE, settings.DEBUG = mode, debug
    release = released(project)
    with pytest.raises(NotReady, match="frozen"):
        release.delete_draft(by=make.member(project), whatever_phase=True)
    release.refresh_from_db()
    assert release.phase == Phase.RELEASED
    assert list(Path(Area.configured().home_of(release)).rglob("*.tar.gz"))


@pytest.mark.django_db(transaction=True)
def test_other_committees_keep_what_is_out_in_test_mode_too(on: None) -> None:
    release = released(make.project("tool"))
    with pytest.raises(NotReady, match="frozen"):
        release.delete_draft(by=make.member(release.project), whatever_phase=True)


def test_the_checks_of_a_slow_file_of_an_operator_wait(
    on: None, settings: Any, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(by: Any, path: str) -> float:
        waited: list[float] = []
        monkeypatch.setattr(tasks.time, "sleep", waited.append)
        monkeypatch.setattr(tasks, "_check", lambda *about: {})
        release = make.release(project, by=by, files={path: "x"})
        event = Event.objects.filter(tag=Tag.REVISION_MADE).latest("pk")
        tasks.run(None, event.pk)  # type: ignore[arg-type]
        assert release.newest
        return waited[0]

    operator = make.user(is_superuser=True)
    assert waits(operator, f"a/{testing.SLOW_FILE}") == 20.0
    assert waits(operator, "fast.txt") == 0.0
    assert waits(make.user(), testing.SLOW_FILE) == 0.0
    settings.TEST_MODE = False
    member = make.member(project, is_superuser=True)
    assert waits(member, testing.SLOW_FILE) == 0.0


def test_the_key_of_the_tests_is_anybodys(on: None) -> None:
    assert testing.is_anybodys_key(["Somebody <a@example.org>", testing.KEY_OWNER])
    assert not testing.is_anybodys_key(["Apache Tooling <apache-tooling@example.invalid>"])
