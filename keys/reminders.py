"""Who is told, and when, that a key is about to expire: once for each step, whatever happens."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from keys.care import signs_until
from keys.models import Certificate
from projects.models import User
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

STEPS = (90, 30, 7)  # days before
_questions: list[Callable[[User], bool]] = []


def step(until: datetime | None, at: datetime) -> int | None:
    """The step that is due at `at` for a key that signs until then; None while there is none.

    Only the latest is: after a week in which no job ran nobody gets two mails at once.
    """
    if until is None or until <= at:
        return None
    return min((days for days in STEPS if until - at <= timedelta(days=days)), default=None)


def also_ask(question: Callable[[User], bool]) -> None:
    """Have this asked as well before a reminder is mailed: preferences belong to a higher layer."""
    _questions.append(question)


def wants_mail(person: User) -> bool:
    """Whether the person is to be told by mail; they may have said otherwise."""
    return person.is_active and all(question(person) for question in _questions)


def remind(at: datetime) -> int:
    """Write down every reminder that is due and has not been; the mails follow from the events.

    How many there were. Two that run at once write each down once: the key's row is the lock.
    """
    rows = Certificate.objects.in_use().valid(at).select_related("owner").defer("armored")
    return sum(
        _write_down(key, until, days, at)
        for key in rows.iterator(chunk_size=500)
        if (days := step(until := signs_until(key), at)) is not None and until is not None
    )


def people_of(key: Certificate) -> Iterator[User]:
    """Whom it concerns: whose key it is; of nobody's key, who brought it into a committee."""
    if key.owner is not None:
        yield key.owner
        return
    links = key.links.select_related("added_by").order_by("pk")
    found = {link.added_by.pk: link.added_by for link in links if link.added_by}
    yield from found.values()


def _write_down(key: Certificate, until: datetime, days: int, at: datetime) -> int:
    with transaction.atomic():
        Certificate.objects.select_for_update(of=("self",), no_key=True).get(pk=key.pk)
        told = Event.objects.about(key).filter(tag=Tag.KEY_EXPIRES)
        known = {_mark(event.facts) for event in told}
        due = [
            facts
            for person in people_of(key)
            if person.is_active and _mark(facts := _facts(key, person, until, days)) not in known
        ]
        for facts in due:
            left = (until - at).days
            Event.objects.record(Tag.KEY_EXPIRES, by=None, subject=key, **facts, days=left)
        return len(due)


def _facts(key: Certificate, person: User, until: datetime, days: int) -> dict[str, Any]:
    return {
        "fingerprint": key.fingerprint,
        "person": person.username,
        "until": until.isoformat(),
        "step": days,
    }


def _mark(facts: dict[str, Any]) -> tuple[Any, ...]:
    return facts.get("person"), facts.get("until"), facts.get("step")
