"""The ledger for operators: to look at, and to run failed jobs again."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import django_q.admin  # noqa: F401  its registrations must come first, to be replaced here
from django.contrib import admin, messages
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
    Job,
    LogEntry,
    LogState,
    Pending,
    WorkerBeat,
)
from trusted_releases.lib.admin import LookOnly
from trusted_releases.lib.errors import Refused


@admin.register(Event)
class EventAdmin(LookOnly):
    """What happened. The log has no form: nothing in it is ever changed."""

    list_display = ["id", "at", "tag", "actor", "project", "about", "refused"]
    list_filter = ["refused", "tag"]
    search_fields = ["=actor", "=project", "=committee", "=key", "=release", "facts"]
    date_hierarchy = "at"
    fields = [
        *("id", "at", "tag", "refused", "actor", "about", "committee", "project", "release"),
        *("written", "place"),
    ]

    @admin.display(description="About")
    def about(self, event: Event) -> str:
        return f"{event.kind} {event.key}"

    @admin.display(description="Facts")
    def written(self, event: Event) -> SafeString:
        return _pre(json.dumps(event.facts, indent=2, ensure_ascii=False))

    @admin.display(description="Place in the log")
    def place(self, event: Event) -> str:
        entry = LogEntry.objects.filter(event=event).first()
        return f"{entry.position}, leaf {entry.leaf}" if entry else "not sealed yet"


@admin.register(Job)
class JobAdmin(LookOnly):
    """What is to be done and how it went. A failed job can be queued again."""

    list_display = ["id", "name", "colored_state", "queue", "attempts", "age", "release", "trouble"]
    list_display_links = ["id", "name"]
    list_filter = ["state", "queue", "scheduled"]
    search_fields = ["name", "=release", "=about_key", "=key", "error"]
    actions = ["retry_selected"]
    fields = [
        *("id", "name", "state", "queue", "attempts", "max_attempts", "args", "key", "release"),
        *("about_kind", "about_key", "scheduled", "created_at", "due_at", "started_at"),
        *("finished_at", "lease_until", "result", "all_of_error", "all_of_log"),
    ]

    @admin.display(description="State", ordering="state")
    def colored_state(self, job: Job) -> SafeString:
        return format_html('<span class="job-{}">{}</span>', job.state, job.get_state_display())

    @admin.display(description="Age", ordering="created_at")
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
        return _pre(job.error)

    @admin.display(description="Log")
    def all_of_log(self, job: Job) -> SafeString:
        return _pre(job.log)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ledger.retry_job")

    @admin.action(description="Run selected failed jobs again", permissions=["retry"])
    def retry_selected(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        queued = 0
        for job in jobs:
            try:
                job.retry(by=request.user)
                queued += 1
            except Refused as error:
                self.message_user(request, str(error), messages.WARNING)
        self.message_user(request, f"Jobs queued again: {queued}.")


@admin.register(LogEntry)
class LogEntryAdmin(LookOnly):
    list_display = ["position", "event", "leaf"]
    list_select_related = ["event"]
    search_fields = ["=position", "=event__id", "=leaf"]


@admin.register(Head)
class HeadAdmin(LookOnly):
    list_display = ["size", "root", "at", "key_id"]
    search_fields = ["=size", "=root"]


@admin.register(LogState)
class LogStateAdmin(LookOnly):
    list_display = ["__str__"]


@admin.register(Pending)
class PendingAdmin(LookOnly):
    """Events that wait for their place in the log: a few, for a few seconds."""

    list_display = ["__str__", "event"]
    list_select_related = ["event"]


@admin.register(WorkerBeat)
class WorkerBeatAdmin(LookOnly):
    """Which workers live. One that has not been heard of for 30 seconds is dead or cut off."""

    list_display = ["__str__", "alive", "queues", "at", "started_at", "restarts"]

    @admin.display(boolean=True, description="Alive")
    def alive(self, beat: WorkerBeat) -> bool:
        return WorkerBeat.objects.alive().filter(pk=beat.pk).exists()


class CallAdmin(LookOnly):
    """django-q2's wake-up calls. The payload is a pickle, and stays closed."""

    list_display = ["id", "key", "lock"]
    list_filter = ["key"]
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


def _pre(text: str) -> SafeString:
    return format_html("<pre>{}</pre>", text or "-")
