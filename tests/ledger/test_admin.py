"""Operators look, and run failed jobs again; nobody edits."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.urls import reverse
from django.utils.timezone import now
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from picklefield.fields import dbsafe_encode

from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import (
    Event,
    Head,
    Inspection,
    Job,
    LogEntry,
    LogState,
    Pending,
    WorkerBeat,
)
from trusted_releases.ledger.sealing import seal
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.admin import LookOnly

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ledger.urls")]

MODELS = [
    Event,
    Job,
    LogEntry,
    Head,
    LogState,
    Pending,
    WorkerBeat,
    Inspection,
    OrmQ,
    Success,
    Failure,
    Schedule,
]


class Boom:
    """Runs when a pickle with it is opened."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle was opened')",))


@pytest.fixture
def rows(root):
    """One row of each model."""
    Event.objects.record(Tag.BALLOT_CAST, by=root, subject=root, ballot="<b>+1</b>")
    seal()
    Event.objects.record(Tag.BALLOT_CAST, by=root, subject=root)
    WorkerBeat.objects.create(host="here", pid=1, queues=["mail"])
    Inspection.objects.keep("events", began=now(), looked_at=1)
    enqueue("test.impossible")
    run_pending()
    enqueue("test.write", path="x")
    Schedule.objects.create(func="os.system", name="bad")
    at = Event.objects.latest("at").at
    for name, success in (("good", True), ("bad", False)):
        Task.objects.create(id=name, name=name, func="f", started=at, stopped=at, success=success)
    with connection.cursor() as cursor:
        pickled = str(dbsafe_encode(Boom(), copy=False))
        cursor.execute("UPDATE django_q_task SET result = %s, args = %s", [pickled, pickled])


@pytest.fixture
def console(client, root):
    client.force_login(root)
    return client


def url(model, view, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def test_opening_the_pickle_would_be_noticed(rows):
    with pytest.raises(SystemExit, match="the pickle was opened"):
        Task.objects.first()


@pytest.mark.parametrize("model", MODELS)
def test_every_row_can_be_looked_at_and_none_edited(console, rows, model):
    listing = console.get(url(model, "changelist"))
    assert listing.status_code == 200
    pk = model._default_manager.values_list("pk", flat=True).first()
    page = console.get(url(model, "change", pk))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert console.get(url(model, "add")).status_code == 403
    assert console.post(url(model, "change", pk), {}).status_code == 403
    assert console.post(url(model, "delete", pk), {"post": "yes"}).status_code == 403
    assert isinstance(admin.site.get_model_admin(model), LookOnly)


def test_facts_are_shown_as_text(console, rows):
    event = Event.objects.filter(tag=Tag.BALLOT_CAST).earliest("pk")
    page = console.get(url(Event, "change", event.pk)).content.decode()
    assert "&lt;b&gt;+1&lt;/b&gt;" in page
    assert "<b>+1</b>" not in page
    assert f"0, leaf {event.entry.leaf}" in page


def test_an_event_that_is_not_sealed_yet_says_so(console, root):
    event = Event.objects.record(Tag.BALLOT_CAST, by=root, subject=root)
    assert b"not sealed yet" in console.get(url(Event, "change", event.pk)).content


def test_failed_jobs_show_their_error_and_are_run_again(console, rows):
    failed = Job.objects.get(state="failed")
    assert b"The file is gone" in console.get(url(Job, "changelist")).content
    selected = [str(pk) for pk in Job.objects.values_list("pk", flat=True)]
    data = {"action": "retry", "_selected_action": selected}
    page = console.post(url(Job, "changelist"), data).content.decode()
    assert "What will happen" in page
    assert Job.objects.filter(state="failed").exists()
    data |= {"confirmed": "yes", "reason": "The file is back"}
    page = console.post(url(Job, "changelist"), data, follow=True).content.decode()
    assert "Run again: done, 1 of" in page
    assert "has not failed, so there is nothing to run again." in page
    failed.refresh_from_db()
    assert failed.state == "queued"
    retried = Event.objects.get(tag=Tag.JOB_RETRIED)
    assert (retried.actor, retried.facts["reason"]) == ("root", "The file is back")


def test_an_auditor_is_not_offered_the_retry(client, rows, alice):
    alice.is_staff = True
    alice.save()
    alice.groups.add(Group.objects.get(name="auditor"))
    client.force_login(alice)
    page = client.get(url(Job, "changelist"))
    assert page.status_code == 200
    assert b'value="retry"' not in page.content
    failed = Job.objects.get(state="failed")
    data = {"action": "retry", "_selected_action": [str(failed.pk)], "confirmed": "yes"}
    client.post(url(Job, "changelist"), data | {"reason": "Because"})
    assert client.get(url(Job, "act", failed.pk, "retry")).status_code == 403
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_a_permission_that_somebody_stored_opens_nothing(client, rows, alice):
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(alice)
    assert client.get(url(Job, "changelist")).status_code == 302


def test_a_waiting_job_is_given_up_with_a_reason(console, rows):
    job = Job.objects.get(state="queued")
    address = url(Job, "act", job.pk, "give-up")
    assert b"This cannot be undone" not in console.get(address).content
    assert console.post(address, {"reason": " "}).status_code == 422
    assert console.post(address, {"reason": "Not needed"}).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.wake_row) == ("failed", None)
    assert "Given up by root: Not needed" in job.error
    event = Event.objects.get(tag=Tag.JOB_GIVEN_UP)
    assert event.facts == {"job": job.name, "reason": "Not needed", "was": "queued"}


def test_acts_stand_on_the_page_of_the_row_they_fit(console, rows):
    failed, queued = Job.objects.get(state="failed"), Job.objects.get(state="queued")
    assert url(Job, "act", failed.pk, "retry") in console.get(url(Job, "change", failed.pk)).text
    page = console.get(url(Job, "change", queued.pk)).text
    assert url(Job, "act", queued.pk, "give-up") in page
    assert url(Job, "act", queued.pk, "retry") not in page


@pytest.mark.parametrize("asked", ["stuck", "lost", "retried", "failed_today", "hour"])
def test_jobs_in_trouble_are_found(console, rows, asked):
    job = Job.objects.get(state="failed")
    hours_ago = now() - timedelta(hours=2)
    lost = {"state": "running", "claim": "x", "lease_until": hours_ago, "created_at": hours_ago}
    changes = {"stuck": {"state": "queued", "due_at": hours_ago}, "lost": lost, "hour": lost}
    changes |= {"retried": {"attempts": 2}}
    Job.objects.exclude(pk=job.pk).update(attempts=1)
    Job.objects.filter(pk=job.pk).update(**changes.get(asked, {"attempts": 1}))
    page = console.get(url(Job, "changelist"), {"trouble": asked})
    assert [row.pk for row in page.context["cl"].result_list] == [job.pk]


def test_lists_are_searched(console, rows):
    page = console.get(url(Event, "changelist"), {"q": "root"})
    assert b"1 event" in page.content or b"2 events" in page.content
    page = console.get(url(Event, "changelist"), {"q": "nobody-at-all"})
    assert b"No events are like this" in page.content


def test_a_long_error_is_cut_in_the_list(console, rows):
    Job.objects.filter(state="failed").update(error="x" * 500)
    page = console.get(url(Job, "changelist")).content.decode()
    assert "x" * 119 + "…" in page


def test_a_job_that_took_long_shows_minutes(console, rows):
    job = Job.objects.get(state="failed")
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at - timedelta(minutes=5))
    assert "5\xa0minutes" in console.get(url(Job, "changelist")).content.decode()
