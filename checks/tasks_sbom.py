"""Jobs about bills of materials. Each may run twice, and then does nothing more."""

import time
from collections.abc import Callable
from typing import Any

from checks import generating, scanning
from checks.models import Scan
from releases.models import Generated
from trusted_releases.ledger.jobs import RunningJob, job
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import Stale

TICK = 0.5  # seconds between two writes of how far it is


@job("checks.generate_sbom", queue="heavy")
def generate_sbom(running: RunningJob, event: int) -> dict[str, Any]:
    """Make the bill of materials that this event asks for, and put it into the draft."""
    row = _row(Event.objects.get(pk=event).key)
    if row is None:
        return {"gone": "The release was deleted meanwhile."}
    if not row.is_waiting:
        return {"settled": True}
    try:
        output, outcome = generating.generate(row, _now_and_then(row.record_progress))
    except generating.Problem as error:
        with running.holding():
            row.record_failed(str(error))
        return {"problem": str(error)}
    told = outcome.as_json()
    try:
        with running.holding():
            made = row.release.record_generated(row, output, told)
    except Stale as error:
        return {"gone": str(error)}
    unread = told.pop("unread")
    return {**told, "made": made, "unread": len(unread), "first_unread": unread[:20]}


@job("checks.scan_sbom", queue="source")
def scan_sbom(running: RunningJob, event: int) -> dict[str, Any]:
    """Ask the service that is set about the packages of a bill of materials."""
    wanted = Scan.objects.select_related("release__project__committee", "blob")
    row = wanted.filter(pk=Event.objects.get(pk=event).key).first()
    if row is None:
        return {"gone": "The release was deleted meanwhile."}
    if not row.is_waiting:
        return {"settled": True}
    try:
        questions, found = scanning.scan(row, _now_and_then(row.record_progress))
    except scanning.Problem as error:
        with running.holding():
            row.record_failed(str(error))
        return {"problem": str(error)}
    with running.holding():
        row.record_done(
            found,
            service=scanning.service_name(),
            components=len(questions.asked),
            ignored=list(questions.ignored),
            ignored_count=questions.ignored_count,
        )
    return {"components": len(questions.asked), "found": len(found.vulnerabilities)}


def _row(key: str) -> Generated | None:
    wanted = Generated.objects.select_related("release__project__committee", "input", "asked_by")
    return wanted.filter(pk=key).first()


def _now_and_then(tell: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """The same function, called only as often as people can see."""
    last = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > TICK:
            last = time.monotonic()
            tell(done, total)

    return progress
