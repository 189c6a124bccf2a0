"""What happened (Event), what must follow (Job), and the sealed log that proves the first."""

from trusted_releases.ledger.models.beat import WorkerBeat
from trusted_releases.ledger.models.event import AppendOnly, Event, Pending
from trusted_releases.ledger.models.inspection import Inspection
from trusted_releases.ledger.models.job import Job
from trusted_releases.ledger.models.log import Head, LogEntry, LogState
from trusted_releases.ledger.models.spending import Spending

__all__ = [
    "AppendOnly",
    "Event",
    "Head",
    "Inspection",
    "Job",
    "LogEntry",
    "LogState",
    "Pending",
    "Spending",
    "WorkerBeat",
]
