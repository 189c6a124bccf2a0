"""Starting a release, throwing a draft away, and what never comes back."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.roles import Role
from releases.models import Numbers, Release
from releases.phases import Outcome, Phase
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db


def test_a_release_begins_as_an_empty_draft_in_its_cycle() -> None:
    project = make.project("tool")
    person = make.member(project, Role.PARTICIPANT)
    release = Release.objects.start(project, "2.0.0-rc.1+b", by=person)
    assert (release.phase, release.newest, release.vote) == (Phase.COMPOSE, None, None)
    assert (release.created_by, release.cycle.name) == (person, "2.x")
    assert str(release) == "Tool 2.0.0-rc.1+b"
    assert release.url_args == ["tool", "2.0.0-rc.1+b"]
    assert release.facts() == {
        "project": "tool",
        "version": "2.0.0-rc.1+b",
        "phase": "release_candidate_draft",
    }
    event = Event.objects.get()
    assert (event.tag, event.actor) == (Tag.RELEASE_STARTED, person.username)
    assert (event.project, event.release) == ("tool", str(release.pk))


@pytest.mark.parametrize(
    "version",
    ["", ".", "..", "1..2", "-1", "1.", "1/2", "1 2", "../x", "1\n", "1\0", "\u0661", "1" * 65],
)
def test_what_is_no_version_is_refused(version: str) -> None:
    project = make.project()
    with pytest.raises(BadInput, match="is no version"):
        Release.objects.start(project, version, by=make.member(project))
    assert not Release.objects.exists()
    assert Event.objects.get().kind == "projects.project"


def test_a_version_is_started_once() -> None:
    release = make.release()
    with pytest.raises(NotReady, match="exists already, in phase “Compose”") as refused:
        make.release(release.project, version=release.version)
    assert [each.code for each in refused.value.obstacles] == ["version_exists"]


def test_visitors_and_committers_of_the_foundation_start_nothing() -> None:
    project = make.project()
    for person in (make.user(), make.user(is_committer=True), make.operator()):
        with pytest.raises(PermissionDenied):
            Release.objects.start(project, "1.0", by=person)


def test_a_deleted_draft_is_gone_but_for_its_events() -> None:
    release = make.release(files={"a": "1"})
    key = str(release.pk)
    release.delete_draft(by=make.member(release, Role.PARTICIPANT), seen=1)
    assert not Release.objects.exists()
    assert {event.tag for event in Event.objects.of_release(key)} == {
        Tag.RELEASE_STARTED,
        Tag.REVISION_MADE,
        Tag.RELEASE_DELETED,
    }


def test_numbers_of_revisions_and_votes_are_never_used_again() -> None:
    vote = make.vote()
    release, project = vote.release, vote.project
    by = make.member(project)
    release.resolve_vote(Outcome.CANCELLED, by=by)
    release.add_files({"b": make.blob("2")}, by=by)
    release.delete_draft(by=by)
    again = make.candidate(project, version=release.version)
    assert again.newest.number == 3
    assert make.vote(again).number == 2
    assert str(Numbers.objects.get()) == f"{project} {again.version}: revision 2, vote 1"


def test_the_files_of_a_deleted_draft_do_not_come_back() -> None:
    release = make.release(files={"a": "1"})
    by = make.member(release)
    project, version = release.project, release.version
    release.delete_draft(by=by)
    again = make.release(project, version=version)
    assert again.newest is None
    assert again.add_files({"b": make.blob("2")}, by=by).lines()[0].path == "b"
    with pytest.raises(BadInput, match="has no revision 1"):
        again.restore_revision(1, by=by)


def test_a_published_release_is_never_deleted() -> None:
    release = make.passed()
    with pytest.raises(NotReady):
        release.delete_draft(by=make.member(release))


@pytest.mark.parametrize(
    "fields",
    [
        {"phase": Phase.VOTE},
        {"phase": Phase.RELEASED},
        {"released_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_columns_mean_together_the_database_knows(fields: dict[str, str]) -> None:
    release = make.release()
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(**fields)
