"""Proving the log against the events: what was changed, lost, put elsewhere or forged."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.utils.timezone import now

from trusted_releases.ledger import signing
from trusted_releases.ledger.models import Event, Head, Inspection, LogEntry, LogState
from trusted_releases.ledger.models.inspection import Problems
from trusted_releases.ledger.sealing import frontier_of
from trusted_releases.lib.merkle import Frontier, leaf_hash

ROWS = 2000  # rows held in memory at a time
SEALED_WITHIN = timedelta(seconds=60)


class Problem(NamedTuple):
    """One thing that is wrong: a code for programs, where it is, a sentence for people."""

    code: str
    where: str
    text: str


class Verifier:
    """Walks the whole log once, in order, with memory for a few thousand rows.

    `keys` are the public keys that may have signed, by key id. `saved` is a head that somebody
    kept from an earlier time: without one, a log that was cut at its end and signed anew by the
    holder of the key looks whole.
    """

    def __init__(
        self, keys: dict[str, Ed25519PublicKey], saved: dict[str, Any] | None = None
    ) -> None:
        self.keys = keys
        self.saved = saved
        self.frontier = Frontier()
        self.entries = 0
        self.heads: dict[int, str] = {}  # size of the log to the root that was signed for it
        self.head: Head | None = None
        self._bad_heads = 0

    def problems(self) -> Iterator[Problem]:
        """All that is wrong, as it is found."""
        yield from self._signatures()
        yield from self._at_heads()
        while chunk := self._chunk():
            events = Event.objects.in_bulk([entry.event_id for entry in chunk])
            for entry in chunk:
                yield from self._entry(entry, events.get(entry.event_id))
        yield from self._end()
        yield from self._unsealed()

    def _chunk(self) -> list[LogEntry]:
        entries = LogEntry.objects.order_by("position")
        return list(entries.filter(position__gte=self.entries)[:ROWS])

    def _entry(self, entry: LogEntry, event: Event | None) -> Iterator[Problem]:
        where = f"position {entry.position}, event {entry.event_id}"
        if entry.position != self.entries:
            gap = f"Entries {self.entries} to {entry.position - 1} are missing from the log."
            yield Problem("entry_missing", f"position {self.entries}", gap)
            self.entries = entry.position
        if event is None:
            yield Problem("event_missing", where, "The event of this entry has been deleted.")
        elif leaf_hash(event.leaf).hex() != entry.leaf:
            yield Problem("event_changed", where, "The event is not the one that was sealed.")
        self.entries += 1
        try:
            self.frontier.append(bytes.fromhex(entry.leaf))
        except ValueError:
            yield Problem("entry_changed", where, "The leaf hash of this entry is not a hash.")
        yield from self._at_heads()

    def _at_heads(self) -> Iterator[Problem]:
        """Where a head stands, the tree must have the root that was signed."""
        root = self.frontier.root().hex() if self._head_here() else ""
        if self.saved and self.saved["size"] == self.entries and self.saved["root"] != root:
            text = "The log is not a continuation of the saved head: its beginning was rewritten."
            yield Problem("not_consistent", f"saved head of {self.entries} entries", text)
        if self.heads.get(self.entries, root) != root:
            self._bad_heads += 1
            if self._bad_heads == 1:
                text = (
                    "The entries up to here are not those that were signed: changed or reordered."
                )
                yield Problem("root_differs", f"head of {self.entries} entries", text)

    def _head_here(self) -> bool:
        return self.entries in self.heads or bool(self.saved and self.saved["size"] == self.entries)

    def _signatures(self) -> Iterator[Problem]:
        for head in Head.objects.order_by("size").iterator(ROWS):
            self.head = head
            self.heads[head.size] = head.root
            if not signing.is_signed(head.as_json(), self.keys):
                text = f"No known key has signed this head (it names key {head.key_id[:16]}…)."
                yield Problem("bad_signature", f"head of {head.size} entries", text)
        if self.saved and not signing.is_signed(self.saved, self.keys):
            text = "No known key has signed the saved head."
            yield Problem("bad_signature", "saved head", text)

    def _end(self) -> Iterator[Problem]:
        """The log must reach as far as its heads, its state and the saved head say, no farther."""
        if self._bad_heads > 1:
            text = f"{self._bad_heads - 1} later heads differ as well."
            yield Problem("root_differs", "heads", text)
        newest = Head.objects.first()  # read after the entries: sealing may have gone on meanwhile
        signed = newest.size if newest else 0
        if self.entries > signed:
            text = f"Entries from {signed} on are covered by no signed head."
            yield Problem("not_signed", f"position {signed}", text)
        if self.head and self.entries < self.head.size:
            text = f"The log was cut: it has {self.entries} entries, {self.head.size} were signed."
            yield Problem("truncated", f"head of {self.head.size} entries", text)
        if self.saved and self.entries < self.saved["size"]:
            text = f"The log was cut: it has {self.entries} of {self.saved['size']} saved entries."
            yield Problem("truncated", f"saved head of {self.saved['size']} entries", text)
        yield from self._state()

    def _state(self) -> Iterator[Problem]:
        state = LogState.objects.filter(pk=1).first()
        if state is None:
            return  # sealing computes it again from the entries
        if state.size > self.entries:
            if not LogEntry.objects.filter(position=state.size - 1).exists():
                text = f"The log was cut: it has {self.entries} of {state.size} entries."
                yield Problem("truncated", "log state", text)
        elif state.size < self.entries or not self._is_ours(state):
            text = f"The log's state is of another tree than its {self.entries} entries."
            yield Problem("state_differs", "log state", text)

    def _is_ours(self, state: LogState) -> bool:
        try:
            return frontier_of(state).root() == self.frontier.root()
        except (ValueError, TypeError):
            return False

    def _unsealed(self) -> Iterator[Problem]:
        late = Event.objects.unsealed().filter(at__lt=now() - SEALED_WITHIN).order_by("pk")
        for pk, at in late.values_list("pk", "at").iterator(ROWS):
            text = f"Recorded at {at:%Y-%m-%d %H:%M:%S} UTC and still not in the log."
            yield Problem("unsealed", f"event {pk}", text)


def own_keys() -> dict[str, Ed25519PublicKey]:
    """The key of this installation, by its id. A verification makes no key."""
    if not Path(settings.LOG_SIGNING_KEY_FILE).exists():
        return {}
    key = signing.signing_key().public_key()
    return {signing.key_id(key): key}


def inspect(verifier: Verifier) -> Iterator[Problem]:
    """All that is wrong, as it is found; at the end it is written down for the console."""
    began, wrong = now(), Problems()
    for problem in verifier.problems():
        wrong.add(f"{problem.where}: {problem.text} [{problem.code}]")
        yield problem
    Inspection.objects.keep(
        Inspection.Kind.EVENTS, began=began, looked_at=verifier.entries, problems=wrong
    )
