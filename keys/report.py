"""What became of a KEYS document, block by block."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from keys.openpgp_judge import Remark


class Outcome(StrEnum):
    """What an import did with one certificate of the document."""

    STORED = "stored"  # new to the platform, and linked
    LINKED = "linked"  # known to the platform, now linked to this committee too
    UPDATED = "updated"  # linked before; it brought something new
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: the line of the block (0 in a binary keyring), what, and why.

    `text` is about the block, such as why it was refused; `notes` are what a person should know of
    the key that was taken from it.
    """

    line: int
    outcome: Outcome
    fingerprint: str = ""
    user_id: str = ""
    text: str = ""
    notes: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    rows: tuple[Row, ...]

    def of(self, *outcomes: Outcome) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.outcome in outcomes)

    def fingerprints(self, *outcomes: Outcome) -> list[str]:
        """Each key with one of these outcomes, once, in the order of the document."""
        return list(dict.fromkeys(row.fingerprint for row in self.of(*outcomes)))

    @property
    def changed(self) -> bool:
        return bool(self.of(Outcome.STORED, Outcome.LINKED, Outcome.UPDATED))

    @property
    def summary(self) -> str:
        """The report in one line: `2 stored, 1 refused`."""
        counts = Counter(row.outcome for row in self.rows)
        return told((outcome, counts[outcome]) for outcome in Outcome)


def told(counts: Iterable[tuple[Outcome, int]]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in counts if count)
