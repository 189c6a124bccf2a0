"""The endpoint by which a program learns in whose name it works, and where they have a role."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.models import Membership
from projects.roles import Role
from trusted_releases.api.answers import Envelope
from trusted_releases.api.endpoint import Access, Endpoint


class UserInfo(Endpoint):
    """The committees in which you have a role: as a member, and as anything at all."""

    policy = "projects.view_project"
    access = Access.BEARER
    action = "user.info"

    class Answer(Envelope):
        sample = {"participant_of": ["loom", "tool"], "member_of": ["tool"]}
        participant_of = serializers.ListField(child=serializers.CharField())
        member_of = serializers.ListField(child=serializers.CharField())

    def get(self, request: Request) -> Response:
        roles = Membership.objects.filter(user=request.user.pk)
        found = list(roles.values_list("committee__slug", "role"))
        return self.answer(
            participant_of=sorted({slug for slug, _ in found}),
            member_of=sorted({slug for slug, role in found if role == Role.MEMBER}),
        )
