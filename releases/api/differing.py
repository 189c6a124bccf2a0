"""The endpoint that tells what differs between two revisions of a release."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from releases.api.finding import find_release, find_revision
from releases.api.items import A_PATH, number_of
from releases.comparing import Change, compare
from releases.models import Release
from trusted_releases.api.answers import Envelope, Item
from trusted_releases.api.endpoint import Endpoint, Part
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Name

KINDS = ("added", "changed", "renamed", "removed")
AGAINST = "The number of the other revision; the one before where none is named. 0: no files."


class ChangeItem(Item):
    """One path that differs."""

    sample = {"change": "changed", "relpath": A_PATH, "size": 48_213, "inside_was": A_PATH}
    change = serializers.ChoiceField(choices=KINDS)
    relpath = serializers.CharField()
    was = serializers.CharField(allow_null=True, help_text="The old path of what was renamed.")
    size = serializers.IntegerField(help_text="In bytes; of what was removed, what it had.")
    inside_was = serializers.CharField(
        allow_null=True,
        help_text="Of an archive that can be compared member by member, see `/archives/compare`: "
        "the path of the one that it took the place of.",
    )


class Against(Part):
    against = Name("revision", required=False, help_text=AGAINST)


class ReleaseChanges(Endpoint):
    """What differs between two revisions: files that were added, changed, renamed or removed.

    It is told from the older to the newer where `against` is the older one; nothing keeps you from
    asking the other way round.
    """

    policy = "public"
    Query = Against

    class Answer(Envelope):
        sample = {"revision_number": "00003", "against_number": "00002", "count": 1}
        revision_number = serializers.CharField()
        against_number = serializers.CharField()
        count = serializers.IntegerField(help_text="How many there are on all pages.")
        changes = ChangeItem(many=True)

    def get(self, request: Request, project: str, version: str, revision: str) -> Response:
        release = find_release(self, project, version)
        number = find_revision(release, revision).number
        against = older(release, number, self.query.get("against"))
        found = compare(release, against, number)
        inside = dict(found.archives)
        rows = [row_of(kind, each, inside) for kind, rows in found.groups for each in rows]
        return self.answer(
            revision_number=number_of(number),
            against_number=number_of(against),
            count=found.count,
            changes=self.part(rows),
        )


def row_of(kind: str, change: Change, inside: dict[str, str]) -> dict[str, str | int | None]:
    return {
        "change": kind,
        "relpath": change.path,
        "was": change.was or None,
        "size": change.size,
        "inside_was": inside.get(change.path) if kind != "removed" else None,
    }


def older(release: Release, number: int, asked: str | None) -> int:
    """The number to compare with, if the release has had a revision of it."""
    if not asked:
        return number - 1
    if int(asked) > release.last_revision:
        raise Missing(f"Revision {number_of(int(asked))} of release {release.slug} not found")
    return int(asked)
