"""The keys that short tokens are signed with: made when needed, changed when somebody says."""

import hashlib
import hmac
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.timezone import now

from projects.lifecycle import authorise
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused
from trusted_releases.lib.text import given_reason


class SigningKeyManager(models.Manager["SigningKey"]):
    def current(self) -> "SigningKey":
        """The key of today: the newest. The very first is made here."""
        newest = self.order_by("-pk").first()
        return newest or self.get_or_create(number=1)[0]

    def rotate(self, *, by: Person, reason: str) -> "SigningKey":
        """Make a new key. What was signed with the one before opens nothing from now on.

        Programs exchange their access token again, which stays what it is. There is no way back.
        """
        before = self.current()
        try:
            with transaction.atomic():
                by = authorise(by, "keys.rotate_signing_key", before)
                reason = given_reason(reason)
                # The first key is the lock: who waits for the newest does not see a newer one.
                self.select_for_update().get(number=1)
                made = self.create(number=self.current().number + 1)
                Event.objects.record(
                    Tag.SIGNING_KEY_ROTATED, by=by, subject=made, number=made.number, reason=reason
                )
                return made
        except (Refused, PermissionDenied) as error:
            Event.objects.record_refusal("rotate_signing_key", by=by, subject=before, error=error)
            raise


def _salt() -> str:
    return secrets.token_hex(32)


class SigningKey(models.Model):
    """One key for signing short tokens. Neither the database nor SECRET_KEY alone is enough to
    know it: it is made of both, so a copy of the database signs nothing."""

    number = models.PositiveIntegerField(unique=True, editable=False)
    salt = models.CharField(max_length=64, default=_salt, editable=False)
    made_at = models.DateTimeField(default=now, editable=False)

    objects = SigningKeyManager()

    class Meta:
        ordering = ["-number"]
        permissions = [("rotate_signing_key", "Can change the key of short tokens")]

    def __str__(self) -> str:
        return f"signing key {self.number}"

    @property
    def secret(self) -> bytes:
        """256 bits."""
        purpose: Any = f"api-jwt:{self.salt}".encode()
        return hmac.new(settings.SECRET_KEY.encode(), purpose, hashlib.sha256).digest()

    def rotate(self, *, by: Person, reason: str) -> "SigningKey":
        """For the console, whose acts are done to rows."""
        return SigningKey.objects.rotate(by=by, reason=reason)
