"""The job that compares archives. It may run twice, and then does nothing more."""

import time
from typing import Any

from checks import inside
from checks.models import Comparison
from trusted_releases.ledger.jobs import RunningJob, job
from trusted_releases.ledger.models import Event

TICK = 0.5  # seconds between two writes of how far it is


@job("checks.compare_archives", queue="heavy")
def compare_archives(running: RunningJob, event: int) -> dict[str, Any]:
    """Compare the two archives that this event asks about."""
    wanted = Comparison.objects.select_related("old", "new")
    row = wanted.filter(pk=Event.objects.get(pk=event).key).first()
    if row is None:
        return {"gone": "The archives were deleted meanwhile."}
    if row.state != Comparison.State.WAITING:
        return {"settled": True}
    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TICK:
            told = time.monotonic()
            row.record_progress(done, total)

    try:
        lines, outcome = inside.compare(row, progress)
    except inside.Problem as error:
        with running.holding():
            row.record_failed(str(error))
        return {"problem": str(error)}
    with running.holding():
        kept = row.record_done(lines, outcome)
    return {"counts": outcome.counts, "kept": kept}
