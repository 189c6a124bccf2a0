"""Endpoints about ignores: what a project has decided not to look at again."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from checks import globs
from checks.models import Ignore
from checks.models.ignore import LONGEST_REASON, MAY, ends_after
from projects.api import find_project
from projects.lifecycle import authorise
from releases.api.items import A_TIME, number_of
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, Item, OrNull, Time, true
from trusted_releases.api.endpoint import Access, Endpoint, Part
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Name
from trusted_releases.lib.errors import BadInput

# What clients call a pattern, and what it is here.
PATTERNS = {
    "checker_glob": "rule",
    "primary_rel_path_glob": "path",
    "member_rel_path_glob": "member",
    "message_glob": "message",
    "release_glob": "releases",
    "status": "level",
}
NAMING = ("checker_glob", "primary_rel_path_glob", "member_rel_path_glob", "message_glob")
STATUSES = ["concern", "exception", "suggestion"]  # that clients know to be ignorable
ANYTHING = "*"
NO_REASON = "Set by a program, which gave no reason."


def pattern(about: str) -> serializers.CharField:
    return serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=globs.LONGEST,
        help_text=f"{about} A part of it, with * for anything; ! in front turns it round; what "
        "begins with ^ or ends with $ is a regular expression.",
    )


class IgnoreItem(Item):
    """An ignore that is in force: who set it, and which findings it hides."""

    sample = {
        "id": 5,
        "asf_uid": "alice",
        "created": A_TIME,
        "project_key": "tool",
        "checker_glob": "license.headers",
        "member_rel_path_glob": "/third_party/",
    }

    id = serializers.IntegerField(source="pk")
    asf_uid = serializers.CharField(source="set_by.username")
    created = Time(source="set_at")
    project_key = serializers.CharField(source="project.slug")
    release_glob = OrNull(source="releases")
    revision_number = serializers.SerializerMethodField()
    checker_glob = OrNull(source="rule")
    primary_rel_path_glob = OrNull(source="path")
    member_rel_path_glob = OrNull(source="member")
    status = OrNull(source="level")
    message_glob = OrNull(source="message")

    def get_revision_number(self, ignore: Ignore) -> str | None:
        return None if ignore.revision is None else number_of(ignore.revision)


class ListIgnores(Endpoint):
    """The ignores of a project that are in force, the oldest first."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        ignores = IgnoreItem(many=True)

    def get(self, request: Request, project: str) -> Response:
        ours = Ignore.objects.filter(project=find_project(project)).in_force().with_people()
        return self.answer(ignores=self.part(ours.order_by("pk")))


class AddIgnore(Endpoint):
    """Ignore the findings that all the patterns fit, from now on.

    What is left out or null fits everything, but one of them must be there. Blockers, and checks
    that came to no verdict, are never ignored. Drafts are counted anew at once; files at a vote
    keep the ignores of the day when it was called. Give a `reason`: voters read it, with your name.
    """

    policy = MAY
    access = Access.BEARER
    refuses = (404,)

    class Ask(asking.Ask):
        sample = {
            "project_key": "tool",
            "checker_glob": "license.headers",
            "member_rel_path_glob": "/third_party/",
            "reason": "Third-party code keeps the licence it came with.",
        }
        project_key = Name("project")
        release_glob = pattern("The release, as in `tool-1.2.0`.")
        revision_number = Name("revision", required=False, allow_null=True)
        checker_glob = pattern("The rule.")
        primary_rel_path_glob = pattern("The path of the file.")
        member_rel_path_glob = pattern("The path in the archive.")
        status = serializers.ChoiceField(choices=STATUSES, required=False, allow_null=True)
        message_glob = pattern("The sentence.")
        reason = serializers.CharField(
            required=False,
            allow_null=True,
            max_length=LONGEST_REASON,
            help_text="Why nobody has to read it. Clients of old send none.",
        )
        last_day = serializers.DateField(
            required=False, allow_null=True, help_text="After it the findings count again."
        )

    class Answer(Envelope):
        success = true()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        ignore = Ignore(
            project=find_project(asked["project_key"]),
            reason=asked.get("reason") or NO_REASON,
            ends_at=ends_after(asked.get("last_day")),
            **_scope(asked),
        )
        ignore.set(by=request.user)
        return self.answer()


class DeleteIgnore(Endpoint):
    """End an ignore of a project: what it hid counts again, in drafts.

    Of one that does not exist, or has ended already, nothing is left to do.
    """

    policy = MAY
    access = Access.BEARER
    refuses = (404, 409)

    class Ask(asking.Ask):
        sample = {"project_key": "tool", "id": 5}
        project_key = Name("project")
        id = serializers.IntegerField(min_value=0, max_value=(1 << 63) - 1)

    class Answer(Envelope):
        success = true()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        project = find_project(asked["project_key"])
        authorise(request.user, MAY, project)
        found = Ignore.objects.with_people().filter(pk=asked["id"]).first()
        if found is not None and found.project_id != project.pk:
            raise Missing(f"Project '{project.slug}' has no ignore {found.pk}")
        if found is not None and found.lifted_at is None:
            found.lift(by=request.user)
        return self.answer()


def _scope(asked: dict[str, Any]) -> dict[str, Any]:
    """The columns of the ignore that somebody asked for."""
    scope = {ours: asked.get(theirs) or "" for theirs, ours in PATTERNS.items()}
    number = asked.get("revision_number")
    if not any(scope.values()) and number is None:
        raise BadInput("Name a checker, a file, a member, a message, a status or a release.")
    if not any(asked.get(name) for name in NAMING):
        # A status, a release or a revision as a whole: said on purpose, so that it is no accident.
        scope["rule"] = ANYTHING
    return scope | {"revision": None if number is None else int(number)}
