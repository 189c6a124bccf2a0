"""Endpoints that have the insides of two archives compared, and tell what was found."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from checks.engine.inside.members import Change
from checks.models import Comparison
from checks.models.inside import MAY
from checks.pairs import NoPair, pair_of
from releases.api.differing import AGAINST, older
from releases.api.finding import find_release, find_revision
from releases.api.items import A_PATH, number_of
from releases.api.starting import OfRelease
from releases.models import Release
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, Item, OrNull
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Name, RelPath
from trusted_releases.lib.errors import Unchanged

SAME = "They are the same archive, byte for byte: nothing inside differs."
NEWEST = "Null: what is or was voted on, else the newest."
WAS = "The path of the archive in the other revision; null where it is the same."
STATES = [("unasked", "Nobody has asked."), *Comparison.State.choices, ("same", "Byte for byte.")]


class ComparisonItem(Item):
    """A comparison of two archives, and how far it is."""

    sample = {
        "relpath": A_PATH,
        "revision_number": "00003",
        "was": A_PATH,
        "against_number": "00002",
        "state": "done",
        "counts": {"changed": 2, "added": 1},
        "old_root": "apache-tool-1.2.0-rc1",
        "new_root": "apache-tool-1.2.0",
    }

    relpath = serializers.CharField()
    revision_number = serializers.CharField()
    was = serializers.CharField(help_text="Its path in the other revision.")
    against_number = serializers.CharField()
    state = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField()
    counts = serializers.DictField(
        source="row.counts", child=serializers.IntegerField(), help_text="All there are, by kind."
    )
    bytes_done = serializers.SerializerMethodField()
    bytes_total = serializers.SerializerMethodField()
    old_root = OrNull(source="row.old_root", help_text="The one folder that it unpacks into.")
    new_root = OrNull(source="row.new_root")

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, told: dict[str, Any]) -> str:
        """What was given to a worker that is lost is failed, and can be asked for again."""
        row: Comparison = told["row"]
        if row.old_id == row.new_id:
            return "same"
        if row._state.adding:
            return "unasked"
        return "failed" if is_lost(told) else str(row.state)

    def get_bytes_done(self, told: dict[str, Any]) -> int | None:
        """How many have been read, while that lasts."""
        return told["row"].bytes_done if told["in_hand"] else None

    def get_bytes_total(self, told: dict[str, Any]) -> int | None:
        return told["row"].bytes_total if told["in_hand"] else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_problem(self, told: dict[str, Any]) -> str | None:
        return "Its worker was lost. Ask again." if is_lost(told) else told["row"].problem or None


class MemberItem(Item):
    """A member of an archive that differs. Names are what the archive says, made harmless."""

    sample = {"change": "changed", "path": "src/tool.c", "kind": "file", "old_size": 410} | {
        "new_size": 420,
        "old_mode": "0644",
        "new_mode": "0644",
    }

    change = serializers.ChoiceField(choices=list(Change))
    path = serializers.CharField()
    was = OrNull(help_text="The old path of what was renamed.")
    kind = serializers.CharField(help_text="`file`, or what else an archive can hold.")
    old_size = serializers.IntegerField(allow_null=True)
    new_size = serializers.IntegerField(allow_null=True)
    old_mode = serializers.SerializerMethodField()
    new_mode = serializers.SerializerMethodField()

    def get_old_mode(self, line: Any) -> str | None:
        return _octal(line.old_mode)

    def get_new_mode(self, line: Any) -> str | None:
        return _octal(line.new_mode)


class CompareArchives(Endpoint):
    """Have a worker compare an archive of a revision with that of another, member by member.

    Each two archives are compared once, whoever asks. Ask `/archives/changes` until `state` is
    `done` or `failed`.
    """

    policy = MAY
    access = Access.BEARER
    action = "archives.compare"
    status = 202
    refuses = (404, 409)

    class Ask(OfRelease):
        sample = OfRelease.sample | {"relpath": A_PATH, "revision": None, "against": "00001"}
        relpath = RelPath(help_text="The archive.")
        was = RelPath(allow_null=True, default=None, help_text=WAS)
        revision = Name("revision", allow_null=True, default=None, help_text=NEWEST)
        against = Name("revision", allow_null=True, default=None, help_text=AGAINST)

    class Answer(Envelope):
        comparison = ComparisonItem()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        told = told_of(release, asked)
        if told["row"].old_id == told["row"].new_id:
            raise Unchanged(SAME)
        row = told["row"].ask(release, asked["relpath"], by=request.user)
        return self.answer(comparison=told | {"row": row, "in_hand": True})


class ArchivePair(asking.Page):
    """Which two archives, and which part of what differs. In a query write `+` as `%2B`."""

    project = Name("project")
    version = Name("version")
    relpath = RelPath(help_text="The archive.")
    was = RelPath(required=False, help_text=WAS)
    revision = Name("revision", required=False, help_text="Its revision: see `/archives/compare`.")
    against = Name("revision", required=False, help_text=AGAINST)
    change = serializers.ChoiceField(
        choices=list(Change), required=False, help_text="Only those of this kind."
    )


class ArchiveChanges(Endpoint):
    """What differs inside an archive between two revisions, as far as it is known.

    `counts` has all there are; very many differences are counted, and the first are listed.
    """

    policy = "public"
    refuses = (404,)
    Query = ArchivePair

    class Answer(Envelope):
        sample = {"count": 1}
        comparison = ComparisonItem()
        members = MemberItem(many=True)
        count = serializers.IntegerField(help_text="How many are listed, on all pages.")

    def get(self, request: Request) -> Response:
        asked = self.query
        told = told_of(find_release(self, asked["project"], asked["version"]), asked)
        row: Comparison = told["row"]
        if not row.is_done:
            return self.answer(comparison=told, members=[], count=0)
        lines = row.lines.all()
        if change := asked.get("change"):
            lines = lines.filter(change=change)
        return self.answer(comparison=told, members=self.part(lines), count=lines.count())


def told_of(release: Release, asked: dict[str, Any]) -> dict[str, Any]:
    """All that an item shows of the two archives that are asked about; Missing if one is not
    there."""
    number = find_revision(release, asked.get("revision") or "").number
    against = older(release, number, asked.get("against"))
    was = asked.get("was") or asked["relpath"]
    try:
        row = pair_of(release, number, asked["relpath"], against, was)
    except NoPair as error:
        raise Missing(str(error)) from error
    return {
        "row": row,
        "in_hand": row.is_in_hand,
        "relpath": asked["relpath"],
        "revision_number": number_of(number),
        "was": was,
        "against_number": number_of(against),
    }


def is_lost(told: dict[str, Any]) -> bool:
    """Whether it waits for a worker that will not come."""
    row: Comparison = told["row"]
    asked = not row._state.adding
    return asked and row.state == row.State.WAITING and not told["in_hand"]


def _octal(mode: int | None) -> str | None:
    return None if mode is None else f"{mode:04o}"
