"""The ledger for operators: to look at, to run failed jobs again, and to give others up."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import django_q.admin  # noqa: F401  its registrations must come first, to be replaced here
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import now
from django_q.models import Failure, OrmQ, Schedule, Success

from trusted_releases.ledger.models import (
    Event,
    Head,
    Inspection,
    Job,
    LogEntry,
    LogState,
    Pending,
    Spending,
    WorkerBeat,
)
from trusted_releases.ledger.models.spending import MICROSECONDS
from trusted_releases.ledger.registry import QUEUES, known_jobs
from trusted_releases.lib.admin import LookOnly, in_full, link_to
from trusted_releases.lib.admin_acts import Act
from trusted_releases.lib.admin_filters import asked, one_of, since

WAITS_LONG = timedelta(minutes=10)


@admin.register(Event)
class EventAdmin(LookOnly):
    """What happened. The log has no form: nothing in it is ever changed.

    A million rows: searched by what has an index, whole and in the case it has.
    """

    list_display = ["id", "at", "tag", "who", "project", "about", "refused"]
    list_filter = [since("at", "happened within"), "refused", "tag"]
    search_fields = ["actor__exact", "project__exact", "release__exact"]
    search_help_text = "An actor, a project or the number of a release, in full."
    sortable_by = ["id"]
    fields = [
        *("id", "at", "tag", "refused", "who", "about", "committee", "project", "release"),
        *("written", "place"),
    ]

    @admin.display(description="Actor")
    def who(self, event: Event) -> str:
        person = event.facts.get("on_behalf_of", "")
        return f"{event.actor}, on behalf of {person}" if person else event.actor

    @admin.display(description="About")
    def about(self, event: Event) -> SafeString | str:
        return link_to(event.kind, event.key)

    @admin.display(description="Facts")
    def written(self, event: Event) -> SafeString:
        return in_full(json.dumps(event.facts, indent=2, ensure_ascii=False))

    @admin.display(description="Place in the log")
    def place(self, event: Event) -> str:
        entry = LogEntry.objects.filter(event=event).first()
        return f"{entry.position}, leaf {entry.leaf}" if entry else "not sealed yet"


def stuck(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Queued and long due, or running without a worker."""
    at = now()
    return jobs.filter(state="queued", due_at__lt=at - WAITS_LONG) | jobs.filter(
        state="running", lease_until__lt=at
    )


TROUBLE = asked(
    "trouble",
    "trouble",
    stuck=("Stuck: waits for 10 minutes, or lost its worker", stuck),
    lost=("Lost its worker", lambda jobs: jobs.filter(state="running", lease_until__lt=now())),
    retried=("Tried more than once", lambda jobs: jobs.filter(attempts__gt=1)),
    failed_today=(
        "Failed within 24 hours",
        lambda jobs: jobs.filter(state="failed", finished_at__gt=now() - timedelta(days=1)),
    ),
    hour=(
        "Unfinished for an hour",
        lambda jobs: jobs.filter(
            state__in=["queued", "running"], created_at__lt=now() - timedelta(hours=1)
        ),
    ),
)


@admin.register(Job)
class JobAdmin(LookOnly):
    """What is to be done and how it went. A failed job can be queued again."""

    has_events = True
    list_display = [
        *("id", "name", "colored_state", "queue", "attempts", "age", "its_release", "trouble"),
    ]
    list_display_links = ["id", "name"]
    list_filter = [
        *("state", TROUBLE, one_of("queue", "queue", lambda: QUEUES)),
        *(one_of("name", "job", lambda: sorted(known_jobs())), since("created_at", "made within")),
        "scheduled",
    ]
    search_fields = ["id__exact", "release__exact", "key__exact"]
    search_help_text = "The number of a job or of a release, or a job's key, in full."
    sortable_by = ["id"]
    acts = [
        Act(
            name="retry",
            label="Run again",
            perm="ledger.retry_job",
            run=Job.retry,
            will="The job is queued again, with all its attempts before it. What it has done "
            "already it finds done.",
            undo="Give it up while it waits or runs.",
            fits=lambda job: job.state == Job.State.FAILED,
        ),
        Act(
            name="give-up",
            label="Give up",
            perm="ledger.give_up_job",
            run=Job.give_up,
            will="The job fails now, and is not tried again by itself. A worker that runs it "
            "writes nothing more.",
            undo="Run it again: a job that was given up is a failed job.",
            fits=lambda job: not job.is_settled,
        ),
    ]
    fields = [
        *("id", "name", "state", "queue", "attempts", "max_attempts", "args", "key"),
        *("its_release", "about", "scheduled", "created_at", "due_at", "started_at"),
        *("finished_at", "lease_until", "result", "all_of_error", "all_of_log"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Without the logs, of which a page of fifty rows could have megabytes."""
        return super().get_queryset(request).defer("log", "result")

    @admin.display(description="Release")
    def its_release(self, job: Job) -> SafeString | str:
        return link_to("releases.release", job.release, job.release) if job.release else ""

    @admin.display(description="About")
    def about(self, job: Job) -> SafeString | str:
        return link_to(job.about_kind, job.about_key) if job.about_kind else ""

    @admin.display(description="State")
    def colored_state(self, job: Job) -> SafeString:
        return format_html('<span class="job-{}">{}</span>', job.state, job.get_state_display())

    @admin.display(description="Age")
    def age(self, job: Job) -> str:
        """Since it was queued, for a job somebody may wait for; else how long it took in all."""
        took = (job.finished_at or now()) - job.created_at
        if took < timedelta(minutes=1):
            return f"{took.total_seconds():.1f} s"
        return timesince(now() - took)

    @admin.display(description="Error")
    def trouble(self, job: Job) -> str:
        last = job.error.strip().rsplit("\n", 1)[-1]
        return last if len(last) <= 120 else f"{last[:119]}…"

    @admin.display(description="Error")
    def all_of_error(self, job: Job) -> SafeString:
        return in_full(job.error)

    @admin.display(description="Log")
    def all_of_log(self, job: Job) -> SafeString:
        return in_full(job.log)


@admin.register(Inspection)
class InspectionAdmin(LookOnly):
    """What was looked through for damage, and what was found: the newest first."""

    list_display = ["kind", "finished_at", "took", "looked_at", "size", "problems"]
    list_display_links = ["kind", "finished_at"]
    list_filter = [
        "kind",
        asked(
            "outcome",
            "outcome",
            problems=("With problems", lambda rows: rows.with_problems()),
            clean=("Without", lambda rows: rows.filter(problems=0)),
        ),
        since("finished_at", "made within"),
    ]
    fields = [
        *("kind", "began_at", "finished_at", "took", "looked_at", "size", "problems"),
        *("listed", "figures"),
    ]

    @admin.display(description="Took")
    def took(self, inspection: Inspection) -> str:
        return f"{(inspection.finished_at - inspection.began_at).total_seconds():.1f} s"

    @admin.display(description="What is wrong")
    def listed(self, inspection: Inspection) -> SafeString:
        return in_full("\n".join(inspection.found))


@admin.register(LogEntry)
class LogEntryAdmin(LookOnly):
    list_display = ["position", "event", "leaf"]
    list_select_related = ["event"]
    search_fields = ["=position", "=event__id", "leaf__exact"]
    sortable_by = ["position"]


@admin.register(Head)
class HeadAdmin(LookOnly):
    list_display = ["size", "root", "at", "key_id"]
    search_fields = ["=size", "root__exact"]


@admin.register(LogState)
class LogStateAdmin(LookOnly):
    list_display = ["__str__"]


@admin.register(Pending)
class PendingAdmin(LookOnly):
    """Events that wait for their place in the log: a few, for a few seconds."""

    list_display = ["__str__", "event"]
    list_select_related = ["event"]


@admin.register(Spending)
class SpendingAdmin(LookOnly):
    """Whose limits are used up, and when all of them is free again."""

    fields = list_display = ("actor", "action", "free_again")
    search_fields = ["actor__exact"]

    @admin.display(description="All free again", ordering="full_at")
    def free_again(self, row: Spending) -> datetime:
        return datetime.fromtimestamp(row.full_at / MICROSECONDS, UTC)


@admin.register(WorkerBeat)
class WorkerBeatAdmin(LookOnly):
    """Which workers live. One that has not been heard of for 30 seconds is dead or cut off."""

    list_display = ["__str__", "alive", "queues", "at", "started_at", "restarts"]

    @admin.display(boolean=True, description="Alive")
    def alive(self, beat: WorkerBeat) -> bool:
        return beat.is_alive()


class CallAdmin(LookOnly):
    """django-q2's wake-up calls. The payload is a pickle, and stays closed."""

    list_display = ["id", "key", "lock"]
    list_filter = [one_of("key", "queue", lambda: QUEUES)]
    fields = ["id", "key", "lock"]


class OutcomeAdmin(LookOnly):
    """What django-q2 says of calls, of which ours never fail. Their pickles are not opened:
    reading one runs what it holds."""

    list_display = ["name", "func", "cluster", "started", "stopped", "success"]
    search_fields = ["name"]
    fields = ["id", "name", "func", "cluster", "started", "stopped", "success", "attempt_count"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("args", "kwargs", "result")


class ScheduleAdmin(LookOnly):
    """Empty, and to be kept so: a schedule names a function, and who may add one may run code.
    Ours stand in the code (`ledger.jobs.schedule`)."""

    list_display = ["name", "func", "schedule_type", "next_run"]


def replace(models: Iterable[type], by: type[LookOnly]) -> None:
    for model in models:
        if admin.site.is_registered(model):
            admin.site.unregister(model)
        admin.site.register(model, by)


replace([OrmQ], CallAdmin)
replace([Success, Failure], OutcomeAdmin)
replace([Schedule], ScheduleAdmin)
