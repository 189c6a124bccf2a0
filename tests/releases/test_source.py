"""Saying from which commit a release was made: who may, what is taken, what follows."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.roles import Role
from releases.models import Release, Source
from releases.models.source import hosts_of
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

URL = "https://github.com/apache/tool"
COMMIT = "ab" * 20


@pytest.fixture
def release() -> Release:
    return make.candidate(make.project("tool"), version="1.0")


@pytest.fixture
def manager(release):
    return make.member(release.project, Role.PARTICIPANT)


def again(release) -> Release:
    return Release.objects.get(pk=release.pk)


def codes(release):
    return [each.code for each in again(release).vote_obstacles()]


def test_it_is_recorded_with_an_event_and_a_job_that_fetches_it(release, manager):
    source = release.record_source(by=manager, repository=f"{URL}/", commit=COMMIT.upper())
    assert (source.repository, source.commit, source.tag) == (URL, COMMIT, "")
    assert (source.state, source.recorded_by) == ("waiting", manager)
    event = Event.objects.get(tag=Tag.SOURCE_RECORDED)
    assert event.facts["commit"] == COMMIT
    job = Job.objects.get(name="checks.fetch_source")
    assert (job.queue, job.args) == ("source", {"event": event.pk})


def test_a_rollback_takes_the_job_along(release, manager):
    def interrupted():
        with transaction.atomic():
            release.record_source(by=manager, repository=URL, tag="v1.0")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert not Job.objects.filter(name="checks.fetch_source").exists()
    assert again(release).source is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"repository": URL}, "Name the commit, the tag, or both"),
        ({"repository": "http://github.com/a/b", "tag": "v1"}, "begins with https"),
        ({"repository": "https://localhost/a/b", "tag": "v1"}, "not looked at"),
        ({"repository": "file:///etc", "tag": "v1"}, "begins with https"),
        ({"repository": "--upload-pack=x", "tag": "v1"}, "plain URL"),
        ({"repository": URL, "commit": "main"}, "full id"),
        ({"repository": URL, "tag": "--help"}, "A tag is named"),
    ],
)
def test_what_cannot_be_used_is_refused(release, manager, given, why):
    with pytest.raises(BadInput, match=why):
        release.record_source(by=manager, **given)
    assert again(release).source is None


def test_who_may_not_change_files_may_not_say_where_they_are_from(release):
    for stranger in (make.user(), make.user(is_committer=True), make.operator()):
        with pytest.raises(PermissionDenied):
            release.record_source(by=stranger, repository=URL, tag="v1.0")
        with pytest.raises(PermissionDenied):
            release.fetch_source_again(by=stranger)
        with pytest.raises(PermissionDenied):
            release.forget_source(by=stranger)


def test_while_it_is_fetched_no_vote_is_called(release, manager):
    assert codes(release) == []
    release.record_source(by=manager, repository=URL, tag="v1.0")
    assert codes(release) == ["source_pending", "checks_outdated"]


def test_once_it_is_fetched_the_checks_are_to_be_made_anew(release, manager):
    source = release.record_source(by=manager, repository=URL, tag="v1.0")
    assert source.record_fetched(1, commit=COMMIT, inventory=make.blob("inventory"))
    assert codes(release) == ["checks_outdated"]
    make.checked(again(release).newest)
    assert codes(release) == []
    event = Event.objects.get(tag=Tag.SOURCE_FETCHED)
    assert (event.actor, event.facts["commit"]) == ("", COMMIT)
    assert Job.objects.filter(name="checks.run_newest", args={"event": event.pk}).exists()


def test_what_could_not_be_fetched_says_why(release, manager):
    source = release.record_source(by=manager, repository=URL, tag="v1.0")
    assert source.record_failed(1, problem="x" * 2_000)
    source = again(release).source
    assert (source.state, len(source.problem)) == ("failed", 1_000)
    assert codes(release) == ["source_failed", "checks_outdated"]
    assert Event.objects.filter(tag=Tag.SOURCE_FAILED).count() == 1


def test_what_comes_back_after_it_was_recorded_anew_is_dropped(release, manager):
    source = release.record_source(by=manager, repository=URL, tag="v1.0")
    release.record_source(by=manager, repository=URL, tag="v2.0")
    assert not source.record_fetched(1, commit=COMMIT, inventory=make.blob("inventory"))
    assert not source.record_failed(1, problem="late")
    kept = again(release).source
    assert (kept.tag, kept.state, kept.asked) == ("v2.0", "waiting", 2)


def test_reporting_twice_leaves_one_event(release, manager):
    source = release.record_source(by=manager, repository=URL, tag="v1.0")
    inventory = make.blob("inventory")
    assert source.record_fetched(1, commit=COMMIT, inventory=inventory)
    assert not source.record_fetched(1, commit=COMMIT, inventory=inventory)
    assert Event.objects.filter(tag=Tag.SOURCE_FETCHED).count() == 1


def test_it_is_fetched_again_when_a_person_asks(release, manager):
    source = release.record_source(by=manager, repository=URL, tag="v1.0")
    with pytest.raises(BadInput, match="already"):
        release.fetch_source_again(by=manager)
    source.record_failed(1, problem="down")
    release.fetch_source_again(by=manager)
    kept = again(release).source
    assert (kept.state, kept.problem, kept.asked, kept.tag) == ("waiting", "", 2, "v1.0")
    assert Job.objects.filter(name="checks.fetch_source").count() == 2


def test_a_failed_one_waits_again_when_the_release_is_checked_again(release, manager):
    source = release.record_source(by=manager, repository=URL, tag="v1.0")
    assert not source.record_awaited()
    source.record_failed(1, problem="down")
    assert source.record_awaited()
    assert (source.state, source.asked, source.problem) == ("waiting", 2, "")


def test_it_is_taken_away_and_can_come_back(release, manager):
    with pytest.raises(BadInput, match="No source is recorded"):
        release.forget_source(by=manager)
    with pytest.raises(BadInput, match="No source is recorded"):
        release.fetch_source_again(by=manager)
    release.record_source(by=manager, repository=URL, tag="v1.0")
    release.forget_source(by=manager)
    assert release.source is None
    assert not Source.objects.exists()
    assert codes(release) == []  # as it was when it was checked
    event = Event.objects.get(tag=Tag.SOURCE_FORGOTTEN)
    assert event.facts["source_tag"] == "v1.0"
    assert release.record_source(by=manager, repository=URL, tag="v1.0").state == "waiting"


def test_at_the_vote_it_is_frozen_with_the_files(release, manager):
    make.vote(release)
    for act in (release.fetch_source_again, release.forget_source):
        with pytest.raises(NotReady, match="frozen"):
            act(by=manager)
    with pytest.raises(NotReady, match="frozen"):
        release.record_source(by=manager, repository=URL, tag="v1.0")


def test_the_hosts_are_those_of_the_settings_and_the_projects_own(release, settings):
    settings.SOURCE_HOSTS = ["github.com"]
    assert hosts_of(release.project) == ("github.com",)
    release.project.repository = "https://git.example.org:8443/tool"
    assert hosts_of(release.project) == ("github.com", "git.example.org:8443")


def test_a_repository_that_is_not_the_projects_is_told(release, manager):
    source = release.record_source(by=manager, repository=URL, tag="v1.0")
    assert not source.is_elsewhere
    source.release.project.repository = "https://GitHub.com/Apache/tool.git/"
    assert not source.is_elsewhere
    source.release.project.repository = "https://github.com/apache/other"
    assert source.is_elsewhere


@pytest.mark.parametrize(
    ("commit", "tag", "found", "what"),
    [
        (COMMIT, "", "", "commit abababababab"),
        (COMMIT, "v1", "", "commit abababababab (tag v1)"),
        ("", "v1", "", "tag v1"),
        ("", "v1", COMMIT, "commit abababababab (tag v1)"),
    ],
)
def test_what_it_is_in_words(commit, tag, found, what):
    source = Source(repository=URL, commit=commit, tag=tag, found=found)
    assert source.what == what
    assert str(source) == f"{what} of {URL}"


def test_the_database_holds_no_source_without_a_name_and_none_fetched_without_bytes(release):
    for fields in ({}, {"tag": "v1", "state": "fetched"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Source.objects.create(release=release, repository=URL, **fields)


def test_a_deleted_draft_takes_its_record_along(release, manager):
    release.record_source(by=manager, repository=URL, tag="v1.0")
    release.delete_draft(by=make.member(release.project))
    assert not Source.objects.exists()
