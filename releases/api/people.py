"""The endpoint that lists the people who have done something here."""

from django.db.models import Exists, OuterRef, Q
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from keys.models import AccessToken, Certificate, SshKey
from keys.models.token import SYSTEM
from projects.models import User
from releases.models import Revision
from trusted_releases.api.answers import Envelope
from trusted_releases.api.endpoint import Endpoint, Part


class ListUsers(Endpoint):
    """The names of accounts with an access token, an SSH key, an OpenPGP key or a revision."""

    policy = "public"
    action = "users.list"
    Query = Part

    class Answer(Envelope):
        sample = {"users": ["alice", "bob"]}
        users = serializers.ListField(child=serializers.CharField())

    def get(self, request: Request) -> Response:
        traces = Q()
        for rows, column in (
            (AccessToken.objects.all(), "owner"),
            (SshKey.objects.all(), "owner"),
            (Certificate.objects.all(), "owner"),
            (Revision.objects.all(), "made_by"),
        ):
            traces |= Q(Exists(rows.filter(**{column: OuterRef("pk")})))
        people = User.objects.filter(traces).exclude(username=SYSTEM).order_by("username")
        return self.answer(users=[each.username for each in self.part(people.only("username"))])
