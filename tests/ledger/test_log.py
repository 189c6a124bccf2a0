"""Rows of the log are written once."""

from functools import partial

import pytest

from tests.ledger.conftest import record_ballots
from trusted_releases.ledger.models import AppendOnly, Event, Head, LogEntry
from trusted_releases.ledger.sealing import seal


def test_entries_and_heads_are_never_changed_or_deleted(alice):
    record_ballots(alice, 1)
    seal()
    for row in (LogEntry.objects.get(), Head.objects.get()):
        for attempt in (
            row.save,
            row.delete,
            type(row).objects.all().delete,
            partial(type(row).objects.update, id=7),
        ):
            with pytest.raises(AppendOnly, match=r"never (changed|deleted)"):
                attempt()
    assert str(LogEntry.objects.get()) == f"0: event {Event.objects.get().pk}"
