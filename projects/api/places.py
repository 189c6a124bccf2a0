"""Endpoints about committees and projects, and the objects that they answer with."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.models import Committee, Project
from projects.roles import Role
from trusted_releases.api.answers import (
    Always,
    Envelope,
    Item,
    OrNull,
    Time,
    no_list,
    nothing,
)
from trusted_releases.api.endpoint import Endpoint, Part
from trusted_releases.api.errors import Missing

BY_HAND = {"type": "string", "enum": ["manual", "bootstrap", "asfyaml"]}
STATUSES = ["active", "dormant", "retired", "standing"]
METHODS = {"type": "string", "enum": ["simple", "semver", "calver"]}


class CommitteeItem(Item):
    """A committee: the people who answer for projects and vote on their releases."""

    sample = {
        "key": "tool",
        "name": "Apache Tool",
        "is_podling": False,
        "committee_members": ["alice", "bob"],
        "committers": ["alice", "bob", "carol"],
        "release_managers": ["alice"],
    }

    key = serializers.CharField(source="slug")
    name = serializers.CharField()
    charter = nothing()
    is_podling = serializers.BooleanField()
    automated_keys_file = Always(True, {"type": "boolean"})
    parent_committee_key = serializers.SerializerMethodField()
    committee_members = serializers.SerializerMethodField()
    committers = serializers.SerializerMethodField()
    release_managers = serializers.SerializerMethodField()
    updated = nothing()
    updated_by = nothing()
    update_type = Always("manual", BY_HAND)

    def get_parent_committee_key(self, committee: Committee) -> str | None:
        return committee.parent.slug if committee.parent else None

    def get_committee_members(self, committee: Committee) -> list[str]:
        return _names(committee, {Role.MEMBER})

    def get_committers(self, committee: Committee) -> list[str]:
        """Everybody with a role in the committee: its members are committers too."""
        return _names(committee, set(Role))

    def get_release_managers(self, committee: Committee) -> list[str]:
        return _names(committee, {Role.RELEASE_MANAGER})


class ProjectItem(Item):
    """A project: what a committee releases."""

    sample = {
        "key": "tool",
        "name": "Apache Tool",
        "status": "active",
        "description": "Takes things apart, and puts them together again.",
        "homepage": "https://tool.example.org/",
        "repositories": ["https://git.example.org/tool"],
        "committee_key": "tool",
        "release_policy_id": 7,
        "created": "2026-01-01T00:00:00.123456Z",
    }

    key = serializers.CharField(source="slug")
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=STATUSES)
    super_project_key = nothing()
    description = OrNull()
    categories = nothing()
    programming_languages = nothing()
    short_description = nothing()
    homepage = OrNull()
    lifecycle_page = nothing()
    download_page = nothing()
    bug_database = nothing()
    mailing_lists = nothing()
    repositories = serializers.SerializerMethodField()
    standards = no_list()
    security_contact = nothing()
    threat_model_link = nothing()
    threat_model_src_link = nothing()
    version_method = Always("simple", METHODS)
    version_pattern = nothing()
    cycle_match = nothing()
    calver_format = nothing()
    branch_template = nothing()
    committee_key = serializers.CharField(source="committee.slug")
    release_policy_id = serializers.IntegerField(
        source="policy.pk", default=None, read_only=True, allow_null=True
    )
    created = Time(source="created_at")
    created_by = nothing()
    updated = nothing()
    updated_by = nothing()
    update_type = Always("manual", BY_HAND)

    def get_repositories(self, project: Project) -> list[str]:
        return [project.repository] if project.repository else []


class ListCommittees(Endpoint):
    """All committees, by name."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        committees = CommitteeItem(many=True)

    def get(self, request: Request) -> Response:
        return self.answer(committees=self.part(committees().order_by("name", "pk")))


class GetCommittee(Endpoint):
    """One committee."""

    policy = "public"

    class Answer(Envelope):
        committee = CommitteeItem()

    def get(self, request: Request, committee: str) -> Response:
        return self.answer(committee=find_committee(committee))


class CommitteeProjects(Endpoint):
    """The projects of a committee, by name."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        projects = ProjectItem(many=True)

    def get(self, request: Request, committee: str) -> Response:
        ours = projects().filter(committee=find_committee(committee))
        return self.answer(projects=self.part(ours.order_by("name", "pk")))


class ListProjects(Endpoint):
    """All projects, by name."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        projects = ProjectItem(many=True)

    def get(self, request: Request) -> Response:
        return self.answer(projects=self.part(projects().order_by("name", "pk")))


class GetProject(Endpoint):
    """One project, with the committee that answers for it."""

    policy = "public"

    class Answer(Envelope):
        project = ProjectItem()

    def get(self, request: Request, project: str) -> Response:
        return self.answer(project=find_project(project))


def committees() -> QuerySet[Committee]:
    """With all that an item shows, in two queries."""
    found: QuerySet[Committee] = Committee.objects.select_related("parent")
    return found.prefetch_related("memberships__user")


def projects() -> QuerySet[Project]:
    found: QuerySet[Project] = Project.objects.select_related("committee", "policy")
    return found


def find_committee(key: str) -> Committee:
    found = committees().filter(slug=key).first()
    if found is None:
        raise Missing(f"Committee '{key}' was not found")
    return found


def find_project(key: str) -> Project:
    found = projects().filter(slug=key).first()
    if found is None:
        raise Missing(f"Project '{key}' was not found")
    return found


def _names(committee: Committee, roles: set[Any]) -> list[str]:
    """Accounts that are in use; who has left is in no list of people."""
    known = committee.memberships.all()
    return sorted(
        {each.user.username for each in known if each.role in roles and each.user.is_active}
    )
