"""How far the checks are: with numbers, to the end, and honest when nobody works."""

import socket
from datetime import timedelta

import pytest
from django.utils.timezone import now

from checks.engine.model import Level
from checks.models import Run
from releases.models import Release
from tests import make
from tests.checks.made import checked, draft, found, member_of, result, url
from trusted_releases.ledger.models import Job, WorkerBeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def release():
    return draft()


@pytest.fixture
def owner(release):
    return member_of(release)


@pytest.fixture
def worker():
    return WorkerBeat.objects.create(host=socket.gethostname(), pid=1, queues=["default", "heavy"])


def running(release, **fields) -> Run:
    numbers = {
        "units_total": 4,
        "units_done": 1,
        "bytes_total": 200,
        "bytes_done": 50,
        "started_at": now() - timedelta(seconds=12),
    }
    state = Run.State.RUNNING
    return Run.objects.create(revision=release.newest, state=state, **(numbers | fields))


def test_it_says_how_far_with_numbers(owner, release, worker):
    running(release, attempt=2)
    answer = owner.get(url(release, "live"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<b>25 %</b>: 1 of 4 checks done" in text
    assert "seconds." in text
    assert "the worker before was lost" in text
    assert 'hx-trigger="every 2s"' in text
    assert "No worker" not in text


def test_findings_are_listed_as_they_come_and_the_list_is_told_of_more(owner, release, worker):
    run = running(release)
    run.results.add(result(found(message="Already found.")))
    page = owner.get(url(release, "findings")).content.decode()
    assert "Already found." in page
    assert "found from:body" in page
    assert "seen=1" in page
    assert "HX-Trigger" not in owner.get(url(release, "live"), {"seen": "1"})
    Run.objects.filter(pk=run.pk).update(units_done=2)
    assert owner.get(url(release, "live"), {"seen": "1"})["HX-Trigger"] == "found"


def test_at_the_end_it_stops_asking(owner, release):
    checked(release.newest, found())
    answer = owner.get(url(release, "live"), {"seen": "1"})
    assert (answer.status_code, answer["HX-Trigger"]) == (286, "checked")
    assert "every 2s" not in answer.content.decode()
    assert "are done" in answer.content.decode()
    assert 'id="live"' not in owner.get(url(release, "findings")).content.decode()


def test_it_says_so_when_no_worker_is_alive(owner, release):
    text = owner.get(url(release, "findings")).content.decode()
    assert "wait for a worker" in text
    assert "No worker that runs checks is alive" in text


def test_a_worker_of_other_jobs_or_one_long_silent_is_none(owner, release, worker):
    WorkerBeat.objects.update(queues=["default"])
    assert "No worker" in owner.get(url(release, "live")).content.decode()
    WorkerBeat.objects.update(queues=["default", "heavy"], at=now() - timedelta(minutes=5))
    assert "No worker" in owner.get(url(release, "live")).content.decode()


def test_when_their_job_has_failed_it_does_not_pretend_to_go_on(owner, release):
    Job.objects.about(release.newest).update(state="failed", error="The disk is full.")
    for name in ("findings", "progress"):
        text = owner.get(url(release, name)).content.decode()
        assert "do not go on by themselves" in text
        assert "The disk is full." in text
        assert "wait for a worker" not in text


class TestProgressOfADraft:
    def test_it_says_how_far_with_numbers(self, owner, release):
        running(release)
        answer = owner.get(url(release, "progress"))
        assert answer.status_code == 200
        assert "25 %" in answer.content.decode()

    def test_when_they_are_done_it_stops_asking_and_says_what_stands_in_the_way(
        self, owner, release
    ):
        checked(release.newest, found(Level.BLOCKER, "notes.txt", "No."))
        answer = owner.get(url(release, "progress"))
        assert answer.status_code == 286
        assert answer["HX-Trigger"] == "checked"
        assert "has blockers" in answer.content.decode()
        assert "every 2s" not in answer.content.decode()

    def test_it_goes_on_asking_when_they_end_while_it_answers(self, owner, release, monkeypatch):
        """Else the page would say for ever that they run."""
        obstacles = Release.vote_obstacles

        def ending(self, *args, **kwargs):
            before = list(obstacles(self, *args, **kwargs))
            checked(release.newest, found())
            return iter(before)

        monkeypatch.setattr(Release, "vote_obstacles", ending)
        answer = owner.get(url(release, "progress"))
        assert "still running" in answer.content.decode()
        assert answer.status_code == 200
        assert "every 2s" in answer.content.decode()


def test_what_a_worker_ran_into_is_for_those_who_work_on_it(client):
    release = make.vote().release
    Job.objects.about(release.candidate).update(state="failed", error="SMTPError: db.internal")
    address = url(release, "findings")
    assert "A job has failed" in client.get(address).content.decode()
    assert "db.internal" not in client.get(address).content.decode()
    assert "db.internal" in member_of(release).get(address).content.decode()
