"""What the API says of a job: the contract calls it a task."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from releases.models import Vote
from trusted_releases.api.answers import Item, Time, nothing
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag

STATUSES = {
    Job.State.QUEUED: "queued",
    Job.State.RUNNING: "active",
    Job.State.DONE: "completed",
    Job.State.FAILED: "failed",
}
STATUS_NAMES = list(STATUSES.values())
A_TIME = "2026-01-01T00:00:00.123456Z"


class VoteTaskItem(Item):
    """The job that sends the mail which calls a vote."""

    sample = {
        "id": 41,
        "status": "queued",
        "task_type": "vote_initiate",
        "task_args": {"email_to": "dev@tool.apache.org"},
        "asf_uid": "alice",
        "added": A_TIME,
        "scheduled": A_TIME,
        "project_key": "tool",
        "version_key": "1.2.0",
        "revision_number": "00003",
    }

    id = serializers.IntegerField(source="job.pk")
    status = serializers.SerializerMethodField()
    task_type = serializers.ChoiceField(choices=["vote_initiate"], default="vote_initiate")
    task_args = serializers.DictField(child=serializers.JSONField())
    inputs_hash = nothing()
    asf_uid = serializers.CharField(source="vote.called_by.username")
    added = Time(source="job.created_at")
    scheduled = Time(source="job.due_at", allow_null=True)
    started = Time(source="job.started_at", allow_null=True)
    pid = nothing("integer")
    completed = Time(source="job.finished_at", allow_null=True)
    result = nothing("object")
    error = nothing()
    project_key = serializers.CharField(source="vote.project.slug")
    version_key = serializers.CharField(source="vote.release.version")
    revision_number = serializers.SerializerMethodField()
    primary_rel_path = nothing()

    @extend_schema_field(serializers.ChoiceField(choices=STATUS_NAMES))
    def get_status(self, told: dict[str, Any]) -> str:
        return STATUSES[told["job"].state]

    def get_revision_number(self, told: dict[str, Any]) -> str:
        return f"{told['vote'].revision.number:05d}"


def task_of(vote: Vote, **args: Any) -> dict[str, Any]:
    """The task that calls this vote, with what was asked for."""
    calls = Event.objects.filter(tag=Tag.VOTE_CALLED, release=str(vote.release_id))
    call = calls.order_by("-pk").values_list("pk", flat=True)[0]
    job = Job.objects.of_release(vote.release_id).get(name="releases.send_mail", args__event=call)
    return {"job": job, "vote": vote, "task_args": args, "task_type": "vote_initiate"}
