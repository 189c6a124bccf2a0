"""Bills of materials between the row that asks for one and the engine that makes it."""

import os
from datetime import UTC

from django.conf import settings

from checks.engine.child import ChildLimits
from checks.examine import policy_of
from checks.sbom.generate.about import About, Outcome, Problem
from checks.sbom.generate.child import Progress, generate_in_child
from releases.models import Blob, Generated
from releases.models.blob import scratch
from trusted_releases.lib.digests import digest_of

__all__ = ["Problem", "about_of", "generate"]


def about_of(row: Generated) -> About:
    """What the platform knows of the archive. Its time is that of the revision that brought it, so
    that asking twice gives the same document."""
    release, project = row.release, row.release.project
    entries = release.entries.filter(path=row.path, blob=row.input).order_by("-since")
    since = entries.values_list("since", flat=True).first() or 0
    made = release.revisions.filter(number=since).values_list("made_at", flat=True).first()
    at = (made or row.asked_at).astimezone(UTC).replace(microsecond=0)
    return About(
        path=row.path,
        sha256=row.input.sha256,
        sha512=row.input.sha512,
        project=project.slug,
        title=project.name,
        version=release.version,
        supplier=settings.FOUNDATION,
        publisher=project.committee.name,
        made_at=at.isoformat(),
        tool=settings.SITE_NAME,
        tool_version=settings.VERSION,
        homepage=project.homepage,
        repository=project.repository,
    )


def generate(row: Generated, on_progress: Progress | None = None) -> tuple[Blob, Outcome]:
    """Make it, in a process with limits, and keep it; what is in it. Raises Problem.

    Call it outside transactions: it takes as long as reading the archive.
    """
    target = scratch() / f"sbom-{row.pk}-{os.urandom(8).hex()}"
    policy = policy_of(row.release.project, row.release.version)
    try:
        with row.input.local_file() as location:
            outcome = generate_in_child(
                location,
                about_of(row),
                target,
                limits=ChildLimits(settings.CHECK_MEMORY, settings.CHECK_SECONDS),
                archive_limits=policy.limits,
                on_progress=on_progress,
            )
        with target.open("rb") as stream:
            digest = digest_of(stream)
        return Blob.objects.keep(target, digest), outcome
    finally:
        target.unlink(missing_ok=True)
