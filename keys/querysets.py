"""The questions people ask about certificates and tokens."""

from datetime import datetime, timedelta
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from projects.roles import Person


class CertificateQuerySet(models.QuerySet):
    def known_as(self, text: str) -> Self:
        """By fingerprint or key id, also of a subkey, or part of a user id, such as a mail address;
        as people paste them: with spaces, 0x, in either case."""
        digits = "".join(text.split()).lower().removeprefix("0x")
        known = Q(fingerprint=digits) | Q(key_id=digits) | Q(user_ids__icontains=text.strip())
        parts = apps.get_model("keys", "PublicKey").objects.issued_by([digits])
        return self.filter(known | Q(pk__in=parts.values("certificate")))

    def in_use(self) -> Self:
        """Somebody's own, or linked to a committee."""
        links = apps.get_model("keys", "KeyLink").objects  # whose module imports this one
        linked = links.filter(certificate=models.OuterRef("pk"))
        return self.filter(Q(owner__isnull=False) | models.Exists(linked))

    def valid(self, at: datetime | None = None) -> Self:
        """Neither revoked nor expired."""
        at = at or now()
        return self.filter(revoked=False).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at))

    def expiring(self, within: timedelta, at: datetime | None = None) -> Self:
        """Valid today, and no more when this time has passed."""
        at = at or now()
        return self.filter(revoked=False, expires_at__gt=at, expires_at__lte=at + within)

    def of_busy_committees(self, at: datetime | None = None) -> Self:
        """Linked to a committee that has released within a year: people will miss the key."""
        year = (at or now()) - timedelta(days=365)
        return self.filter(links__committee__projects__releases__released_at__gte=year).distinct()


class AccessTokenQuerySet(models.QuerySet):
    def good(self, at: datetime | None = None) -> Self:
        """Neither revoked nor expired."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at or now())

    def ended(self, at: datetime | None = None) -> Self:
        """Revoked or expired."""
        return self.exclude(revoked_at__isnull=True, expires_at__gt=at or now())

    def of(self, person: Person) -> Self:
        """The person's own, newest first."""
        return self.filter(owner=person.pk).order_by("-pk")
