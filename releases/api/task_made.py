"""What comes of jobs that put files into a draft, as clients are told of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from releases.api.items import number_of
from releases.models import Generated, Import
from releases.models.awaited import LOST
from trusted_releases.ledger.models import Event, Job

ACTIVE, FAILED, COMPLETED = "active", "failed", "completed"


@dataclass(frozen=True)
class Made:
    """What a job was asked for, and what came of it; empty where its own state says enough."""

    args: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None
    status: str = ""
    problem: str = ""
    result: Mapping[str, Any] | None = None
    revision: str | None = None


def made_by(job: Job, event: Event | None) -> Made:
    """What this job makes, if it is one of those that make something."""
    told = KINDS.get(job.name)
    return told(job, event) if told and event else Made()


def _of_generated(job: Job, event: Event) -> Made:
    """A bill of materials: one that could not be made is failed, though its worker did its job."""
    row = Generated.objects.filter(pk=event.key).first()
    if row is None:
        return Made()
    result = None
    if row.revision:
        number = number_of(row.revision)
        result = {"kind": "sbom_generate", "path": row.target, "bom_version": None}
        result |= {"revision_number": number}
    return Made(
        args={"relpath": row.path},
        path=row.path,
        status=FAILED if row.is_failed else "",
        problem=row.problem,
        result=result,
    )


def _of_import(job: Job, event: Event) -> Made:
    """Files from elsewhere: where archives came it goes on until they were looked into."""
    row = Import.objects.select_related("arrival").filter(pk=event.key).first()
    if row is None:
        return Made()
    args = {name: getattr(row, name) or None for name in ("kind", "url", "at", "folder")}
    args |= {"commit": row.commit or None, "source_tag": row.source_tag or None}
    status, problem = STATUS[row.stage], row.why
    came = row.arrival
    lost = not row.is_in_hand if row.is_waiting else False
    if lost or (came is not None and came.is_waiting and not came.is_in_hand):
        status, problem = FAILED, LOST
    number = number_of(row.number) if row.number else None
    result = {"kind": "svn_import", "msg": f"{row.what} is revision {number}."} if number else None
    return Made(args, None, status, problem, result, number)


STATUS = {
    Import.Stage.FETCHING: "",
    Import.Stage.LOOKING: ACTIVE,
    Import.Stage.DONE: COMPLETED,
    Import.Stage.FAILED: FAILED,
}
KINDS: dict[str, Callable[[Job, Event], Made]] = {
    "checks.generate_sbom": _of_generated,
    "releases.import_files": _of_import,
}
