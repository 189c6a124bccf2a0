"""Tokens of workflows that have been used: each is good once."""

from datetime import UTC, datetime

from django.db import IntegrityError, models, transaction
from django.utils.timezone import now


class SpentTokenQuerySet(models.QuerySet["SpentToken"]):
    def expired(self, at: datetime | None = None) -> "SpentTokenQuerySet":
        """Those that would be refused for their age: nothing needs to remember them."""
        return self.filter(expires_at__lt=at or now())

    def spend(self, digest: str, *, until: int) -> bool:
        """Use this token; False when somebody has. `until` is when it expires, in Unix time.

        The unique column decides: of two who come at the same moment, one is turned away.
        """
        try:
            with transaction.atomic():
                self.create(digest=digest, expires_at=datetime.fromtimestamp(until, UTC))
        except IntegrityError:
            return False
        return True


class SpentToken(models.Model):
    """One used token, until it would have expired anyway."""

    digest = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA-256 of its issuer and id."
    )
    expires_at = models.DateTimeField(editable=False, db_index=True)

    objects = SpentTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"used token {self.digest[:12]}"
