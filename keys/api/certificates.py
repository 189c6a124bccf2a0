"""Endpoints about OpenPGP keys: one's own, and those of committees."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from keys.api.items import CertificateItem, KeyRefused, KeyStored
from keys.models import Certificate
from keys.openpgp import MAX_BLOCK, MAX_DOCUMENT
from keys.report import Outcome, Row
from projects.api import find_committee
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, example_of, true
from trusted_releases.api.endpoint import Access, Endpoint, Part
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Name
from trusted_releases.api.leads import ANSWER, Lead, named

A_FINGERPRINT = "e35604dd9e2892e5465b3d8a203f105a7b33a64f"
A_KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n…"
MOST_COMMITTEES = 100  # that one key is added to at once


def armor(most: int, about: str) -> serializers.CharField:
    """Text with keys. Errors never repeat it: somebody may have sent a private one."""
    return serializers.CharField(max_length=most, style=asking.SECRET, help_text=about)


class AddKey(Endpoint):
    """Add your own OpenPGP key, and link it to committees whose releases it is to sign.

    One of its user ids has the mail address of your account, or your name at the foundation's
    domain. A known key takes in what is new. Private keys are refused, and nothing of them is kept.
    """

    policy = "keys.own_certificates"
    access = Access.BEARER
    action = "key.add"
    refuses = (404, 409)

    class Ask(asking.Ask):
        sample = {"asfuid": "alice", "key": A_KEY, "committees": ["tool"]}
        asfuid = serializers.CharField(
            max_length=150, help_text="Your account. The token says who you are; this is ignored."
        )
        key = armor(MAX_BLOCK, "One armored public key.")
        committees = serializers.ListField(child=Name("committee"), max_length=MOST_COMMITTEES)

    class Answer(Envelope):
        sample = {"fingerprint": A_FINGERPRINT.upper(), "warnings": []}
        leads = (
            Lead("key_get", named(ANSWER, "fingerprint")),
            Lead("key_delete", body=named(ANSWER, "fingerprint")),
        )
        fingerprint = serializers.CharField(help_text="In upper case.")
        warnings = serializers.ListField(child=serializers.CharField())

    def post(self, request: Request) -> Response:
        asked = self.asked()
        committees = [find_committee(each) for each in dict.fromkeys(asked["committees"])]
        added = Certificate.objects.add_own(
            asked["key"].encode("utf-8", "replace"), by=request.user, committees=committees
        )
        return self.answer(fingerprint=added.fingerprint.upper(), warnings=_warnings(added))


class DeleteKey(Endpoint):
    """Take your own key back: it signs for no committee any more, and is not yours any more.

    What it has signed can still be verified with it, by who has it. Adding it undoes this.
    """

    policy = "keys.own_certificates"
    access = Access.BEARER
    action = "key.delete"
    refuses = (404,)

    class Ask(asking.Ask):
        sample = {"fingerprint": A_FINGERPRINT}
        fingerprint = Name("fingerprint")

    class Answer(Envelope):
        sample = {"warnings": []}
        success = true()
        warnings = serializers.ListField(child=serializers.CharField())

    def post(self, request: Request) -> Response:
        said = self.asked()["fingerprint"]
        own = Certificate.objects.filter(fingerprint=said.lower(), owner=request.user.pk).first()
        if own is None:
            raise Missing(f"Key '{said}' not found")
        left = Certificate.objects.take_back(own, by=request.user)
        return self.answer(
            warnings=[
                f"It stands no more in the KEYS file of {each.slug}. Releases that it has signed "
                "are verified with it."
                for each in left
            ]
        )


class GetKey(Endpoint):
    """An OpenPGP key that somebody has added, or that signs for a committee."""

    policy = "public"
    action = "key.get"

    class Answer(Envelope):
        key = CertificateItem()

    def get(self, request: Request, fingerprint: str) -> Response:
        known = Certificate.objects.in_use().select_related("owner")
        found = known.filter(fingerprint=fingerprint.lower()).first()
        if found is None:
            raise Missing(f"Key '{fingerprint}' not found")
        return self.answer(key=found)


class UserKeys(Endpoint):
    """The OpenPGP keys that a person has added; none of somebody who is not known."""

    policy = "public"
    action = "keys.user"
    Query = Part

    class Answer(Envelope):
        keys = CertificateItem(many=True)

    def get(self, request: Request, person: str) -> Response:
        own = Certificate.objects.filter(owner__username=person).select_related("owner")
        return self.answer(keys=self.part(own.order_by("fingerprint")))


class CommitteeKeys(Endpoint):
    """The OpenPGP keys that sign releases of a committee, by fingerprint."""

    policy = "public"
    Query = Part

    class Answer(Envelope):
        keys = CertificateItem(many=True)

    def get(self, request: Request, committee: str) -> Response:
        rows = find_committee(committee).certificates.select_related("owner")
        return self.answer(keys=self.part(rows.order_by("fingerprint")))


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name=None,  # type: ignore[arg-type]  # none: it stands where it is used
        serializers=[KeyStored, KeyRefused],
        resource_type_field_name=None,
        many=True,
    )
)
class Outcomes(serializers.ListField):
    """What became of each key of a document: two kinds of objects, as clients know them."""


class UploadKeys(Endpoint):
    """Import a KEYS file into a committee. For each key of it there is one result.

    A file with a private key in it is refused whole, and nothing of it is kept.
    """

    policy = "keys.add_keys"
    access = Access.BEARER
    action = "keys.upload"
    refuses = (404,)
    most_bytes = 2 * MAX_DOCUMENT  # line ends take two characters in JSON

    class Ask(asking.Ask):
        sample = {"filetext": A_KEY, "committee": "tool"}
        filetext = armor(MAX_DOCUMENT, "Public keys, with any text between them.")
        committee = Name("committee")

    class Answer(Envelope):
        sample = {
            "results": [example_of(KeyStored()), example_of(KeyRefused())],
            "success_count": 1,
            "error_count": 1,
            "submitted_committee": "tool",
            "warnings": [],
        }
        results = Outcomes()
        success_count = serializers.IntegerField()
        error_count = serializers.IntegerField()
        submitted_committee = serializers.CharField()
        warnings = serializers.ListField(child=serializers.CharField())

    def post(self, request: Request) -> Response:
        asked = self.asked()
        committee = find_committee(asked["committee"])
        report = Certificate.objects.import_keys(
            asked["filetext"].encode("utf-8", "replace"), committee=committee, by=request.user
        )
        refused = report.of(Outcome.REFUSED)
        return self.answer(
            results=_outcomes(report.rows),
            success_count=len(report.rows) - len(refused),
            error_count=len(refused),
            submitted_committee=committee.slug,
            warnings=[row.text for row in report.rows if row.text and row not in refused],
        )


def _outcomes(rows: tuple[Row, ...]) -> list[Any]:
    names = {row.fingerprint for row in rows if row.fingerprint}
    known = Certificate.objects.select_related("owner").filter(fingerprint__in=names)
    keys = {each.fingerprint: each for each in known}
    return [
        KeyRefused({"error": row.text}).data
        if row.outcome == Outcome.REFUSED
        else KeyStored({"key": keys[row.fingerprint]}).data
        for row in rows
    ]


def _warnings(key: Certificate) -> list[str]:
    """What its owner may want to know of a key that was taken all the same."""
    said = []
    if key.revoked:
        said.append("The key is revoked: what it signs does not count.")
    if key.weakly_bound:
        said.append("The key is bound to its user ids by SHA-1 or MD5 only. Sign them anew.")
    return said
