"""Events get their place in the log: all of them, once, under a root that is signed."""

import threading

import pytest
from django.db import connection, transaction

from trusted_releases.ledger import sealing, signing
from trusted_releases.ledger.models import Event, Head, LogEntry, LogState, Pending
from trusted_releases.ledger.sealing import frontier_of, seal, seal_all
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.merkle import leaf_hash, root_of


def record(person, count=1):
    return [
        Event.objects.record(Tag.KEY_UNLINKED, by=person, subject=person, number=number)
        for number in range(count)
    ]


def test_nothing_to_seal_makes_nothing(db):
    assert seal() == 0
    assert not Head.objects.exists()
    assert not LogState.objects.exists()


def test_events_get_positions_from_0_and_a_signed_head(alice):
    events = record(alice, 5)
    assert seal() == 5
    entries = list(LogEntry.objects.all())
    assert [entry.position for entry in entries] == [0, 1, 2, 3, 4]
    assert [entry.event for entry in entries] == events
    leaves = [leaf_hash(Event.objects.get(pk=event.pk).leaf) for event in events]
    assert [entry.leaf for entry in entries] == [leaf.hex() for leaf in leaves]
    head = Head.objects.get()
    assert (head.size, head.root) == (5, root_of(leaves).hex())
    key = signing.signing_key().public_key()
    assert signing.is_signed(head.as_json(), {signing.key_id(key): key})
    assert str(head) == f"5 entries, root {head.root[:16]}…"
    assert not Pending.objects.exists()
    assert seal() == 0


def test_every_sealing_goes_on_where_the_last_one_ended(alice):
    for count in (1, 2, 4, 3):
        record(alice, count)
        assert seal() == count
    leaves = [bytes.fromhex(leaf) for leaf in LogEntry.objects.values_list("leaf", flat=True)]
    assert [head.size for head in Head.objects.order_by("size")] == [1, 3, 7, 10]
    for head in Head.objects.all():
        assert head.root == root_of(leaves[: head.size]).hex()
    assert frontier_of(LogState.objects.get()).root() == root_of(leaves)
    assert str(LogState.objects.get()) == "10 entries"


def test_an_event_committed_late_is_sealed_after_its_elders(alice):
    early, late = record(alice, 2)
    Pending.objects.filter(pk=early.pk).delete()  # as if its transaction were still open
    assert seal() == 1
    Pending.objects.create(pk=early.pk)
    assert seal() == 1
    assert [entry.event for entry in LogEntry.objects.all()] == [late, early]
    assert not Event.objects.unsealed().exists()


def test_many_events_are_sealed_in_batches(alice, monkeypatch):
    monkeypatch.setattr(sealing, "ROWS", 2)
    monkeypatch.setattr(sealing, "seal", lambda: seal(limit=3))
    record(alice, 7)
    assert seal_all() == 7
    assert [head.size for head in Head.objects.order_by("size")] == [3, 6, 7]


def test_a_lost_state_row_is_computed_again_from_the_entries(alice):
    record(alice, 5)
    seal()
    frontier = LogState.objects.get().frontier
    LogState.objects.all().delete()
    record(alice)
    assert seal() == 1
    assert Head.objects.first().size == 6
    assert LogState.objects.get().frontier[0] == frontier[0]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_sealers_one_works_and_the_other_does_not_wait(alice):
    record(alice, 3)
    sealing.make_state()
    found = []

    def other():
        found.append(seal())
        connection.close()

    with transaction.atomic():
        LogState.objects.select_for_update().get(pk=1)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
        assert found == [0]
    assert seal() == 3


@pytest.mark.django_db(transaction=True)
def test_four_sealers_at_once_seal_each_event_once(alice):
    record(alice, 40)
    counts = []
    start = threading.Barrier(4)

    def work():
        start.wait()
        counts.append(sum(seal(limit=7) for _ in range(6)))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    counts.append(seal_all())
    assert sum(counts) == 40
    assert list(LogEntry.objects.values_list("position", flat=True)) == list(range(40))
    assert LogState.objects.get().size == 40
