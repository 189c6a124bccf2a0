"""Publishing and announcing: when, by whom, once; and nothing moves afterwards."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.roles import Role
from releases.models import Publication, Release
from releases.phases import Choice, Outcome, Phase
from releases.publishing import location_of
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db


def refused_with(call, *arguments, **named) -> list[str]:
    with pytest.raises(NotReady) as refused:
        call(*arguments, **named)
    return [each.code for each in refused.value.obstacles]


@pytest.fixture
def release() -> Release:
    return make.passed()


@pytest.fixture
def manager(release):
    return make.member(release, Role.RELEASE_MANAGER)


def done(release: Release) -> Publication:
    publication = make.publication(release)
    publication.record_published(location_of(release))
    return publication


def announce(release: Release, by, subject: str = "[ANNOUNCE]", body: str = "Here it is.") -> None:
    release.announce(by=by, subject=subject, body=body)


def test_a_publication_is_asked_for_and_a_worker_does_it(release, manager) -> None:
    publication = release.publish(by=manager, manifest=release.candidate.manifest_digest)
    assert publication.manifest_digest == release.candidate.manifest_digest
    assert (publication.state, publication.requested_by) == (Publication.State.RUNNING, manager)
    event = Event.objects.get(tag=Tag.PUBLICATION_STARTED)
    assert Job.objects.get(args__event=event.pk).name == "releases.publish"
    assert str(publication) == f"{release}: being published"
    assert (publication.project, publication.committee) == (release.project, release.committee)


def test_only_what_has_passed_a_vote_is_published() -> None:
    for release in (make.candidate(), make.vote().release):
        assert refused_with(release.publish, by=make.member(release)) == ["not_passed"]
        assert refused_with(announce, release, make.member(release)) == ["not_passed"]
    assert not Publication.objects.exists()


def test_other_files_than_one_looked_at_are_not_published(release, manager) -> None:
    assert refused_with(release.publish, by=manager, manifest="sha256:0") == ["other_files"]


def test_a_publication_is_begun_once_unless_it_failed(release, manager) -> None:
    publication = make.publication(release)
    assert refused_with(release.publish, by=manager) == ["published"]
    publication.record_failed("A blob is damaged.")
    publication.record_failed("Again.")
    assert Event.objects.get(tag=Tag.PUBLICATION_FAILED).facts["error"] == "A blob is damaged."
    again = release.publish(by=manager)
    assert (again.pk, again.state, again.error) == (publication.pk, Publication.State.RUNNING, "")
    again.record_published(location_of(release))
    assert refused_with(release.publish, by=manager) == ["published"]


def test_it_is_published_once_however_often_that_is_said(release) -> None:
    publication = done(release)
    publication.record_published("elsewhere")
    publication.record_failed("Too late.")
    publication.refresh_from_db()
    assert (publication.state, publication.location) == ("done", location_of(release))
    assert Event.objects.filter(tag=Tag.RELEASE_PUBLISHED).count() == 1
    assert not Event.objects.filter(tag=Tag.PUBLICATION_FAILED).exists()


def test_progress_is_told_without_a_lock(release, django_assert_num_queries) -> None:
    publication = make.publication(release)
    with django_assert_num_queries(1):
        publication.record_progress(7, 2)
    publication.refresh_from_db()
    assert (publication.bytes_done, publication.files_done) == (7, 2)


def test_what_is_not_published_yet_is_not_announced(release, manager) -> None:
    assert refused_with(announce, release, manager) == ["not_published"]
    publication = make.publication(release)
    assert refused_with(announce, release, manager) == ["being_published"]
    publication.record_failed("The disk is full.")
    assert refused_with(announce, release, manager) == ["not_published"]


def test_a_release_is_announced_once(release, manager) -> None:
    done(release)
    announce(release, manager)
    assert release.phase == Phase.RELEASED
    assert release.released_at is not None
    event = Event.objects.get(tag=Tag.RELEASE_ANNOUNCED)
    assert event.facts["mail_subject"] == "[ANNOUNCE]"
    follows = Job.objects.filter(args__event=event.pk).order_by("name")
    assert [job.name for job in follows] == ["notices.tell", "releases.send_mail"]
    assert refused_with(announce, release, manager) == ["announced"]


def test_a_long_announcement_fits_into_its_event(release, manager) -> None:
    done(release)
    body = '\\"\n' * 9_999
    announce(release, manager, "\u65e5" * 200, body)
    assert Event.objects.get(tag=Tag.RELEASE_ANNOUNCED).facts["mail_body"] == body


@pytest.mark.parametrize(("subject", "body"), [("", "b"), ("a\nb", "b"), ("s", ""), ("s", "\0")])
def test_an_announcement_that_cannot_be_sent_releases_nothing(
    release, manager, subject: str, body: str
) -> None:
    done(release)
    with pytest.raises(BadInput):
        announce(release, manager, subject, body)
    assert Release.objects.get(pk=release.pk).phase == Phase.FINISH


@pytest.mark.parametrize("role", [Role.PARTICIPANT, ""])
def test_others_publish_and_announce_nothing(release, role: str) -> None:
    person = make.member(release, role) if role else make.operator()
    with pytest.raises(PermissionDenied):
        release.publish(by=person)
    done(release)
    with pytest.raises(PermissionDenied):
        announce(release, person)
    assert Event.objects.filter(refused=True, actor=person.username).count() == 2


def test_a_release_that_is_out_never_changes(release, manager) -> None:
    done(release)
    announce(release, manager)
    vote, member = release.vote, make.member(release)
    before = Event.objects.count()
    acts = {
        "add_files": lambda: release.add_files({"x": make.blob("new")}, by=member),
        "delete_files": lambda: release.delete_files(["apache-x-1.0.tar.gz"], by=member),
        "rename_file": lambda: release.rename_file("apache-x-1.0.tar.gz", "x", by=member),
        "restore_revision": lambda: release.restore_revision(1, by=member),
        "delete_draft": lambda: release.delete_draft(by=member),
        "start_vote": lambda: release.start_vote(by=member, revision=1, subject="s", body="b"),
        "cast": lambda: vote.cast("-1", by=member, manifest_digest=vote.manifest_digest),
        "resolve_vote": lambda: release.resolve_vote(Outcome.CANCELLED, by=member),
        "publish": lambda: release.publish(by=member),
        "announce": lambda: announce(release, member),
    }
    jobs = Job.objects.count()
    for name, act in acts.items():
        with pytest.raises(NotReady):
            act()
        assert Event.objects.filter(refused=True).latest("pk").facts["verb"] == name
    assert Event.objects.count() == before + len(acts)
    assert Job.objects.count() == jobs
    assert (vote.ballots.count(), release.revisions.count()) == (3, 1)
    assert not vote.ballots.filter(choice=Choice.AGAINST).exists()


def test_what_is_done_has_a_place_the_database_knows(release) -> None:
    publication = make.publication(release)
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=publication.pk).update(state="done")


@pytest.mark.django_db(transaction=True)
def test_a_publication_whose_workers_died_for_good_can_be_begun_again() -> None:
    publication = make.publication()
    release = publication.release
    assert [each.code for each in release.publish_obstacles()] == ["published"]
    Job.objects.about(publication).update(state=Job.State.FAILED)
    assert list(release.publish_obstacles()) == []
    release.publish(by=make.member(release.project))
    run_pending()
    publication.refresh_from_db()
    assert publication.state == Publication.State.DONE
