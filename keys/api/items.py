"""What the API says of OpenPGP keys and SSH keys."""

from rest_framework import serializers

from keys.models import Certificate
from keys.openpgp_listing import ALGORITHMS
from keys.persons import uid_of
from trusted_releases.api.answers import Always, Item, Time, never, nothing

# The first number of each name: RSA has three.
NUMBERS = {name: number for number, name in reversed(ALGORITHMS.items())}


def constant(text: str) -> Always:
    return Always(text, {"type": "string", "const": text})


class CertificateItem(Item):
    """An OpenPGP key: public, known by the fingerprint of its primary key."""

    sample = {
        "fingerprint": "e35604dd9e2892e5465b3d8a203f105a7b33a64f",
        "algorithm": 22,
        "length": 256,
        "created": "2026-01-01T00:00:00.000000Z",
        "primary_declared_uid": "Alice Archer <alice@apache.org>",
        "secondary_declared_uids": [],
        "apache_uid": "alice",
        "ascii_armored_key": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n…",
    }

    fingerprint = serializers.CharField(help_text="In lower case.")
    algorithm = serializers.SerializerMethodField()
    length = serializers.IntegerField(help_text="In bits.")
    created = Time(source="created_at")
    latest_self_signature = nothing()
    expires = Time(source="expires_at", allow_null=True)
    primary_declared_uid = serializers.SerializerMethodField()
    secondary_declared_uids = serializers.SerializerMethodField()
    apache_uid = serializers.SerializerMethodField()
    ascii_armored_key = serializers.CharField(source="armored")
    deleted = nothing()
    historic_use = never()

    def get_algorithm(self, key: Certificate) -> int:
        """The number that OpenPGP has for it; 0 for one that it has none for."""
        return NUMBERS.get(key.algorithm, 0)

    def get_primary_declared_uid(self, key: Certificate) -> str | None:
        return key.user_ids[0] if key.user_ids else None

    def get_secondary_declared_uids(self, key: Certificate) -> list[str]:
        return list(key.user_ids[1:])

    def get_apache_uid(self, key: Certificate) -> str | None:
        """The account that added it, else whom it names itself."""
        return key.owner.username if key.owner else uid_of(key.user_ids)


class KeyStored(Item):
    """A key of a KEYS file that was taken, or was there already."""

    status = constant("success")
    key = CertificateItem()


class KeyRefused(Item):
    """A part of a KEYS file that is no key which can be used, and why."""

    sample = {"error": "The END line of the block is missing."}
    status = constant("error")
    key = nothing("object")
    error = serializers.CharField()
    error_type = constant("BadInput")


class SshKeyItem(Item):
    """A public key of SSH."""

    sample = {
        "fingerprint": "SHA256:2bdNlEyZk1tmOyqQ2j6oUJFLzDe0rnmf7q0jG2vVbXo",
        "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI… alice@laptop",
        "asf_uid": "alice",
    }

    fingerprint = serializers.CharField()
    key = serializers.CharField(help_text="As a line of authorized_keys.")
    asf_uid = serializers.CharField(source="owner.username")
