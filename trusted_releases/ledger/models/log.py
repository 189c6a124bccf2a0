"""The sealed log: committed events, each at its place in a Merkle tree with a signed head."""

from datetime import UTC
from typing import Any

from django.db import models
from django.utils.timezone import now

from trusted_releases.ledger.models.event import Event
from trusted_releases.ledger.querysets import AppendOnly, AppendOnlyQuerySet


class Sealed(models.Model):
    """A row of the log: written once."""

    may_come_in_bulk = True

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(f"A {self._meta.verbose_name} is never changed.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"A {self._meta.verbose_name} is never deleted.")


class LogEntry(Sealed):
    """One event's place in the log. Positions count from 0, in the order of sealing."""

    position = models.BigIntegerField(unique=True, editable=False)
    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, related_name="entry", editable=False
    )
    leaf = models.CharField(
        max_length=64, editable=False, help_text="RFC 6962 hash of the event's canonical JSON."
    )

    class Meta:
        ordering = ["position"]
        verbose_name = "sealed entry of the log"
        verbose_name_plural = "sealed entries of the log"

    def __str__(self) -> str:
        return f"{self.position}: event {self.event_id}"


class Head(Sealed):
    """The state of the log after a sealing: how many entries, and the root over all of them.

    Whoever keeps a copy can prove later that the log still begins with what it held then.
    """

    size = models.BigIntegerField(unique=True, editable=False)
    root = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField(default=now, editable=False)
    key_id = models.CharField(max_length=64, editable=False)
    signature = models.CharField(max_length=128, editable=False)

    class Meta:
        ordering = ["-size"]

    def __str__(self) -> str:
        return f"{self.size} entries, root {self.root[:16]}…"

    def as_json(self) -> dict[str, Any]:
        """The head as it is kept elsewhere: `manage.py verify_events --head` takes it back."""
        return {
            "size": self.size,
            "root": self.root,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "key_id": self.key_id,
            "signature": self.signature,
        }


class LogState(models.Model):
    """The one row that a sealer locks: the size of the log and the tree's frontier."""

    size = models.BigIntegerField(default=0, editable=False)
    frontier = models.JSONField(default=list, editable=False)

    def __str__(self) -> str:
        return f"{self.size} entries"
