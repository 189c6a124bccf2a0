"""What a draft's page tells of uploads that are no part of its files."""

import pytest
from django.test import Client
from django.urls import reverse

from releases.models import Arrival, Release, Way
from tests import make
from tests.archives import tar_gz
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

EVIL, GOOD = "evil-1.0-src.tar.gz", "good-1.0-src.tar.gz"


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"a.txt": b"a"})


@pytest.fixture
def member(release):
    return make.member(release.project, username="alice")


def send(release: Release, member) -> Arrival:
    files = {EVIL: make.blob(tar_gz("../out")), GOOD: make.blob(tar_gz()), "b.txt": make.blob("b")}
    return release.receive(files, by=member, way=Way.RSYNC)


def page_of(client: Client, release: Release) -> str:
    return client.get(release.get_absolute_url()).content.decode()


def address(arrival: Arrival) -> str:
    return reverse("releases:arrival", args=[*arrival.release.url_args, arrival.pk])


def test_a_refusal_names_each_file_and_why_and_goes_when_it_is_dismissed(release, member):
    arrival = send(release, member)
    client = logged_in(member)
    assert "An upload is being looked at" in page_of(client, release)
    run_pending()
    page = page_of(client, release)
    assert "An upload was refused" in page
    assert "../out" in page
    assert "by rsync" in page
    assert address(arrival) in page
    page = client.get(address(arrival)).content.decode()
    assert page.count("not kept because all of an upload is taken, or none") == 2
    assert EVIL in page
    answer = client.post(address(arrival))
    assert (answer.status_code, answer["Location"]) == (303, release.get_absolute_url())
    assert "An upload was refused" not in page_of(client, release)
    event = Event.objects.get(tag=Tag.ARRIVAL_DISMISSED)
    assert (event.actor, event.facts["path"]) == ("alice", "3 files (b.txt, …)")
    assert client.get(address(arrival)).status_code == 404


def test_one_that_waits_cannot_be_dismissed(release, member):
    arrival = send(release, member)
    answer = logged_in(member).post(address(arrival))
    assert answer.status_code == 409
    assert "nothing to dismiss" in answer.content.decode()


def test_one_whose_worker_was_lost_is_told(release, member):
    send(release, member)
    Job.objects.filter(name="checks.admit").update(state="failed")
    assert "An upload was lost on its way" in page_of(logged_in(member), release)


def test_who_changes_no_files_sees_the_refusal_but_not_the_way_to_dismiss_it(release, member):
    arrival = send(release, member)
    run_pending()
    other = logged_in(make.user(is_committer=True))
    page = page_of(other, release)
    assert "An upload was refused" in page
    assert address(arrival) not in page
    assert other.get(address(arrival)).status_code == 403
    assert other.post(address(arrival)).status_code == 403
    assert Arrival.objects.get().dismissed_at is None


def test_that_of_another_release_is_not_found(release, member):
    arrival = send(release, member)
    other = make.release(release.project, version="2.0", files={"a.txt": b"a"})
    wrong = reverse("releases:arrival", args=[*other.url_args, arrival.pk])
    client = logged_in(member)
    assert client.get(wrong).status_code == 404
    assert client.post(wrong).status_code == 404
    huge = reverse("releases:arrival", args=[*other.url_args, 10**30])
    assert client.get(huge).status_code == 404
