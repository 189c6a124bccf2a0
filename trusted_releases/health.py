"""How everything goes: the readings of the console's index, each with the list that it counts.

None of them looks at more than a thousand rows: what would cost more is measured by a worker and
kept as an inspection.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.timezone import now

from keys.models import Certificate
from releases.models import Message, Publication, Vote
from trusted_releases.ledger.models import Inspection, Job, Pending, WorkerBeat
from trusted_releases.ledger.registry import QUEUES
from trusted_releases.templatetags.told import distance

COUNTED = 1000  # rows; beyond that the number says nothing more
WAITS_LONG = timedelta(minutes=5)
SEALED_WITHIN = timedelta(minutes=1)
MAIL_WITHIN = timedelta(minutes=10)
LITTLE_ROOM = 0.1  # of a disk
KEY_WARNING = timedelta(days=90)


@dataclass(frozen=True)
class Reading:
    """One line of the index. `wrong` is a word or two, only when somebody should look."""

    what: str
    now: str
    url: str = ""
    wrong: str = ""


Group = tuple[str, list[Reading]]


def amiss(groups: list[Group]) -> list[Reading]:
    """The lines that somebody should look at, out of all."""
    return [line for _, lines in groups for line in lines if line.wrong]


def readings(at: datetime | None = None) -> list[Group]:
    """All readings, under the headings of the index."""
    at = at or now()
    parts = {
        "Work": (_queues, _running, _failed, _workers, _mail),
        "Releases": (_votes, _publications, _certificates),
        "Storage": (_stored, _disks),
        "Integrity": (_seals, _inspections),
    }
    return [(title, [each for part in made for each in part(at)]) for title, made in parts.items()]


def counted(rows: QuerySet) -> tuple[int, str]:
    """How many rows, up to a thousand, and the number as people read it."""
    count = rows.order_by()[:COUNTED].count()
    return count, f"{count} or more" if count == COUNTED else str(count)


def _list(kind: str, **query: object) -> str:
    return f"{reverse(f'admin:{kind}_changelist')}?{urlencode(query)}"


def _queues(at: datetime) -> Iterator[Reading]:
    ready = Job.objects.ready(at)
    found = {
        row["queue"]: row
        for row in ready.order_by()
        .values("queue")
        .annotate(depth=Count("pk"), oldest=Min("due_at"))
    }
    served = {queue for beat in WorkerBeat.objects.alive(at) for queue in beat.queues}
    for queue in QUEUES:
        row = found.get(queue)
        text = f"{row['depth']}, the oldest due {distance(row['oldest'])}" if row else "0"
        wrong = ""
        if row and queue not in served:
            wrong = "No worker"
        elif row and row["oldest"] < at - WAITS_LONG:
            wrong = "Slow"
        url = _list("ledger_job", state__exact="queued", queue=queue)
        yield Reading(f"Waiting in {queue}", text, url, wrong)


def _running(at: datetime) -> Iterator[Reading]:
    _, text = counted(Job.objects.filter(state=Job.State.RUNNING))
    yield Reading("Running", text, _list("ledger_job", state__exact="running"))
    lost, text = counted(Job.objects.lost(at))
    url = _list("ledger_job", trouble="lost")
    yield Reading("Lost their worker", text, url, "Lost" if lost else "")


def _failed(at: datetime) -> Iterator[Reading]:
    failed = Job.objects.failed()
    today, text = counted(failed.filter(finished_at__gt=at - timedelta(days=1)))
    url = _list("ledger_job", trouble="failed_today")
    yield Reading("Failed within 24 hours", text, url, "Failed" if today else "")
    _, text = counted(failed)
    yield Reading("Failed in all", text, _list("ledger_job", state__exact="failed"))


def _workers(at: datetime) -> Iterator[Reading]:
    url = _list("ledger_workerbeat")
    alive = list(WorkerBeat.objects.alive(at)[:20])
    for beat in alive:
        text = f"{', '.join(beat.queues)}; heard of {distance(beat.at)}"
        yield Reading(f"Worker {beat}", text, url)
    if not alive:
        last = WorkerBeat.objects.order_by("-at").first()
        heard = f"; the last was heard of {distance(last.at)}" if last else ""
        yield Reading("Workers", f"0{heard}. Start one: manage.py worker", url, "None alive")


def _votes(at: datetime) -> Iterator[Reading]:
    _, text = counted(Vote.objects.ending_today(at))
    yield Reading("Votes that end today", text, _list("releases_vote", ends="today"))
    over, text = counted(Vote.objects.over(at))
    url = _list("releases_vote", ends="overdue")
    yield Reading("Votes that are over, and not resolved", text, url, "Waiting" if over else "")


def _publications(at: datetime) -> Iterator[Reading]:
    states = Publication.State
    _, text = counted(Publication.objects.filter(state=states.RUNNING))
    url = _list("releases_publication", state__exact=states.RUNNING.value)
    yield Reading("Publications under way", text, url)
    failed, text = counted(Publication.objects.filter(state=states.FAILED))
    url = _list("releases_publication", state__exact=states.FAILED.value)
    yield Reading("Publications that failed", text, url, "Failed" if failed else "")


def _certificates(at: datetime) -> Iterator[Reading]:
    soon, text = counted(Certificate.objects.expiring(KEY_WARNING, at).of_busy_committees(at))
    url = _list("keys_certificate", expires="soon")
    what = "Keys of committees that release, which expire within 90 days"
    yield Reading(what, text, url, "Expiring" if soon else "")


def _mail(at: datetime) -> Iterator[Reading]:
    unsent = Message.objects.filter(sent_at__isnull=True)
    _, text = counted(unsent)
    oldest = unsent.order_by("created_at").values_list("created_at", flat=True).first()
    late = oldest is not None and oldest < at - MAIL_WITHIN
    text += f", the oldest made {distance(oldest)}" if oldest else ""
    yield Reading("Mails not sent yet", text, _list("releases_message", sent="no"), "Late" * late)


def _stored(at: datetime) -> Iterator[Reading]:
    kept: Inspection | None = Inspection.objects.latest_of(Inspection.Kind.STORAGE)
    if kept is None:
        yield Reading("Stored files", "not measured yet: a worker does it within the hour")
        return
    url = _list("releases_blob")
    since = f"as of {distance(kept.finished_at)}"
    yield Reading("Stored files", f"{kept.looked_at:,}, {_size(kept.size)}, {since}", url)
    figures = kept.figures
    text = f"{figures['published']:,} releases, {_size(figures['published_bytes'])}, {since}"
    url = _list("releases_publication", state__exact=Publication.State.DONE.value)
    yield Reading("Download area", text, url)


def _disks(at: datetime) -> Iterator[Reading]:
    places = {
        "data": Path(settings.DATA_DIR),
        "downloads": Path(settings.STORAGES["downloads"]["OPTIONS"]["location"]),
    }
    if settings.BLOB_STORE == "files":
        places["stored files"] = Path(settings.STORAGES["blobs"]["OPTIONS"]["location"])
    disks: dict[int, tuple[list[str], Path]] = {}
    for name, place in places.items():
        if place.is_dir():
            disks.setdefault(place.stat().st_dev, ([], place))[0].append(name)
    for names, place in disks.values():
        disk = shutil.disk_usage(place)
        text = f"{_size(disk.free)} of {_size(disk.total)}"
        low = disk.free < disk.total * LITTLE_ROOM
        yield Reading(f"Free on the disk of {', '.join(names)}", text, "", "Low" if low else "")


def _seals(at: datetime) -> Iterator[Reading]:
    _, text = counted(Pending.objects.all())
    oldest = Pending.objects.order_by("pk").values_list("event__at", flat=True).first()
    late = oldest is not None and oldest < at - SEALED_WITHIN
    text += f", the oldest made {distance(oldest)}" if oldest else ""
    what = "Events that wait for their place in the log"
    yield Reading(what, text, _list("ledger_pending"), "Late" if late else "")


def _inspections(at: datetime) -> Iterator[Reading]:
    for kind in (Inspection.Kind.EVENTS, Inspection.Kind.BLOBS, Inspection.Kind.PUBLISHED):
        last: Inspection | None = Inspection.objects.latest_of(kind)
        url = _list("ledger_inspection", kind__exact=kind.value)
        if last is None:
            yield Reading(str(kind.label), "not looked through yet", url)
            continue
        text = f"{last.problems} problems among {last.looked_at:,}, {distance(last.finished_at)}"
        wrong = "Damaged" if last.problems else "Overdue" if last.is_late(at) else ""
        yield Reading(str(kind.label), text, url, wrong)


def _size(count: int) -> str:
    return filesizeformat(count).replace("\xa0", " ")
