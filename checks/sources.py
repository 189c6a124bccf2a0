"""The source of a release, between the row that records it and the engine that compares."""

import hashlib
import os
from pathlib import Path

from django.conf import settings

from checks.engine.model import Source, UnitResult
from checks.engine.source.child import FetchLimits, fetch_in_child
from checks.engine.source.fetch import Wanted
from checks.engine.source.git import Problem
from checks.rules.source import SourceTree
from releases.models import Blob, Release
from releases.models import Source as Recorded
from releases.models.blob import scratch
from releases.models.source import hosts_of
from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.digests import digest_of

NOWHERE = Path("/nonexistent")  # until the inventory's bytes are put in place
RULES = (SourceTree.slug,)


def source_of(release: Release) -> Source | None:
    """The source as the engine takes it; None where there is none, or none yet."""
    recorded = _recorded(release)
    if recorded is None or recorded.inventory is None:
        return None
    return Source(recorded.inventory.sha256, NOWHERE)


def inventory_of(source: Source) -> Blob:
    """The blob that holds it."""
    return Blob.objects.get(sha256=source.sha256)


def fault_of(release: Release) -> UnitResult | None:
    """What stands in place of a comparison when the commit could not be fetched: a check that
    failed, and what to do about it."""
    recorded = _recorded(release)
    if recorded is None or not recorded.is_failed:
        return None
    told = (
        f"The source, {recorded.what} of {recorded.repository}, could not be fetched, so nothing "
        f"was compared with it. {recorded.problem}"
    )
    key = hashlib.sha256(canonical([*RULES, recorded.pk, recorded.asked])).hexdigest()
    return UnitResult(key, "", RULES, error=told)


def fetch(recorded: Recorded) -> tuple[str, Blob]:
    """Fetch the commit and keep its inventory; the full id of the commit, and what was kept.

    Raises Problem. Call it outside transactions: it takes as long as others' servers take.
    """
    wanted = Wanted(
        repository=recorded.repository,
        commit=recorded.commit,
        tag=recorded.tag,
        hosts=hosts_of(recorded.project),
        schemes=tuple(settings.SOURCE_SCHEMES),
        private=settings.SOURCE_PRIVATE,
        max_bytes=settings.SOURCE_BYTES,
    )
    limits = FetchLimits(seconds=settings.SOURCE_SECONDS)
    target = scratch() / f"source-{recorded.pk}-{os.urandom(8).hex()}"
    try:
        commit = fetch_in_child(wanted, target, limits)
        with target.open("rb") as stream:
            digest = digest_of(stream)
        return commit, Blob.objects.keep(target, digest)
    finally:
        target.unlink(missing_ok=True)


def _recorded(release: Release) -> Recorded | None:
    """As it is now: a worker holds on to a release for as long as its checks take."""
    return Recorded.objects.select_related("inventory").filter(release=release).first()


__all__ = ["Problem", "fault_of", "fetch", "inventory_of", "source_of"]
