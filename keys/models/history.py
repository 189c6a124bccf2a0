"""What was: which keys stood in a KEYS file when, in which form, and what they have signed."""

from django.conf import settings
from django.db import models

from keys.document import Entry
from projects.models import Committee
from trusted_releases.ledger.querysets import AppendOnlyQuerySet


class FormerLink(models.Model):
    """From when until when a key stood in the KEYS file of a committee. Links that still stand are
    rows of `KeyLink`; this is what they become when they end."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="former_key_links")
    certificate = models.ForeignKey("keys.Certificate", models.CASCADE, related_name="former_links")
    since = models.DateTimeField(editable=False)
    until = models.DateTimeField(editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-until", "-pk"]
        indexes = [models.Index(fields=["committee", "since"], name="keys_former_link")]

    def __str__(self) -> str:
        term = f"{self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}"
        return f"{self.certificate} for {self.committee}, {term}"


class FormerVersion(models.Model):
    """A certificate as it was before it took something in; its present form is its own row.

    `facts` are what a KEYS file shows of it, as `Entry.as_json` gives them.
    """

    certificate = models.ForeignKey("keys.Certificate", models.CASCADE, related_name="versions")
    since = models.DateTimeField(editable=False)
    until = models.DateTimeField(editable=False)
    facts = models.JSONField(editable=False)
    armored = models.TextField(editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-until", "-pk"]
        indexes = [models.Index(fields=["certificate", "until"], name="keys_former_version")]

    def __str__(self) -> str:
        return f"{self.certificate} until {self.until:%Y-%m-%d}"

    @property
    def entry(self) -> Entry:
        """As the KEYS file had it."""
        return Entry.from_json({**self.facts, "armored": self.armored})


class KeyUse(models.Model):
    """A signature of a published release: which key made it, over what, when.

    Because of it the key stays in the KEYS file of the committee, whatever is taken from it.
    """

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="key_uses")
    certificate = models.ForeignKey("keys.Certificate", models.PROTECT, related_name="uses")
    signing_fingerprint = models.CharField(max_length=64, editable=False)
    project = models.CharField(max_length=100, editable=False)
    version = models.CharField(max_length=100, editable=False)
    path = models.CharField(max_length=1024, editable=False, help_text="Of the signature file.")
    sha256 = models.CharField(max_length=64, editable=False, help_text="Of the signature file.")
    signed_at = models.DateTimeField(null=True, editable=False)
    digest = models.CharField(max_length=20, blank=True, editable=False)
    published_at = models.DateTimeField(editable=False)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "path"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "project", "version", "path", "signing_fingerprint"],
                name="keys_use_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.certificate} signed {self.path} of {self.project} {self.version}"
