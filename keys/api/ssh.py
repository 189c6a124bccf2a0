"""Endpoints about SSH keys."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from keys.api.items import SshKeyItem
from keys.models import SshKey
from keys.ssh_text import LONGEST
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, true
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing
from trusted_releases.api.leads import ANSWER, Lead, named

A_FINGERPRINT = str(SshKeyItem.sample["fingerprint"])


class AddSshKey(Endpoint):
    """Add an SSH key: whoever has its private part comes in as you. You get a mail about it.

    Takes a token that may do everything that you may.
    """

    policy = "keys.own_ssh_keys"
    access = Access.BEARER
    action = "ssh-key.add"
    status = 201
    refuses = (409,)

    class Ask(asking.Ask):
        sample = {"text": SshKeyItem.sample["key"]}
        text = serializers.CharField(
            max_length=LONGEST,
            style=asking.SECRET,
            help_text="One line: the kind, the key in base64, and a comment if you like.",
        )

    class Answer(Envelope):
        sample = {"fingerprint": A_FINGERPRINT}
        leads = (Lead("ssh_key_delete", body=named(ANSWER, "fingerprint")),)
        fingerprint = serializers.CharField()

    def post(self, request: Request) -> Response:
        added = SshKey.objects.add(self.asked()["text"], by=request.user)
        return self.answer(fingerprint=added.fingerprint)


class DeleteSshKey(Endpoint):
    """Remove an SSH key of yours. Nobody comes in by it any more."""

    policy = "keys.own_ssh_keys"
    access = Access.BEARER
    action = "ssh-key.delete"
    status = 201
    refuses = (404, 409)

    class Ask(asking.Ask):
        sample = {"fingerprint": A_FINGERPRINT}
        fingerprint = serializers.RegexField(
            r"^SHA256:[A-Za-z0-9+/]{43}\Z", error_messages={"invalid": "This is no fingerprint."}
        )

    class Answer(Envelope):
        success = true()

    def post(self, request: Request) -> Response:
        said = self.asked()["fingerprint"]
        own = SshKey.objects.of(request.user).select_related("owner").filter(fingerprint=said)
        found = own.first()
        if found is None:
            raise Missing(f"SSH key '{said}' not found")
        found.remove(by=request.user)
        return self.answer()


class ListSshKeys(Endpoint):
    """The SSH keys of a person, by fingerprint; none of somebody who is not known."""

    policy = "public"
    action = "ssh-keys.list"
    Query = asking.Page

    class Answer(Envelope):
        sample = {"count": 1}
        data = SshKeyItem(many=True)  # type: ignore[assignment]  # a key, not DRF's property
        count = serializers.IntegerField(help_text="How many this person has.")

    def get(self, request: Request, person: str) -> Response:
        known = SshKey.objects.filter(owner__username=person).select_related("owner")
        return self.answer(data=self.part(known.order_by("fingerprint")), count=known.count())
