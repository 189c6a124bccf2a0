"""Endpoints about policies: what they are, and how they are changed."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api.places import find_project
from projects.api.words import (
    MODE_NAMES,
    PHASES,
    REPOSITORY,
    SAMPLE_DEFAULTS,
    WORKFLOWS,
    PolicyWords,
    told,
    values_of,
)
from projects.models import VoteMode
from projects.models.granting import change_rules, named, workflows_of
from projects.roles import may
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, true
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.fields import Name

MOST_WORKFLOWS = 50  # of a phase
A_LIST: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
RECIPIENTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {"to": {"type": "string"}, "cc": A_LIST, "bcc": A_LIST},
        "required": ["to", "cc", "bcc"],
        "additionalProperties": False,
    },
}


@extend_schema_field(A_LIST)
class Lines(serializers.ListField):
    """A list of lines."""


@extend_schema_field(RECIPIENTS)
class Recipients(serializers.DictField):
    """Who gets the mails that call votes, and those that announce."""


def _paths(phase: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=130),
        required=False,
        max_length=MOST_WORKFLOWS,
        help_text=f"Paths below .github/workflows/ of those that may {PHASES[phase]}: all of them.",
    )


class WorkflowWords(asking.Ask):
    """Which workflows of GitHub act for a project. What is left out stays as it is."""

    github_repository_name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=140,
        help_text="The repository of the workflows, without its owner. With another name than "
        "before, they are those of the other one from now on.",
    )
    github_compose_workflow_path = _paths("compose")
    github_vote_workflow_path = _paths("vote")
    github_finish_workflow_path = _paths("finish")


class GetPolicy(Endpoint):
    """By which rules a project votes and releases. What is empty means the platform's default."""

    policy = "public"

    class Answer(Envelope):
        sample = {
            **{f"policy_{name}": "" for name in ("release_checklist", "start_vote_subject")},
            **{f"policy_{name}": "" for name in ("start_vote_template", "finish_vote_template")},
            "policy_vote_comment_template": "",
            "policy_announce_release_subject": "",
            "policy_announce_release_template": "",
            "policy_min_hours": 72,
            "policy_source_artifact_paths": ["*-src.tar.gz"],
            "policy_binary_artifact_paths": [],
            "policy_source_excludes_lightweight": ["/*/third_party/**"],
            "policy_source_excludes_rat": [],
            "policy_generated_paths": [],
            "policy_license_check_mode": "Lightweight",
            "policy_binding_needed": 3,
            "policy_pause_on_minus_one": True,
            "policy_vote_mode": "trusted",
            "policy_manual_vote": False,
            "policy_recipient_defaults": SAMPLE_DEFAULTS,
            "policy_github_repository_name": "tool",
            "policy_github_compose_workflow_path": [".github/workflows/release.yml"],
            "policy_github_vote_workflow_path": [],
            "policy_github_finish_workflow_path": [],
        }
        policy_min_hours = serializers.IntegerField(help_text="Hours that a vote runs at least.")
        policy_release_checklist = serializers.CharField(allow_blank=True)
        policy_vote_comment_template = serializers.CharField(allow_blank=True)
        policy_start_vote_subject = serializers.CharField(allow_blank=True)
        policy_start_vote_template = serializers.CharField(allow_blank=True)
        policy_finish_vote_template = serializers.CharField(allow_blank=True)
        policy_announce_release_subject = serializers.CharField(allow_blank=True)
        policy_announce_release_template = serializers.CharField(allow_blank=True)
        policy_source_artifact_paths = Lines()
        policy_binary_artifact_paths = Lines()
        policy_license_check_mode = serializers.ChoiceField(choices=MODE_NAMES)
        policy_source_excludes_lightweight = Lines()
        policy_source_excludes_rat = Lines()
        policy_generated_paths = Lines()
        policy_binding_needed = serializers.IntegerField()
        policy_pause_on_minus_one = serializers.BooleanField()
        policy_vote_mode = serializers.ChoiceField(choices=VoteMode.values)
        policy_manual_vote = serializers.BooleanField()
        policy_recipient_defaults = Recipients()
        policy_github_repository_name = serializers.CharField(
            allow_blank=True,
            help_text="Of the workflows that act for it. Where several repositories have some, the "
            "first by name, and the paths below are of that one.",
        )
        policy_github_compose_workflow_path = Lines()
        policy_github_vote_workflow_path = Lines()
        policy_github_finish_workflow_path = Lines()

    def get(self, request: Request, project: str) -> Response:
        found = find_project(project)
        members = may(request.user, "projects.change_policy", found)
        repository, paths = workflows_of(found)
        rules = told(found.rules, members=members) | {
            REPOSITORY: named(repository),
            **{name: paths[phase] for name, phase in WORKFLOWS.items()},
        }
        return self.answer(**{f"policy_{name}": value for name, value in rules.items()})


class UpdatePolicy(Endpoint):
    """Change the rules of a project, for votes called from now on. Votes that run keep theirs.

    What is left out stays as it is; all that is named is taken, or nothing. The names are those of
    `policy/get` without `policy_`.
    """

    policy = "projects.change_policy"
    access = Access.BEARER
    refuses = (404, 409)

    class Ask(WorkflowWords, PolicyWords):
        sample = {"project": "tool", "min_hours": 96, "source_artifact_paths": ["*-src.tar.gz"]}
        project = Name("project")

    class Answer(Envelope):
        success = true()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        found = find_project(asked.pop("project"))
        repository = asked.pop(REPOSITORY, None)
        paths = {WORKFLOWS[name]: asked.pop(name) for name in WORKFLOWS if name in asked}
        change_rules(
            found, by=request.user, policy=values_of(asked), repository=repository, paths=paths
        )
        return self.answer()
