"""What operators tell everybody, on top of every page."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from trusted_releases.lib.text import is_plain

KEPT = "banner"
KEPT_FOR = 15  # seconds, until all processes show a change; beyond that no page asks the database
NONE = ""  # what is kept when there is no banner: the cache says None for what it does not know


class BannerQuerySet(models.QuerySet["Banner"]):
    def in_force(self, at: datetime | None = None) -> Self:
        at = at or now()
        return self.filter(starts_at__lte=at).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))


class Banner(models.Model):
    """A few sentences for everybody, from one moment to another. The newest in force is shown."""

    class Level(models.TextChoices):
        INFO = "info", "Information"
        WARNING = "warning", "Warning"

    text = models.TextField(
        max_length=500,
        help_text="Plain sentences, 500 characters at most. Everybody sees them, logged in or not.",
    )
    level = models.CharField(max_length=10, choices=Level, default=Level.INFO)
    starts_at = models.DateTimeField("from", default=now, db_index=True)
    ends_at = models.DateTimeField(
        "until", null=True, blank=True, help_text="Empty: until it is ended here."
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    objects: Any = BannerQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="projects_banner_ends_after_its_start",
                violation_error_message="A banner ends after it has begun.",
            )
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        cache.delete(KEPT)

    def is_in_force(self, at: datetime | None = None) -> bool:
        at = at or now()
        return self.starts_at <= at and (self.ends_at is None or self.ends_at > at)

    def clean(self) -> None:
        if not is_plain(self.text):
            raise ValidationError({"text": "Control characters are not allowed."})


def banner_now() -> "Banner | None":
    """The banner that every page shows, from the cache while that is fresh."""
    if (kept := cache.get(KEPT)) is None:
        kept = Banner.objects.in_force().order_by("-starts_at", "-pk").first() or NONE
        cache.set(KEPT, kept, KEPT_FOR)
    return kept or None
