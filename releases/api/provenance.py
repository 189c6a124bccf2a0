"""The endpoint that says whose key made a signature that somebody has in their hands."""

import hashlib

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from keys.openpgp_signatures import MAX_FILE
from releases.provenance import trace
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope, Item
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Name
from trusted_releases.lib.errors import BadInput


class CommitteeOfArtifact(Item):
    """A committee that has a release with this signature, and this key in its KEYS file."""

    sample = {"committee": "tool"}
    committee = serializers.CharField()


class Provenance(Endpoint):
    """Whose key made a signature, and which committees have both: the file and the key.

    Says nothing about whether the signature is good: verify it with the key.
    """

    policy = "releases.view_release"
    access = Access.BEARER
    action = "signature.provenance"
    refuses = (404,)

    class Ask(asking.Ask):
        sample = {
            "signature_file_name": "apache-tool-1.2.0-src.tar.gz.asc",
            "signature_asc_text": "-----BEGIN PGP SIGNATURE-----\n…",
            "signature_sha3_256": "5e" * 32,
        }
        signature_file_name = serializers.CharField(max_length=255)
        signature_asc_text = serializers.CharField(max_length=MAX_FILE, style=asking.SECRET)
        signature_sha3_256 = serializers.RegexField(
            r"^[0-9A-Fa-f]{64}\Z", error_messages={"invalid": "This is no SHA3-256."}
        )
        project_key = Name("project", required=False, allow_null=True)
        version_key = Name("version", required=False, allow_null=True)

    class Answer(Envelope):
        sample = {
            "fingerprint": "e35604dd9e2892e5465b3d8a203f105a7b33a64f",
            "key_asc_text": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n…",
        }
        fingerprint = serializers.CharField(help_text="Of the key, in lower case.")
        key_asc_text = serializers.CharField()
        committees_with_artifact = CommitteeOfArtifact(many=True)

    def post(self, request: Request) -> Response:
        asked = self.asked()
        if asked.get("version_key") and not asked.get("project_key"):
            raise BadInput("A version is one of a project: say project_key as well.")
        content = asked["signature_asc_text"].encode("utf-8", "replace")
        if hashlib.sha3_256(content).hexdigest() != asked["signature_sha3_256"].lower():
            raise BadInput("signature_sha3_256 is not the digest of signature_asc_text.")
        found = trace(
            content,
            by=self.request.user,
            name=asked["signature_file_name"],
            project=asked.get("project_key") or "",
            version=asked.get("version_key") or "",
        )
        if (key := found.certificate) is None:
            raise Missing("No committee has a release with this signature, and its key")
        return self.answer(
            fingerprint=key.fingerprint,
            key_asc_text=key.armored,
            committees_with_artifact=[{"committee": slug} for slug in found.committees],
        )
