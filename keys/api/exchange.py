"""Endpoints about credentials."""

from django.utils.timezone import now
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from keys import jwts
from keys.models import AccessToken
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import WRONG, Unauthenticated
from trusted_releases.ledger.limits import network_of, spend


class CreateJwt(Endpoint):
    """Exchange an access token for a short token.

    The short token is what every other endpoint wants in `Authorization: Bearer`. It lasts for half
    an hour, and dies at once with the access token, the account, or the platform's signing key.
    """

    policy = "public"
    access = Access.PAT
    action = "jwt.create"
    authentication_classes = ()
    most_bytes = 10_000
    refuses = (401,)

    class Ask(asking.Ask):
        sample = {"asfuid": "alice", "pat": "trt_…"}
        asfuid = serializers.CharField(max_length=150, help_text="The name of your account.")
        pat = serializers.CharField(
            max_length=200,
            style=asking.SECRET,
            help_text="An access token of that account.",
        )

    class Answer(Envelope):
        sample = {"asfuid": "alice", "jwt": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"}
        asfuid = serializers.CharField()
        jwt = serializers.CharField()

    def post(self, request: Request) -> Response:
        asked = self.asked()
        # By account and address: nobody uses up the attempts of somebody else's programs.
        spend(f"{asked['asfuid']}@{network_of(self.address)}", self.action)
        token = AccessToken.objects.exchange(
            asked["pat"], person=asked["asfuid"], address=self.address
        )
        if token is None:
            raise Unauthenticated(WRONG)
        return self.answer(asfuid=token.owner.username, jwt=jwts.make(token, now()))
