"""How verbs work: who may, is it ready, hold the row, take the step, write it down."""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from projects.roles import NARROW, NEVER_ON_BEHALF, Person, Reach, is_embargoed, may
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import NotReady, Obstacle, Refused, Stale

if TYPE_CHECKING:
    from projects.models import Project, User

P = ParamSpec("P")
T = TypeVar("T")


def authorise(person: Person, perm: str, obj: models.Model) -> "User":
    """The account that may do this to the object, or PermissionDenied with a sentence.

    It is the very account that was given: who really acts in its name (`acted_by`) stays with it
    on the way into the event.
    """
    if perm in NEVER_ON_BEHALF and getattr(person, "acted_by", None) is not None:
        raise PermissionDenied(
            f"Nobody does this in the name of somebody else: only {person} may, logged in as "
            "themself. End acting on behalf first."
        )
    if not person.is_authenticated or not may(person, perm, obj):
        if is_embargoed(obj):  # a sentence that names it would tell that it exists
            raise PermissionDenied("You may not do this.")
        raise PermissionDenied(
            f"{person} may not do this: it takes the right {perm!r} on {obj}.{missing(person)}"
        )
    return person


def missing(person: Person) -> str:
    """What somebody of the console can do about a right that they do not have at this moment."""
    if (reach := getattr(person, "reach", None)) is not None:
        named = Reach(reach).label if reach in Reach.values else NARROW[reach]
        return f" The access token is for “{named}”."
    if not getattr(person, "is_unproven", False):
        return ""
    return (
        " If a group of the console gives you this right, open the console first: it asks for your "
        "second factor."
    )


def require(obstacles: Iterable[Obstacle]) -> None:
    """Raise NotReady with all the obstacles there are, if there are any."""
    if found := tuple(obstacles):
        raise NotReady(found)


def verb(method: Callable[P, T]) -> Callable[P, T]:
    """Mark a decision of a person. A refused attempt leaves an event; nothing else remains of it.

    The event is written after the verb's own transaction has been rolled back, so a refusal is
    known even though it changed nothing.
    """

    @functools.wraps(method)
    def decided(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with transaction.atomic():
                return method(*args, **kwargs)
        except (Refused, PermissionDenied) as error:
            person: Any = kwargs.get("by")
            about = _about(args[0], person)
            if about.pk is not None:
                Event.objects.record_refusal(method.__name__, by=person, subject=about, error=error)
            raise

    return decided


def _about(subject: Any, person: Any) -> Any:
    """What a refusal is about: the row, else the one it would belong to, else who asked."""
    if subject.pk is not None:
        return subject
    return getattr(subject, "place", None) or getattr(subject, "project", None) or person


class Held(models.Model):
    """A row that is the lock of its family."""

    class Meta:
        abstract = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold this row, freshly read, to the end of the block.

        Whoever changes anything below the row holds it too, so what a guard reads inside the
        block stays true until the block ends.
        """
        with transaction.atomic():
            rows = type(self)._base_manager.select_for_update(of=("self",))
            try:
                self.refresh_from_db(from_queryset=rows)
            except type(self).DoesNotExist as error:
                raise Stale(f"{self} has been deleted meanwhile.") from error
            yield


class Lifecycle(Held):
    """A model whose phase changes only along MOVES, and only through _move()."""

    MOVES: ClassVar[Mapping[str, frozenset[str]]]
    project: "Project"
    phase: str

    class Meta:
        abstract = True

    def _move(
        self, to: str, *, by: Person | None, tag: str, facts: Mapping[str, Any], **changes: Any
    ) -> Event:
        """Take one step and write down who took it. Call it inside held().

        `changes` are other columns that change with the phase; `facts` go into the event.
        """
        if to not in self.MOVES[self.phase]:
            raise Stale(
                f"{self} is in phase {self.phase!r} by now and cannot go to {to!r}. "
                "Reload the page to see what happened."
            )
        step = {"from": str(self.phase), "to": str(to), **facts}
        for name, value in {"phase": to, **changes}.items():
            setattr(self, name, value)
        self.save(update_fields=["phase", *changes])  # type: ignore[misc]
        return Event.objects.record(
            tag, by=by, subject=self, project=self.project, release=self, **step
        )
