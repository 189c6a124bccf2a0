"""The questions people ask about certificates."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.timezone import now


class CertificateQuerySet(models.QuerySet):
    def known_as(self, text: str) -> Self:
        """By fingerprint, key id or part of a user id, as people paste them: spaces, 0x, case."""
        digits = "".join(text.split()).lower().removeprefix("0x")
        return self.filter(
            Q(fingerprint=digits) | Q(key_id=digits) | Q(user_ids__icontains=text.strip())
        )

    def valid(self, at: datetime | None = None) -> Self:
        """Neither revoked nor expired."""
        at = at or now()
        return self.filter(revoked=False).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at))
