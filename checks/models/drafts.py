"""The drafts of a project, and what the checks of each came to."""

from django.db.models import F, QuerySet

from checks.models.runs import Run
from projects.models import Project
from releases.models import Release
from releases.phases import Phase


def drafts_of(project: Project) -> QuerySet[Release]:
    """In an order in which they are held by everybody."""
    found = Release.objects.in_phase(Phase.COMPOSE).filter(project=project, last_revision__gt=0)
    return found.select_related("project__committee").order_by("pk")


def newest_run(release: Release) -> Run | None:
    """The checks of what is to be voted on next."""
    of_newest = Run.objects.filter(
        revision__release=release, revision__number=F("revision__release__last_revision")
    )
    run = of_newest.select_related("revision").first()
    if run is not None:
        run.revision.release = release
    return run


def results_of(release: Release) -> QuerySet:
    """The results that any revision of a release has come to."""
    runs = Run.results.through._default_manager.filter(run__revision__release=release)
    return runs.values("result")
