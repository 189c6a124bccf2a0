"""How much is left to be done for a revision, for those who wait for it."""

from django.db.models import Q

from checks.models.runs import Run
from releases.models import Revision
from trusted_releases.ledger.models import Job

ABOUT_RELEASE = (
    *("checks.run_newest", "checks.fetch_source", "checks.fetch_source_anew"),
    *("checks.admit", "checks.admit_large"),  # archives that were sent, and become a revision
)


def unsettled(revision: Revision) -> int:
    """How many checks of this revision are still to come to an end.

    Counted from jobs, which are there from the very transaction that made the revision: never 0
    before they exist. While one runs it counts the files that are left. What is waited for of the
    release as a whole, such as its source or an archive that was sent, is a part of its newest
    revision.
    """
    ours = Q(about_kind=Revision._meta.label_lower, about_key=str(revision.pk))
    if revision.number == revision.release.last_revision:
        ours |= Q(name__in=ABOUT_RELEASE)
    jobs = Job.objects.of_release(revision.release_id).unsettled()
    left = jobs.filter(ours, name__startswith="checks.").count()
    if not left:
        return 0
    run = Run.objects.filter(revision=revision, state=Run.State.RUNNING).first()
    return max(left, run.units_total - run.units_done) if run else left
