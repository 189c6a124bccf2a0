"""How much of each limit is used up: shared by all processes of the installation."""

from typing import TYPE_CHECKING

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.db.models.functions import Greatest

if TYPE_CHECKING:
    from trusted_releases.ledger.limits import Limit

MICROSECONDS = 1_000_000


class SpendingQuerySet(models.QuerySet["Spending"]):
    def take(self, actor: str, action: str, limit: "Limit", at: float) -> float:
        """Use the action once; 0.0 when that was allowed, else the seconds until it will be.

        One conditional UPDATE decides, so two processes never both get the last one. It is the
        leaky bucket known as GCRA: `full_at` is the moment when all of the limit is there again.
        """
        interval, here = limit.interval, int(at * MICROSECONDS)
        latest = here + limit.window - interval
        rows = self.filter(actor=actor, action=action)
        while True:
            if rows.filter(full_at__lte=latest).update(
                full_at=Greatest(F("full_at"), here) + interval
            ):
                return 0.0
            known = rows.values_list("full_at", flat=True).first()
            if known is not None and known > latest:
                return float(known - latest) / MICROSECONDS
            if known is not None:  # it was made, or something given back, after we had looked
                continue
            try:
                with transaction.atomic():
                    self.create(actor=actor, action=action, full_at=here + interval)
                    return 0.0
            except IntegrityError:  # somebody else was first: now there is a row to update
                continue

    def give_back(self, actor: str, action: str, limit: "Limit") -> None:
        """Take one use back. One whose time is over anyway is the same as none."""
        rows = self.filter(actor=actor, action=action)
        rows.update(full_at=F("full_at") - limit.interval)

    def over(self, at: float) -> "SpendingQuerySet":
        """Those of which nothing is used up any more: the same as no row."""
        return self.filter(full_at__lte=int(at * MICROSECONDS))


class Spending(models.Model):
    """What one actor has used of one action's limit, as the moment when all of it is free again."""

    actor = models.CharField(max_length=200, editable=False)
    action = models.CharField(max_length=60, editable=False)
    full_at = models.BigIntegerField(editable=False, help_text="Microseconds since 1970, in UTC.")

    objects = SpendingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "action"], name="ledger_spending_once")
        ]
        indexes = [models.Index(fields=["full_at"], name="ledger_spending_full")]

    def __str__(self) -> str:
        return f"{self.action} of {self.actor}"
