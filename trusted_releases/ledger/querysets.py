"""The questions people ask about events and jobs."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from django_q.models import OrmQ

if TYPE_CHECKING:
    from trusted_releases.ledger.models import Event, Job  # noqa: F401

SEARCHED = 10_000  # events: a tenth of a second, and some months of a large foundation


class AppendOnly(RuntimeError):
    """Somebody tried to change or delete what is only ever added to."""


class AppendOnlyQuerySet(models.QuerySet):
    """Rows come in and stay as they are."""

    def update(self, **kwargs: Any) -> int:
        raise AppendOnly(f"A {self.model._meta.verbose_name} is never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly(f"A {self.model._meta.verbose_name} is never deleted.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Only for rows whose model says so: an event has more to do than to be inserted."""
        if not getattr(self.model, "may_come_in_bulk", False):
            raise AppendOnly(f"A {self.model._meta.verbose_name} is recorded one by one.")
        return super().bulk_create(*args, **kwargs)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise AppendOnly(f"A {self.model._meta.verbose_name} is never changed.")


class EventQuerySet(AppendOnlyQuerySet):
    """What happened, asked for by what it happened to."""

    def about(self, subject: models.Model) -> Self:
        """Events whose subject is this very row."""
        return self.filter(kind=subject._meta.label_lower, key=str(subject.pk))

    def of_release(self, pk: Any) -> Self:
        # The index leaves out events without a release; SQLite uses it when the question does too.
        return self.filter(release=str(pk)).exclude(release="")

    def of_project(self, slug: str) -> Self:
        return self.filter(project=slug)

    def of_committee(self, slug: str) -> Self:
        return self.filter(committee=slug)

    def accepted(self) -> Self:
        """Without the attempts that were refused."""
        return self.filter(refused=False)

    def newest(self, count: int) -> Self:
        """The newest `count` of these, for what would take too long on all of them."""
        first_too_old = self.order_by("-pk").values("pk")[count : count + 1]
        return self.filter(pk__gt=Coalesce(models.Subquery(first_too_old), 0))

    def search(self, text: str, among: int = SEARCHED) -> Self:
        """Every word occurs in the tag, the actor, a name of a place, or the facts.

        Words may be parts of words, for which no index helps: they are looked for in the newest
        10,000 of these events. Filter by person, place and kind first, which have indexes.
        """
        if not text.strip():
            return self
        found = self.newest(among)
        for word in text.split()[:8]:
            found = found.filter(
                Q(tag__icontains=word)
                | Q(actor__icontains=word)
                | Q(project__icontains=word)
                | Q(committee__icontains=word)
                | Q(key=word)
                | Q(facts__icontains=word)
            )
        return found

    def unsealed(self) -> Self:
        """Committed, and not yet in the log."""
        return self.filter(entry__isnull=True)


class JobQuerySet(models.QuerySet):
    """Jobs by what is to be done with them."""

    def ready(self, at: datetime | None = None) -> Self:
        """Queued and due."""
        return self.filter(state="queued", due_at__lte=at or now())

    def lost(self, at: datetime | None = None) -> Self:
        """Running on paper, but the worker has been silent for longer than its lease."""
        return self.filter(state="running", lease_until__lt=at or now())

    def unsettled(self) -> Self:
        """Queued or running: somebody may wait for them."""
        return self.filter(state__in=["queued", "running"])

    def failed(self) -> Self:
        return self.filter(state="failed")

    def about(self, subject: models.Model) -> Self:
        """Jobs made for this very row."""
        return self.filter(about_kind=subject._meta.label_lower, about_key=str(subject.pk))

    def of_release(self, pk: Any) -> Self:
        return self.filter(release=str(pk))

    def asleep(self, since: datetime, at: datetime | None = None) -> Self:
        """Jobs nobody will come for: no wake-up call lies untaken, and the last is old.

        `since`: calls given after that moment may still be on their way to a worker.
        """
        at = at or now()
        untaken = OrmQ.objects.filter(pk=OuterRef("wake_row"), lock=OuterRef("due_at"))
        due = Q(state="queued", due_at__lt=since) | Q(state="running", lease_until__lt=at)
        return self.filter(due, ~Exists(untaken), woken_at__lt=since)
