"""The job that puts uploads in parts together. It may run twice, and then does nothing more."""

import time
from typing import Any

from django.core.exceptions import PermissionDenied

from releases import assembling
from releases.models import OpenUpload, Revision
from trusted_releases.ledger.jobs import RunningJob, job
from trusted_releases.lib.errors import Refused

TICK = 0.5  # seconds between two writes of how far it is


@job("releases.assemble", limit=2 * 3600)
def assemble(running: RunningJob, upload: int) -> dict[str, Any]:
    """Put an upload together, and make it part of the release in the name of who has ended it."""
    wanted = OpenUpload.objects.select_related(
        "release__project__committee__parent", "begun_by", "acted_by", "revision", "arrival"
    )
    row = wanted.filter(pk=upload).first()
    if row is None:
        return {"gone": "The upload was cancelled meanwhile."}
    if row.ended_at is not None or row.asked_at is None:
        return {"settled": True}
    person, last = row.begun_by, 0.0
    person.acted_by = row.acted_by

    def told(size: int) -> None:
        nonlocal last
        if time.monotonic() - last >= TICK:
            last = time.monotonic()
            row.record_progress(size)

    try:
        made = assembling.end(row, by=person, told=told, holding=running.holding)
    except (Refused, PermissionDenied) as error:
        with running.holding():
            row.record_refused(error)
        return {"problem": str(error)}
    return {"revision" if isinstance(made, Revision) else "arrival": made.pk}
