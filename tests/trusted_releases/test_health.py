"""What the console's index tells: each number, its word when something is wrong, its list."""

from collections import namedtuple
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from keys.models import Certificate, KeyLink
from projects.models import Committee
from releases.models import Message, Publication, Vote
from tests import make
from tests.visitors import logged_in
from trusted_releases import health
from trusted_releases.health import Reading
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Inspection, Job, Pending, WorkerBeat
from trusted_releases.ledger.models.inspection import Problems
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db


def reading(what: str) -> Reading:
    found = [each for _, lines in health.readings() for each in lines if each.what == what]
    assert found, what
    return found[0]


@pytest.fixture
def console() -> Client:
    return logged_in(make.staff("auditor"))


def listed(console: Client, line: Reading) -> list[Any]:
    """The rows of the list that the reading leads to."""
    return list(console.get(line.url).context["cl"].result_list)


class TestWork:
    def test_jobs_that_wait_for_a_queue_nobody_serves(self, console: Client) -> None:
        assert reading("Waiting in mail").now == "0"
        job = enqueue("releases.send_mail", event=1)
        line = reading("Waiting in mail")
        assert (line.now, line.wrong) == ("1, the oldest due just now", "No worker")
        assert listed(console, line) == [job]

    def test_jobs_that_wait_long_although_somebody_works(self) -> None:
        enqueue("releases.send_mail", event=1, due_at=now() - timedelta(minutes=7))
        WorkerBeat.objects.create(host="here", pid=7, queues=["mail"])
        line = reading("Waiting in mail")
        assert (line.now, line.wrong) == ("1, the oldest due 7 minutes ago", "Slow")

    def test_running_lost_and_failed_ones(self, console: Client) -> None:
        job = enqueue("releases.clean_scratch")
        row = Job.objects.filter(pk=job.pk)
        row.update(state="running", claim="x", lease_until=now() - timedelta(seconds=1))
        assert reading("Running").now == "1"
        assert reading("Lost their worker").wrong == "Lost"
        assert listed(console, reading("Lost their worker")) == [job]
        row.update(state="failed", claim="", lease_until=None, finished_at=now())
        assert reading("Failed within 24 hours").wrong == "Failed"
        assert listed(console, reading("Failed within 24 hours")) == [job]
        row.update(finished_at=now() - timedelta(days=2))
        assert (reading("Failed within 24 hours").now, reading("Failed in all").now) == ("0", "1")

    def test_workers(self) -> None:
        assert reading("Workers").wrong == "None alive"
        WorkerBeat.objects.create(host="old", pid=1, at=now() - timedelta(hours=3))
        assert "the last was heard of 3 hours ago" in reading("Workers").now
        WorkerBeat.objects.create(host="here", pid=7, queues=["heavy"])
        assert reading("Worker here:7").now == "heavy; heard of just now"


class TestReleases:
    def test_votes_by_their_end(self, console: Client) -> None:
        vote = make.vote()
        votes = Vote.objects.filter(pk=vote.pk)
        votes.update(ends_at=now() - timedelta(minutes=1))
        line = reading("Votes that are over, and not resolved")
        assert (line.now, line.wrong) == ("1", "Waiting")
        assert listed(console, line) == [vote]

    def test_votes_that_end_today(self) -> None:
        at = now().replace(hour=12)
        vote = make.vote()
        for hours, count in ((3, 1), (13, 0), (-1, 0)):
            Vote.objects.filter(pk=vote.pk).update(ends_at=at + timedelta(hours=hours))
            assert Vote.objects.ending_today(at).count() == count

    def test_publications(self, console: Client) -> None:
        publication = make.publication()
        assert reading("Publications under way").now == "1"
        publication.record_failed("The disk is full.")
        line = reading("Publications that failed")
        assert line.wrong == "Failed"
        assert listed(console, line) == [publication]

    def test_keys_that_expire_where_people_release(self, console: Client) -> None:
        publication = make.publication()
        busy, idle = publication.committee, make.committee()
        soon = [certificate(number, where) for number, where in enumerate((busy, idle))]
        what = "Keys of committees that release, which expire within 90 days"
        assert reading(what).now == "0"
        Publication.objects.update(state="done", published_at=now(), location="x")
        publication.release.announce(by=make.member(busy), subject="Out", body="Here.")
        assert reading(what).wrong == "Expiring"
        assert listed(console, reading(what)) == [soon[0]]


def certificate(number: int, committee: Committee) -> Certificate:
    at = now()
    made = Certificate.objects.create(
        fingerprint=f"{number:040x}",
        key_id=f"{number:016x}",
        algorithm="rsa",
        length=4096,
        created_at=at,
        expires_at=at + timedelta(days=30),
    )
    KeyLink.objects.create(certificate=made, committee=committee)
    return made


class TestMailAndStorage:
    def test_mail_that_has_not_gone_out(self, console: Client) -> None:
        assert reading("Mails not sent yet").wrong == ""
        message = Message.objects.create(release=make.release(), event=1, message_id="<1@x>")
        Message.objects.update(created_at=now() - timedelta(hours=2))
        line = reading("Mails not sent yet")
        assert (line.now, line.wrong) == ("1, the oldest made 2 hours ago", "Late")
        assert listed(console, line) == [message]

    def test_what_is_stored_is_measured_by_a_worker(self) -> None:
        assert "not measured yet" in reading("Stored files").now
        figures = {"published": 3, "published_files": 9, "published_bytes": 2048}
        Inspection.objects.keep("storage", began=now(), looked_at=1200, size=1024, **figures)
        assert reading("Stored files").now == "1,200, 1.0 KB, as of just now"
        assert reading("Download area").now == "3 releases, 2.0 KB, as of just now"

    def test_a_disk_that_is_nearly_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(health.shutil, "disk_usage", lambda place: usage(100, 95, 5))
        disks = [each for each in dict(health.readings())["Storage"] if "Free" in each.what]
        assert [each.wrong for each in disks] == ["Low"]


class TestIntegrity:
    def test_events_that_wait_for_their_seal(self) -> None:
        person = make.user()
        event = Event.objects.record(Tag.ACCOUNT_CHANGED, by=person, subject=person)
        what = "Events that wait for their place in the log"
        assert (reading(what).now, reading(what).wrong) == ("1, the oldest made just now", "")
        later = dict(health.readings(event.at + timedelta(minutes=2)))["Integrity"][0]
        assert later.wrong == "Late"
        assert Pending.objects.count() == 1

    @pytest.mark.parametrize("kind", ["events", "blobs", "published"])
    def test_inspections(self, kind: str, console: Client) -> None:
        what = Inspection.Kind(kind).label
        assert (reading(what).now, reading(what).wrong) == ("not looked through yet", "")
        kept = Inspection.objects.keep(kind, began=now(), looked_at=7)
        assert reading(what).now == "0 problems among 7, just now"
        assert listed(console, reading(what)) == [kept]
        wrong = Problems()
        wrong.add("event 3: changed")
        Inspection.objects.keep(kind, began=now(), looked_at=7, problems=wrong)
        assert reading(what).wrong == "Damaged"
        Inspection.objects.all().delete()
        Inspection.objects.keep(kind, began=now(), looked_at=7)
        Inspection.objects.update(finished_at=now() - timedelta(days=16))
        assert reading(what).wrong == "Overdue"


def test_numbers_end_at_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "COUNTED", 2)
    for number in range(3):
        held = {"state": "running", "claim": "x", "lease_until": now()}
        Job.objects.create(name=f"{number}", queue="mail", **held)
    assert reading("Running").now == "2 or more"


def test_it_costs_the_same_for_many_rows_as_for_few() -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            health.readings()
        return len(queries)

    few = cost()
    for number in range(20):
        Job.objects.create(name=f"{number}", queue="mail", state="failed", finished_at=now())
        enqueue("releases.send_mail", event=number)
        make.vote()
    assert cost() == few <= 24


def test_every_reading_leads_to_a_list_that_opens(console: Client) -> None:
    Inspection.objects.keep(
        "storage", began=now(), looked_at=1, published=0, published_files=0, published_bytes=0
    )
    urls = {each.url for _, lines in health.readings() for each in lines if each.url}
    assert len(urls) > 12
    assert {console.get(url).status_code for url in urls} == {200}


def test_the_index_shows_words_not_only_colours(console: Client) -> None:
    page = console.get(reverse("admin:index")).content.decode()
    assert "None alive" in page
    assert reverse("admin:health") in page


def test_what_is_amiss_comes_first_and_nothing_amiss_is_said(console: Client) -> None:
    page = console.get(reverse("admin:index")).content.decode()
    assert "thing to look at" in page  # no worker lives
    WorkerBeat.objects.create(host="here", pid=7, queues=["default", "mail", "heavy"])
    page = console.get(reverse("admin:index")).content.decode()
    assert "All is well" in page
    Job.objects.create(name="x", queue="mail", state="failed", finished_at=now())
    assert [line.wrong for line in health.amiss(health.readings())] == ["Failed"]
