"""Does the store hold what the database says? Read back in portions, and written down."""

from collections.abc import Callable, Iterator

from django.db.models import Count, Sum
from django.utils.timezone import now

from releases.models import Blob, Corrupt, Publication, Revision
from releases.publishing import Area, Impossible, verify, voted_lines
from trusted_releases.ledger.models import Inspection
from trusted_releases.ledger.models.inspection import Problems

ROWS = 500  # rows held in memory at a time
MOST = 20_000  # files of one portion, however small they are
KIND = Inspection.Kind


def wrong_with(blob: Blob) -> str:
    """What is wrong with a stored file: `missing`, `damaged`, or nothing. A right one is marked."""
    try:
        blob.verify()
    except FileNotFoundError:
        return "missing"
    except Corrupt:
        return "damaged"
    Blob.objects.filter(pk=blob.pk).update(verified_at=now())
    return ""


def verify_blobs(
    told: Callable[[str], None],
    *,
    budget: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> Inspection:
    """Read stored files back, those of longest ago first, until `budget` bytes have been read.

    Without a budget all of them. `told` gets a line for each that is wrong, as it is found;
    `go_on` is asked before each file when there is a budget.
    """
    began, problems, count, size = now(), Problems(), 0, 0
    for blob in _oldest_first(None if budget is None else MOST):
        if budget is not None and (size >= budget or not go_on()):
            break
        count, size = count + 1, size + blob.size
        if word := wrong_with(blob):
            line = f"{word:<8} {blob.sha256}  {blob.size} bytes  {uses(blob)}"
            problems.add(line)
            told(line)
    kept: Inspection = Inspection.objects.keep(
        KIND.BLOBS, began=began, looked_at=count, size=size, problems=problems
    )
    return kept


def verify_published(told: Callable[[str], None]) -> Inspection:
    """Hold every published release against the manifest that was voted on."""
    began, problems, count = now(), Problems(), 0
    done = Publication.objects.filter(state=Publication.State.DONE).order_by("pk")
    rows = done.select_related("release__project__committee", "release__candidate")
    for publication in rows.iterator(ROWS):
        count += 1
        try:
            verify(Area.configured().home_of(publication.release), voted_lines(publication))
        except (Impossible, OSError) as error:
            line = f"{publication.release}: {error}"
            problems.add(line)
            told(line)
    kept: Inspection = Inspection.objects.keep(
        KIND.PUBLISHED, began=began, looked_at=count, problems=problems
    )
    return kept


def measure() -> Inspection:
    """How much is stored and published: counted here, by a worker, so that no page has to."""
    began = now()
    blobs = Blob.objects.aggregate(count=Count("pk"), size=Sum("size"))
    published = Revision.objects.filter(
        pk__in=Publication.objects.filter(state=Publication.State.DONE).values("release__candidate")
    ).aggregate(count=Count("pk"), size=Sum("total_size"), files=Sum("file_count"))
    kept: Inspection = Inspection.objects.keep(
        KIND.STORAGE,
        began=began,
        looked_at=blobs["count"],
        size=blobs["size"] or 0,
        published=published["count"],
        published_files=published["files"] or 0,
        published_bytes=published["size"] or 0,
    )
    Inspection.objects.filter(kind=KIND.STORAGE).exclude(pk=kept.pk).delete()
    return kept


def uses(blob: Blob) -> str:
    """Where a blob is used, for the person who has to find it again."""
    places = blob.entries.select_related("release__project")[:3]
    return ", ".join(f"{each.release}: {each.path}" for each in places) or "not used"


def _oldest_first(limit: int | None) -> Iterator[Blob]:
    """Those that were read longest ago. Which ones is settled at the beginning:
    a file that is right moves to the end, and must not be met again there."""
    keys = list(Blob.objects.order_by("verified_at", "pk").values_list("pk", flat=True)[:limit])
    for at in range(0, len(keys), ROWS):
        chunk = Blob.objects.in_bulk(keys[at : at + ROWS])
        yield from (chunk[key] for key in keys[at : at + ROWS] if key in chunk)
