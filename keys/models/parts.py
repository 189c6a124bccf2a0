"""The keys of which a certificate is made, each with the time in which it may be used."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from keys import openpgp

if TYPE_CHECKING:
    from keys.models.certificate import Certificate


class PublicKeyQuerySet(models.QuerySet):
    def issued_by(self, names: Iterable[str]) -> Self:
        """Those that a signature may be by: names are fingerprints and key ids, in lower case."""
        names = list(names)
        return self.filter(Q(fingerprint__in=names) | Q(key_id__in=names))


class PublicKey(models.Model):
    """The primary key or a subkey of a certificate, as its owner has it now.

    It may sign from `created_at` until it expires, or is revoked. A hard revocation (compromised,
    or without a reason) reaches back to the beginning; a soft one counts from its own time.
    """

    certificate = models.ForeignKey("keys.Certificate", models.CASCADE, related_name="keys")
    fingerprint = models.CharField(max_length=64, db_index=True, editable=False)
    key_id = models.CharField(max_length=16, db_index=True, editable=False)
    is_primary = models.BooleanField(editable=False)
    algorithm = models.CharField(max_length=30, editable=False)
    length = models.PositiveIntegerField(editable=False, help_text="In bits.")
    capabilities = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    revoked = models.BooleanField(default=False, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revocation_reason = models.CharField(max_length=200, blank=True, editable=False)
    revoked_hard = models.BooleanField(default=False, editable=False)

    objects = PublicKeyQuerySet.as_manager()

    class Meta:
        ordering = ["certificate", "-is_primary", "created_at", "fingerprint"]
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "fingerprint"], name="keys_part_once_in_certificate"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint.upper()

    @property
    def can_sign(self) -> bool:
        return "s" in self.capabilities

    @property
    def valid_until(self) -> datetime | None:
        """From when on what it signs does not count; None for "not in sight"."""
        if self.revoked and (self.revoked_hard or self.revoked_at is None):
            return self.created_at
        ends = (self.expires_at, self.revoked_at if self.revoked else None)
        return min((each for each in ends if each), default=None)

    def is_valid(self, at: datetime) -> bool:
        """Whether it could sign at that moment, as we know today."""
        return at >= self.created_at and (self.valid_until is None or at < self.valid_until)


def write_parts(pairs: "Iterable[tuple[Certificate, openpgp.Certificate]]") -> None:
    """Have the rows say what the certificates say. Call it while holding the certificates."""
    pairs = list(pairs)
    PublicKey.objects.filter(certificate__in=[row for row, _ in pairs]).delete()
    PublicKey.objects.bulk_create(
        PublicKey(certificate=row, is_primary=each is found.primary, **_columns(each))
        for row, found in pairs
        for each in found.keys
    )


def _columns(key: openpgp.Subkey) -> dict[str, Any]:
    revocation = key.revocation
    return {
        "fingerprint": key.fingerprint,
        "key_id": key.fingerprint[-16:],
        "algorithm": key.algorithm,
        "length": key.length,
        "capabilities": key.capabilities,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked": revocation is not None,
        "revoked_at": revocation.at if revocation else None,
        "revocation_reason": revocation.reason if revocation else "",
        "revoked_hard": bool(revocation and revocation.hard),
    }
