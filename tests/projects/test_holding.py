"""A held project goes nowhere; what it has stays."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from projects.models import Project
from releases.models import Release
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db
MAIL = {"subject": "[VOTE] x", "body": "Please."}


@pytest.fixture
def officer():
    return make.staff("security officer")


def hold(project: Project, officer) -> None:
    project.hold(by=officer, reason="A key was stolen.")


def test_nothing_is_started_voted_on_published_or_announced(officer) -> None:
    draft, passed = make.candidate(), make.passed()
    publication = make.publication(make.passed())
    for project in Project.objects.all():
        hold(project, officer)
    member = {each: make.member(each.project) for each in (draft, passed, publication.release)}
    fresh = {each: Release.objects.get(pk=each.pk) for each in member}
    acts = [
        lambda: Release.objects.start(draft.project, "7.0", by=member[draft]),
        lambda: fresh[draft].start_vote(by=member[draft], revision=1, **MAIL),
        lambda: fresh[passed].publish(by=member[passed]),
        lambda: fresh[publication.release].announce(by=member[publication.release], **MAIL),
    ]
    for act in acts:
        with pytest.raises(NotReady, match=r"is held since .* UTC: A key was stolen\.") as refused:
            act()
        assert "held" in {each.code for each in refused.value.obstacles}


def test_a_release_that_was_read_before_is_held_too(officer) -> None:
    draft = make.candidate()
    member = make.member(draft.project)
    assert not draft.project.is_held
    hold(Project.objects.get(pk=draft.project_id), officer)
    with pytest.raises(NotReady, match="is held"):
        draft.start_vote(by=member, revision=1, **MAIL)
    with pytest.raises(NotReady, match="is held"):
        Release.objects.start(draft.project, "7.0", by=member)


def test_let_go_it_goes_on(officer) -> None:
    draft = make.candidate()
    hold(draft.project, officer)
    draft.project.unhold(by=officer, reason="A new key is in place")
    assert make.vote(Release.objects.get(pk=draft.pk)).number == 1
    tags = [Tag.PROJECT_HELD, Tag.PROJECT_UNHELD]
    events = Event.objects.filter(tag__in=tags).order_by("pk")
    assert [each.facts["reason"] for each in events] == [
        *("A key was stolen.", "A new key is in place"),
    ]


def test_what_runs_goes_on(officer) -> None:
    vote = make.vote()
    hold(vote.project, officer)
    voter = make.member(vote.project)
    assert vote.cast("+1", by=voter, manifest_digest=vote.manifest_digest).pk


def test_twice_is_told(officer) -> None:
    project = make.project()
    with pytest.raises(Stale, match="not held"):
        project.unhold(by=officer, reason="Because")
    hold(project, officer)
    with pytest.raises(Stale, match="held already: A key was stolen"):
        hold(project, officer)


@pytest.mark.parametrize("group", ["auditor", "operator"])
def test_it_is_for_officers(group: str) -> None:
    project = make.project()
    with pytest.raises(PermissionDenied):
        project.hold(by=make.staff(group), reason="Because")
    with pytest.raises(PermissionDenied):
        project.hold(by=make.member(project), reason="Because")


def test_it_takes_a_reason_and_so_says_the_database(officer) -> None:
    project = make.project()
    with pytest.raises(BadInput):
        project.hold(by=officer, reason=" ")
    hold(project, officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.filter(pk=project.pk).update(held_reason="")


def test_the_pages_say_so(officer, client: Client) -> None:
    release = make.vote().release
    assert "A key was stolen." not in client.get(release.get_absolute_url()).content.decode()
    hold(release.project, officer)
    for page in (release, release.project):
        answer = client.get(page.get_absolute_url(), follow=True).content.decode()
        assert "is held" in answer
        assert "A key was stolen." in answer
