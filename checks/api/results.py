"""Endpoints that tell what the checks of a revision found, and how many are left."""

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from checks.models import Run
from checks.models.results import LEVELS
from checks.models.waiting import unsettled
from releases.api.finding import find_release, find_revision
from releases.api.items import A_TIME, number_of
from releases.phases import Phase
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, Item, Time
from trusted_releases.api.endpoint import Endpoint
from trusted_releases.api.streaming import stream

FAILED = "exception"  # what clients call a check that came to no verdict
STATUSES = [*(level for level, _ in LEVELS), FAILED]
BATCH = 1_000
COLUMNS = (
    *("pk", "rule", "version", "path", "member", "level", "message", "data"),
    *("result__made_at", "result__key"),
)


class ResultItem(Item):
    """One thing that a check found, about a file or about a member of an archive."""

    sample = {
        "id": 41,
        "release_key": "tool-1.2.0",
        "revision_number": "00003",
        "checker": "license.headers",
        "checker_version": "4",
        "primary_rel_path": "apache-tool-1.2.0-src.tar.gz",
        "member_rel_path": "apache-tool-1.2.0/src/tool.c",
        "created": A_TIME,
        "status": "concern",
        "message": "It has no licence header.",
        "data": {},
        "inputs_hash": "7d…",
        "cached": False,
    }

    id = serializers.IntegerField()
    release_key = serializers.CharField()
    revision_number = serializers.CharField()
    checker = serializers.CharField(help_text="The rule, as lists of concerns name it.")
    checker_version = serializers.CharField()
    primary_rel_path = serializers.CharField(
        allow_null=True, help_text="The file; null for what is about the release as a whole."
    )
    member_rel_path = serializers.CharField(
        allow_null=True, help_text="The member of the archive; null for the file itself."
    )
    created = Time()
    status = serializers.ChoiceField(choices=STATUSES)
    message = serializers.CharField()
    data = serializers.SerializerMethodField()  # type: ignore[assignment]  # a key
    inputs_hash = serializers.CharField(help_text="Of all that the check read.")
    cached = serializers.BooleanField(help_text="Whether it was known before these checks began.")

    @extend_schema_field({"type": "object", "description": "Facts, by the rule's own names."})
    def get_data(self, row: dict[str, Any]) -> Any:
        return row["data"]


class IgnoredToo(asking.Asked):
    ignored = serializers.BooleanField(
        default=False, help_text="Whether what the project ignores is listed as well."
    )


class ListChecks(Endpoint):
    """What the checks of a revision found, the worst first; of the newest where none is named.

    All of it in one answer, also of thousands of members of archives. What the project's ignores
    hide is left out, as on the pages, unless it is asked for. `checker` is the name of the rule,
    which is what one confirms concerns by when a vote is called.
    """

    policy = "public"
    Query = IgnoredToo

    class Answer(Envelope):
        sample = {"checks_revision": "00003", "current_phase": str(Phase.COMPOSE)}
        checks = ResultItem(many=True)
        checks_revision = serializers.CharField()
        current_phase = serializers.ChoiceField(choices=Phase.choices)

    def get(self, request: Request, project: str, version: str, revision: str = "") -> FileResponse:
        release = find_release(self, project, version)
        found = find_revision(release, revision)
        run = Run.objects.select_related("revision__release__project").filter(revision=found)
        return stream(
            "checks",
            rows_of(run.first(), ignored=self.query["ignored"]),
            endpoint=self.endpoint,
            checks_revision=number_of(found.number),
            current_phase=str(release.phase),
        )


class OngoingChecks(Endpoint):
    """How many checks of a revision are left: 0 when all there is to know is known.

    They are counted from the moment at which the revision is there. A revision whose checks have
    failed for good has none left; `checks/list` says what became of them.
    """

    policy = "public"

    class Answer(Envelope):
        sample = {"ongoing": 3}
        ongoing = serializers.IntegerField(min_value=0)

    def get(self, request: Request, project: str, version: str, revision: str = "") -> Response:
        found = find_revision(find_release(self, project, version), revision)
        return self.answer(ongoing=unsettled(found))


def rows_of(run: Run | None, *, ignored: bool) -> Iterator[dict[str, Any]]:
    """The rows of a run, as `ResultItem` has them; some thousands at a time are in memory."""
    if run is None:
        return
    common = {
        "release_key": run.release.slug,
        "revision_number": number_of(run.revision.number),
    }
    for error in run.errors().order_by("pk").iterator(BATCH):
        yield common | {
            # Its number is no finding's: those count from 1 upwards.
            "id": -error.pk,
            "checker": ", ".join(error.rules),
            "checker_version": None,
            "primary_rel_path": error.path or None,
            "member_rel_path": None,
            "created": Time().to_representation(error.made_at),
            "status": FAILED,
            "message": error.error,
            "data": {},
            "inputs_hash": error.key,
            "cached": _is_known(run, error.made_at),
        }
    findings = run.findings if ignored else run.findings.exclude(run.hidden)
    for row in findings.worst_first().values_list(*COLUMNS).iterator(BATCH):
        yield common | _row(run, *row)


def _row(run: Run, *row: Any) -> dict[str, Any]:
    pk, rule, version, path, member, level, message, data, made_at, key = row
    return {
        "id": pk,
        "checker": rule,
        "checker_version": str(version),
        "primary_rel_path": path or None,
        "member_rel_path": member or None,
        "created": Time().to_representation(made_at),
        "status": level,
        "message": message,
        "data": data,
        "inputs_hash": key,
        "cached": _is_known(run, made_at),
    }


def _is_known(run: Run, made_at: Any) -> bool:
    return run.started_at is not None and made_at < run.started_at
