"""Certificates and the committees whose releases they sign."""

from django.conf import settings
from django.db import models

from projects.models import Committee


class Certificate(models.Model):
    """An OpenPGP certificate: public, known by the fingerprint of its primary key."""

    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    key_id = models.CharField(max_length=16, db_index=True, editable=False)
    algorithm = models.CharField(max_length=30, editable=False)
    length = models.PositiveIntegerField(editable=False, help_text="In bits.")
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)
    revoked = models.BooleanField(default=False, editable=False)
    revocation_reason = models.CharField(max_length=200, blank=True, editable=False)
    user_ids = models.JSONField(default=list, editable=False)
    armored = models.TextField(editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)
    committees = models.ManyToManyField(Committee, through="KeyLink", related_name="certificates")

    class Meta:
        permissions = [("manage_keys", "Can manage the keys of a committee")]

    def __str__(self) -> str:
        return self.fingerprint


class KeyLink(models.Model):
    """This committee's releases may be signed by this certificate."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="key_links")
    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="links")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["committee", "certificate"], name="keys_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.certificate} for {self.committee}"


def keys_document(committee: Committee) -> bytes:
    """The committee's KEYS file: the same certificates give the same bytes."""
    links = committee.certificates.order_by("fingerprint")
    return "\n".join(each.armored for each in links).encode()
