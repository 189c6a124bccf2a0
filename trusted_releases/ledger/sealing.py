"""Giving committed events their place in the log: a Merkle tree with a signed head."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from trusted_releases.ledger import signing
from trusted_releases.ledger.models import Event, Head, LogEntry, LogState, Pending
from trusted_releases.lib.merkle import Frontier, leaf_hash

BATCH = 10_000  # events sealed in one transaction
ROWS = 500  # rows in one statement


def seal_all() -> int:
    """Seal until nothing is left, and return how many events that were."""
    total = 0
    while count := seal():
        total += count
    return total


def seal(limit: int = BATCH) -> int:
    """Put the oldest unsealed events into the log, with one signed head. Returns how many.

    Of two sealers at once one works; the other one returns 0. An event that was committed late
    gets a later place than its number says: the log's order is the order of sealing.
    """
    if not Pending.objects.exists():
        return 0
    make_state()
    with transaction.atomic():
        state = LogState.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        if state is None:
            return 0
        events = list(Event.objects.filter(pending__isnull=False).order_by("pk")[:limit])
        if not events:
            return 0
        frontier = frontier_of(state)
        entries = []
        for position, event in enumerate(events, frontier.size):
            leaf = leaf_hash(event.leaf)
            frontier.append(leaf)
            entries.append(LogEntry(position=position, event=event, leaf=leaf.hex()))
        LogEntry.objects.bulk_create(entries, batch_size=ROWS)
        for first in range(0, len(events), ROWS):
            some = [event.pk for event in events[first : first + ROWS]]
            Pending.objects.filter(pk__in=some).delete()
        state.size, state.frontier = frontier.size, [node.hex() for node in frontier.nodes]
        state.save()
        sign_head(frontier, now())
    return len(events)


def frontier_of(state: LogState) -> Frontier:
    return Frontier(state.size, [bytes.fromhex(node) for node in state.frontier])


def sign_head(frontier: Frontier, at: datetime) -> None:
    """Write the signed head of this tree. Whoever calls it has put the entries there, and holds the
    state's row."""
    key = signing.signing_key()
    head: dict[str, Any] = {
        "size": frontier.size,
        "root": frontier.root().hex(),
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "key_id": signing.key_id(key.public_key()),
    }
    Head.objects.create(**{**head, "at": at}, signature=signing.sign(head, key))


def make_state() -> None:
    """Have the one state row there; after a restore without it, computed again from the entries."""
    if LogState.objects.filter(pk=1).exists():
        return
    frontier = Frontier()
    leaves = LogEntry.objects.order_by("position").values_list("leaf", flat=True)
    frontier.extend(bytes.fromhex(leaf) for leaf in leaves.iterator(ROWS))
    nodes = [node.hex() for node in frontier.nodes]
    LogState.objects.get_or_create(pk=1, defaults={"size": frontier.size, "frontier": nodes})
