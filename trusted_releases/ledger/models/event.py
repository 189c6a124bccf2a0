"""What happened: one row for each act that changed something, and each attempt that was refused."""

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils.timezone import now

from trusted_releases.ledger import tags
from trusted_releases.ledger.facts import clean, facts_of
from trusted_releases.ledger.models.job import Job
from trusted_releases.ledger.querysets import AppendOnly, EventQuerySet
from trusted_releases.ledger.reactions_registry import reactions
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.errors import Refused

if TYPE_CHECKING:
    from trusted_releases.ledger.models.job import Person

__all__ = ["AppendOnly", "Event", "Pending"]

REFUSALS_A_MINUTE = 60  # for one actor; a script that tries for ever must not fill the log


class EventManager(models.Manager.from_queryset(EventQuerySet)):  # type: ignore[misc]
    def record(
        self,
        tag: str,
        *,
        by: "Person | None",
        subject: models.Model,
        project: Any = None,
        release: Any = None,
        committee: Any = None,
        **facts: Any,
    ) -> "Event":
        """Write down what happened, in the caller's transaction, and queue what follows from it.

        `by` is the person who decided, or None for a worker. `subject` is the row it happened to;
        it must be saved. When somebody acts in that person's name (`by.acted_by`), they are the
        actor, and the person is the fact `on_behalf_of`; the access token that a program
        came by is `by_token`. `project`, `release` and `committee`
        are rows or their slugs and keys, and are found through the subject when left out. Facts
        are text, whole numbers, booleans, dates, lists and objects. Each job registered for the
        tag is queued with `event=<id>`: if the caller's transaction fails, neither the event nor
        the jobs were ever there.
        """
        return self._write(tag, by, subject, (release, project, committee), facts)

    def record_refusal(
        self, verb: str, *, by: "Person | None", subject: models.Model, error: Exception
    ) -> "Event | None":
        """Write down that somebody was told no. Call it after the verb's transaction has ended.

        Returns None when this actor was refused 60 times within the last minute already.
        """
        actor = _actor(by)
        minute_ago = now() - timedelta(minutes=1)
        recent = self.filter(tag=Tag.REFUSED, actor=actor, at__gt=minute_ago)
        count = len(recent.values_list("pk")[:REFUSALS_A_MINUTE])
        if count >= REFUSALS_A_MINUTE:
            return None
        facts: dict[str, Any] = {
            "verb": clean(verb, 100),
            "code": str(getattr(error, "code", None) or type(error).__name__)[:100],
            "sentence": clean(str(error), 500) or "Not permitted.",
        }
        if isinstance(error, Refused) and error.obstacles:
            facts["obstacles"] = [obstacle.code for obstacle in error.obstacles[:20]]
        if count == REFUSALS_A_MINUTE - 1:
            facts["note"] = "Further refusals of this actor within the minute are not recorded."
        return self._write(Tag.REFUSED, by, subject, (None, None, None), facts, refused=True)

    def _write(
        self,
        tag: str,
        by: "Person | None",
        subject: models.Model,
        places: tuple[Any, Any, Any],
        facts: dict[str, Any],
        refused: bool = False,
    ) -> "Event":
        if subject.pk is None:
            raise ValueError(
                f"An event is about a saved row; this {subject._meta.label} has no id."
            )
        if by is not None and getattr(by, "acted_by", None) is not None:
            facts = facts | {"on_behalf_of": by.get_username()}
        if token := getattr(by, "comes_by", ""):
            facts = facts | {"by_token": token}
        event = Event(
            tag=Tag(tag),
            actor=_actor(by),
            kind=subject._meta.label_lower,
            key=str(subject.pk),
            **_places(subject, *places),
            facts=facts_of(facts),
            refused=refused,
        )
        with transaction.atomic(using=self.db):
            event.save(using=self.db)
            for name in reactions(tag):
                Job.objects.enqueue(
                    name, subject=subject, release=event.release, args={"event": event.pk}
                )
        return event


class Event(models.Model):
    """One thing that happened. Never changed and never deleted; sealed into the log in seconds.

    It names rows by kind and key and has no foreign key to them: the log stays whole when
    something it speaks of is deleted.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=now, editable=False)
    tag = models.CharField(max_length=40, choices=tags.choices, editable=False)
    actor = models.CharField(max_length=150, blank=True, editable=False)
    kind = models.CharField(max_length=100, editable=False)
    key = models.CharField(max_length=200, editable=False)
    committee = models.CharField(max_length=100, blank=True, editable=False)
    project = models.CharField(max_length=100, blank=True, editable=False)
    release = models.CharField(max_length=100, blank=True, editable=False)
    facts = models.JSONField(default=dict, editable=False)
    refused = models.BooleanField(default=False, editable=False)

    objects = EventManager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "key", "-id"], name="event_subject"),
            models.Index(fields=["project", "-id"], name="event_project"),
            models.Index(
                fields=["release", "-id"], name="event_release", condition=~models.Q(release="")
            ),
            # What happened to a committee itself: events of its releases are found by those.
            models.Index(
                fields=["committee", "-id"], name="event_committee", condition=models.Q(release="")
            ),
            models.Index(fields=["tag", "-id"], name="event_tag"),
            models.Index(fields=["actor", "at"], name="event_actor"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        who = self.actor or "the platform"
        return f"{self.get_tag_display()}: {self.kind} {self.key}, by {who}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("An event is never changed. Record a new one.")
        kwargs["force_insert"] = True
        with transaction.atomic(using=kwargs.get("using")):
            super().save(*args, **kwargs)
            Pending.objects.using(kwargs.get("using")).create(event=self)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("An event is never deleted.")

    @property
    def leaf(self) -> bytes:
        """Every field in canonical JSON: the bytes that the log holds this event to."""
        return canonical(
            {
                "id": self.pk,
                "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "tag": str(self.tag),
                "actor": self.actor,
                "kind": self.kind,
                "key": self.key,
                "committee": self.committee,
                "project": self.project,
                "release": self.release,
                "facts": self.facts,
                "refused": self.refused,
            }
        )


class Pending(models.Model):
    """An event that is not in the sealed log yet: written with it, taken away by the sealing.

    Transactions commit in another order than their events are numbered. This table says which
    are left without looking at the million that are sealed, and without waiting for anybody.
    """

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True)

    class Meta:
        verbose_name_plural = "pending events"

    def __str__(self) -> str:
        return f"event {self.pk}"


def _actor(by: "Person | None") -> str:
    """Who did it: the person at the keyboard, also when they act in another's name."""
    if by is None:
        return ""
    real: Person = getattr(by, "acted_by", None) or by
    return real.get_username()


def _places(subject: models.Model, release: Any, project: Any, committee: Any) -> dict[str, str]:
    """Where the event belongs: what the caller said, or what the subject and its owners say."""
    release = _place("release", release, subject)
    project = _place("project", project, release, subject)
    committee = _place("committee", committee, project, subject)
    return {
        "release": _name(release, "pk"),
        "project": _name(project, "slug"),
        "committee": _name(committee, "slug"),
    }


def _place(name: str, given: Any, *owners: Any) -> Any:
    if given is not None:
        return given
    for owner in owners:
        if isinstance(owner, models.Model):
            if owner._meta.model_name == name:
                return owner
            if (found := getattr(owner, name, None)) is not None:
                return found
    return None


def _name(place: Any, attribute: str) -> str:
    if isinstance(place, models.Model):
        place = getattr(place, attribute)
    return "" if place is None else str(place)
