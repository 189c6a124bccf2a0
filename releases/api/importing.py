"""Endpoints that have files fetched from elsewhere, and tell what became of it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from releases.api.finding import find_release
from releases.api.items import A_TIME, number_of
from releases.api.starting import OfRelease
from releases.api.tasks import TaskItem, task_for
from releases.api.uploading import SEEN, seen_in
from releases.models import Import, Release
from trusted_releases.api.answers import Envelope, Item, OrNull, Time
from trusted_releases.api.endpoint import Access, Endpoint, Part
from trusted_releases.api.fields import Name, RelPath
from trusted_releases.api.leads import ANSWER, BODY, Lead, named
from trusted_releases.ledger.models import Job

AN_ADDRESS = "https://dist.apache.org/repos/dist/dev/tool/1.2.0-rc1/"


class ImportItem(Item):
    """One import: from where, how far it is, and what became of it."""

    sample = {
        "id": 7,
        "kind": "svn",
        "url": AN_ADDRESS,
        "at": "HEAD",
        "found": "71234",
        "state": "done",
        "asf_uid": "alice",
        "added": A_TIME,
        "completed": A_TIME,
        "revision_number": "00002",
        "left_out": [],
        "left_out_count": 0,
    }

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=Import.Kind.choices)
    url = serializers.CharField()
    at = OrNull(help_text="The revision of Subversion that was asked for.")
    found = OrNull(help_text="What was fetched: the revision of Subversion, or the address.")
    folder = OrNull(help_text="The folder of the release that it goes into; null for the top.")
    commit = OrNull(help_text="What it was built from, as whoever asked says.")
    source_tag = OrNull()
    state = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField()
    asf_uid = serializers.CharField(source="asked_by.username")
    added = Time(source="asked_at")
    completed = Time(source="settled_at", allow_null=True)
    revision_number = serializers.SerializerMethodField()
    files_done = serializers.SerializerMethodField()
    bytes_done = serializers.SerializerMethodField()
    left_out = serializers.ListField(
        child=serializers.CharField(), help_text="Some of those that no release could hold."
    )
    left_out_count = serializers.IntegerField(help_text="How many they are.")

    @extend_schema_field(serializers.ChoiceField(choices=Import.Stage.choices))
    def get_state(self, row: Import) -> str:
        return str(row.stage)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_problem(self, row: Import) -> str | None:
        return row.why or None

    def get_files_done(self, row: Import) -> int | None:
        """How many have come, while it is fetched."""
        return row.files_done if row.is_waiting else None

    def get_bytes_done(self, row: Import) -> int | None:
        """How many have come, while it is fetched."""
        return row.bytes_done if row.is_waiting else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_revision_number(self, row: Import) -> str | None:
        return number_of(row.number) if row.number else None


class ImportFiles(Endpoint):
    """Have a worker fetch files from Subversion, or from a web server, into a draft.

    All that comes is one revision, as if it had been uploaded. Ask `/task/get` how it is getting on
    until it is `completed` or `failed`; an import with archives is `active` until they were looked
    into. Addresses are on hosts that the operators of this site allow.
    """

    policy = "releases.change_files"
    access = Access.BEARER
    action = "release.import"
    status = 202
    refuses = (404, 409)

    class Ask(OfRelease):
        sample = OfRelease.sample | {"kind": "svn", "url": AN_ADDRESS, "at": None, "folder": None}
        kind = serializers.ChoiceField(choices=Import.Kind.choices)
        url = serializers.CharField(
            max_length=500, help_text="A folder on a web server ends in a slash."
        )
        at = serializers.CharField(
            max_length=10,
            allow_null=True,
            default=None,
            help_text="A revision of Subversion; null for the newest, and for the web.",
        )
        folder = RelPath(
            allow_null=True, default=None, help_text="Of the release; null for the top."
        )
        commit = serializers.CharField(
            max_length=64,
            allow_null=True,
            default=None,
            help_text="The full id of the commit that the files were built from.",
        )
        source_tag = serializers.CharField(
            max_length=200, allow_null=True, default=None, help_text="The tag, likewise."
        )
        expected_revision = Name("revision", allow_null=True, default=None, help_text=SEEN)

    class Answer(Envelope):
        leads = (
            Lead("task_get", {"number": f"{ANSWER}task/id"}),
            Lead("release_imports", named(BODY, "project", "version")),
        )
        task = TaskItem()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        more: dict[str, Any] = {
            name: asked[name] or "" for name in ("at", "folder", "commit", "source_tag")
        }
        row = release.import_files(
            asked["kind"], asked["url"], by=request.user, seen=seen_in(asked), **more
        )
        job = Job.objects.about(row).get()
        return self.answer(task=task_for(job, Release.objects.get(pk=release.pk)))


class ReleaseImports(Endpoint):
    """The imports into a release, the newest first: from where its files came, and how it went."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        imports = ImportItem(many=True)

    def get(self, request: Request, project: str, version: str) -> Response:
        rows = find_release(self, project, version).imports.select_related("arrival", "asked_by")
        return self.answer(imports=self.part(rows.order_by("-pk")))
