"""Operators look, and run failed jobs again; nobody edits."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from picklefield.fields import dbsafe_encode

from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import (
    Event,
    Head,
    Job,
    LogEntry,
    LogState,
    Pending,
    WorkerBeat,
)
from trusted_releases.ledger.sealing import seal
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.admin import COUNTED, CappedPaginator, LookOnly

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ledger.urls")]

MODELS = [
    Event,
    Job,
    LogEntry,
    Head,
    LogState,
    Pending,
    WorkerBeat,
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
    enqueue("test.impossible")
    run_pending()
    enqueue("test.write", path="x")
    Schedule.objects.create(func="os.system", name="bad")
    now = Event.objects.latest("at").at
    for name, success in (("good", True), ("bad", False)):
        Task.objects.create(id=name, name=name, func="f", started=now, stopped=now, success=success)
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
    data = {"action": "retry_selected", "_selected_action": selected}
    page = console.post(url(Job, "changelist"), data, follow=True).content.decode()
    assert "Jobs queued again: 1." in page
    assert "has not failed, so there is nothing to run again." in page
    failed.refresh_from_db()
    assert failed.state == "queued"
    assert Event.objects.get(tag=Tag.JOB_RETRIED).actor == "root"


def test_a_viewer_without_the_right_is_not_offered_the_retry(client, rows, alice):
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(alice)
    page = client.get(url(Job, "changelist"))
    assert page.status_code in (200, 403)
    assert b"retry_selected" not in page.content
    failed = Job.objects.get(state="failed")
    data = {"action": "retry_selected", "_selected_action": [str(failed.pk)]}
    client.post(url(Job, "changelist"), data)
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_lists_are_searched(console, rows):
    page = console.get(url(Event, "changelist"), {"q": "root"})
    assert b"1 event" in page.content or b"2 events" in page.content
    assert b"0 events" in console.get(url(Event, "changelist"), {"q": "nobody-at-all"}).content


def test_a_long_error_is_cut_in_the_list(console, rows):
    Job.objects.filter(state="failed").update(error="x" * 500)
    page = console.get(url(Job, "changelist")).content.decode()
    assert "x" * 119 + "…" in page


def test_a_job_that_took_long_shows_minutes(console, rows):
    job = Job.objects.get(state="failed")
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at - timedelta(minutes=5))
    assert "5\xa0minutes" in console.get(url(Job, "changelist")).content.decode()


def test_nobody_counts_farther_than_the_cap(rows, monkeypatch):
    monkeypatch.setattr("trusted_releases.lib.admin.COUNTED", 1)
    assert CappedPaginator(Job.objects.order_by("pk"), 50).count == 1
    assert CappedPaginator([1, 2, 3], 50).count == 3
    assert COUNTED == 10_000
