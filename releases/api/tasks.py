"""The endpoint that tells how a job is getting on: clients call it a task."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from releases.api.items import number_of
from releases.api.task_item import STATUS_NAMES, VoteTaskItem
from releases.api.task_made import made_by
from releases.models import Release, Revision
from trusted_releases.api.answers import Envelope, Time, nothing
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag

# What clients call the jobs that there are: for the whole of a step they have one of its parts.
MAIL, CALL, SBOM = "message_send", "vote_initiate", "sbom_generate"
IMPORT = "svn_import_files"  # whatever the server speaks
TYPES = {
    "releases.send_mail": MAIL,
    "releases.publish": "svn_publish",
    "checks.admit": "quarantine_validate",
    "checks.admit_large": "quarantine_validate",
    "checks.run": "paths_check",
    "checks.run_revision": "paths_check",
    "checks.run_newest": "paths_check",
    "checks.rest": "license_files",
    "checks.fetch_source": "compare_source_trees",
    "checks.fetch_source_anew": "compare_source_trees",
    "checks.generate_sbom": SBOM,
    "releases.import_files": IMPORT,
}
LONGEST_ERROR = 500  # characters


class TaskItem(VoteTaskItem):
    """A job about a release: what it is for, how it is getting on, what came of it."""

    sample = VoteTaskItem.sample | {"task_args": {}}

    task_type = serializers.ChoiceField(choices=sorted({CALL, *TYPES.values()}))
    asf_uid = serializers.CharField()
    result = serializers.SerializerMethodField()  # type: ignore[assignment]
    error = serializers.SerializerMethodField()  # type: ignore[assignment]
    project_key = serializers.CharField(source="release.project.slug")
    version_key = serializers.CharField(source="release.version")
    revision_number = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    started = Time(source="job.started_at", allow_null=True)
    inputs_hash = nothing()
    primary_rel_path = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="The archive, of a job about one."
    )

    @extend_schema_field(serializers.ChoiceField(choices=STATUS_NAMES))
    def get_status(self, told: dict[str, Any]) -> str:
        """What was asked for may have failed, or go on, though this worker did its job."""
        return told["made"].status or super().get_status(told)

    @extend_schema_field({"type": ["object", "null"]})
    def get_result(self, told: dict[str, Any]) -> dict[str, Any] | None:
        """Of a mail, its Message-ID; of a bill of materials, where it is; of an import, what came;
        of all else it is told where it belongs."""
        if told["made"].result:
            return dict(told["made"].result)
        sent = (told["job"].result or {}).get("message_id")
        if told["task_type"] != MAIL or not sent:
            return None
        return {"kind": MAIL, "mid": sent, "mail_send_warnings": []}

    def get_error(self, told: dict[str, Any]) -> str | None:
        """The last thing that it said went wrong: its sentence, and not where in the code."""
        if problem := told["made"].problem:
            return str(problem[:LONGEST_ERROR])
        lines = told["job"].error.strip().splitlines()
        return lines[-1][:LONGEST_ERROR] if lines else None


class GetTask(Endpoint):
    """How a job about a release is getting on.

    For those who caused it, and for those with a role in the release's committee.
    """

    policy = "releases.view_release"
    access = Access.BEARER

    class Answer(Envelope):
        task = TaskItem()

    def get(self, request: Request, number: str) -> Response:
        job = Job.objects.filter(pk=int(number), name__in=TYPES).exclude(release="").first()
        told = self._seen_by(request.user, job) if job else None
        if told is None:
            raise Missing(f"Task {int(number)} not found")
        return self.answer(task=told)

    def _seen_by(self, person: Any, job: Job) -> dict[str, Any] | None:
        """All that an item shows, or None for what is not for this person."""
        visible = Release.objects.visible_to(person).select_related("project__committee")
        release = visible.filter(pk=job.release).first() if job.release.isdecimal() else None
        if release is None:
            return None
        told = task_for(job, release)
        own = told["asf_uid"] == person.username
        return told if own or person.roles_in(release.committee) else None


def task_for(job: Job, release: Release) -> dict[str, Any]:
    """All that an item shows of a job about this release."""
    event = Event.objects.filter(pk=job.args.get("event")).first()
    called = event is not None and event.tag == Tag.VOTE_CALLED
    made = made_by(job, event)
    return {
        "job": job,
        "release": release,
        "made": made,
        "task_type": CALL if called else TYPES[job.name],
        "task_args": made.args,
        "primary_rel_path": made.path,
        "asf_uid": event.actor if event else "",
        "revision_number": made.revision or _revision(job, event),
    }


def _revision(job: Job, event: Event | None) -> str | None:
    """The revision that it is about, if it is about one."""
    if job.about_kind == Revision._meta.label_lower:
        known = Revision.objects.filter(pk=job.about_key).values_list("number", flat=True)
        found = known.first()
    else:
        found = event.facts.get("revision") if event else None
    return number_of(found) if isinstance(found, int) else None
