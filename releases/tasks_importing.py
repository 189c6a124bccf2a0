"""The job that imports files. It may run twice, and then does nothing more."""

import time
from typing import Any

from releases.importing import run
from releases.models import Import
from trusted_releases.ledger.jobs import RunningJob, job
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import Stale

TICK = 0.5  # seconds between two writes of how far it is
ATTEMPTS = 3


@job("releases.import_files", queue="source", max_attempts=ATTEMPTS, limit=6 * 3600)
def import_files(running: RunningJob, event: int) -> dict[str, Any]:
    """Fetch the files that this event asks for, and give them to the release."""
    wanted = Import.objects.select_related("release__project__committee", "asked_by")
    row = wanted.filter(pk=Event.objects.get(pk=event).key).first()
    if row is None:
        return {"gone": "The release was deleted meanwhile."}
    if not row.is_waiting:
        return {"settled": True}
    last = 0.0

    def told(*counts: int) -> None:
        nonlocal last
        if time.monotonic() - last >= TICK:
            last = time.monotonic()
            row.record_progress(*counts)

    try:
        fetched = run.fetch(row, told)
    except run.Problem as error:
        if error.again and running.attempt < ATTEMPTS:
            raise
        with running.holding():
            row.record_failed(str(error))
        return {"problem": str(error)}
    try:
        with running.holding():
            row.record_fetched(fetched.blobs, found=fetched.found, left_out=fetched.left_out)
    except Stale as error:
        return {"gone": str(error)}
    return {"state": str(row.state), "found": row.found, "files": len(fetched.blobs)}
