"""The endpoint by which a service of the site brings what a project's repository says of it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.api.places import find_committee
from projects.api.words import PolicyWords, values_of
from projects.models import Project
from projects.models.configuring import MAY, configure
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, true
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import InvalidInput
from trusted_releases.api.fields import Name


class ProjectWords(asking.Ask):
    """What can be said about a project. What is left out stays as it is."""

    name = serializers.CharField(required=False, max_length=120)
    description = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    homepage = serializers.CharField(required=False, allow_blank=True, max_length=200)
    repositories = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        max_length=1,
        help_text="The address where the source is kept: one, or none.",
    )
    status = serializers.ChoiceField(choices=Project.Status.choices, required=False)


@extend_schema_field(ProjectWords)
class SomeOfProject(serializers.DictField):
    """A project's own words about itself."""


@extend_schema_field(PolicyWords)
class SomeOfPolicy(serializers.DictField):
    """A project's own rules."""


class ConfigureProject(Endpoint):
    """Make or change a project as its repository describes it. For services of the site.

    What is left out stays as it is; the whole is taken, or nothing. A new project needs a name, and
    its key is that of the committee, or begins with it and a hyphen.
    """

    policy = MAY
    access = Access.SYSTEM
    refuses = (404, 409)

    class Ask(asking.Ask):
        sample = {
            "project_key": "tool-plugin",
            "committee_key": "tool",
            "project": {"name": "Apache Tool Plugin", "homepage": "https://tool.example.org/"},
            "policy": {"min_hours": 96},
        }
        project_key = Name("project")
        committee_key = Name("committee")
        project = SomeOfProject(required=False)
        policy = SomeOfPolicy(required=False)

    class Answer(Envelope):
        sample = {"created": True}
        success = true()
        created = serializers.BooleanField()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        details = _within("project", ProjectWords, asked)
        rules = values_of(_within("policy", PolicyWords, asked))
        if "repositories" in details:
            details["repository"] = next(iter(details.pop("repositories")), "")
        made = configure(
            asked["project_key"],
            committee=find_committee(asked["committee_key"]),
            by=request.user,
            details=details,
            policy=rules,
        )
        return self.answer(created=made)


def _within(name: str, words: type[asking.Ask], asked: dict[str, Any]) -> dict[str, Any]:
    """An object inside the body, held to the same strictness."""
    try:
        return words(data=asked.get(name, {})).checked()
    except InvalidInput as error:
        raise InvalidInput(
            {**each, "loc": [name, *each["loc"]]} for each in error.details
        ) from error
