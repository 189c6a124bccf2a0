"""What the pages of one release share: finding it, and saying who may do what."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView

from releases.models import Release
from releases.phases import Phase
from releases.querysets import ReleaseQuerySet
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.views import VerbView, rights

RIGHTS = (
    "releases.change_files",
    "releases.start_vote",
    "releases.cast_vote",
    "releases.resolve_vote",
    "releases.publish",
    "releases.announce",
    "releases.delete_draft",
    "releases.lift_embargo",
    "ledger.retry_job",
)
SOURCE = "recorded_source__inventory"  # what obstacles and pages ask of every release
NEWEST_EVENTS = 8
STEPS = (Phase.COMPOSE, Phase.VOTE, Phase.FINISH, Phase.RELEASED)


class OneRelease:
    """Finds the release of the address among those the person may see: 404 for the rest."""

    request: Any
    kwargs: dict[str, Any]
    object: Release
    tab: ClassVar[str] = ""

    def seen(self) -> ReleaseQuerySet:
        """The releases among which it is looked for."""
        rows: ReleaseQuerySet = Release.objects.visible_to(self.request.user)
        return rows

    def get_queryset(self) -> ReleaseQuerySet:
        return self.seen().select_related("project__committee__parent", "candidate", SOURCE)

    def get_object(self, queryset: Any = None) -> Release:
        wanted = self.get_queryset().of_key(self.kwargs["project"], self.kwargs["version"])
        return get_object_or_404(wanted)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        frame = {
            "release": release,
            "project": release.project,
            "steps": steps_of(release),
            "tab": self.tab,
            "may": rights(self.request.user, release, *RIGHTS),
        }
        return frame | super().get_context_data(**kwargs)  # type: ignore[misc]


class ReleasePage(OneRelease, DetailView):
    policy: ClassVar[str] = "public"
    context_object_name = "release"


class ReleaseVerb(OneRelease, VerbView):
    """A verb on one release; afterwards one is on the release's page."""


def steps_of(release: Release) -> list[dict[str, Any]]:
    """The four steps of a release's life, for the line on top of each of its pages."""
    here = STEPS.index(Phase(release.phase))
    ends = ["", _of(release, "vote"), "", _of(release, "download")]
    return [
        {
            "label": step.label,
            "state": "done" if place < here else "now" if place == here else "later",
            "url": url if place <= here else "",
        }
        for place, (step, url) in enumerate(zip(STEPS, ends, strict=True))
    ]


def newest_events(release: Release) -> QuerySet[Event]:
    events = Event.objects.of_release(release.pk).accepted()
    return events.exclude(tag=Tag.MAIL_SENT)[:NEWEST_EVENTS]  # a mail follows from another event


def failed_jobs(release: Release) -> QuerySet[Job]:
    return Job.objects.of_release(release.pk).failed()


def _of(release: Release, name: str) -> str:
    return reverse(f"releases:{name}", args=release.url_args)
