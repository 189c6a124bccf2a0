"""What the pages about the checks of one revision share."""

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from checks.models import Run
from checks.models.ignore import MAY
from checks.models.scan import MAY as MAY_SCAN
from releases.models import Entry, Revision
from releases.phases import Phase, Verdict
from releases.views.common import ReleasePage, failed_jobs
from trusted_releases.lib.views import granted


class OneRevision(ReleasePage):
    """The revision that is voted on, or the newest; `?revision=N` for another."""

    @cached_property
    def revision(self) -> Revision | None:
        asked = self.request.GET.get("revision", "")
        if not asked:
            found = self.object.candidate or self.object.newest
        elif asked.isdecimal() and len(asked) < 9:
            found = self.object.revisions.filter(number=int(asked)).first()
        else:
            found = None
        if asked and found is None:
            raise Http404(f"{self.object} has no revision {asked[:20]}.")
        if found is not None:
            found.release = self.object
        return found

    @cached_property
    def run(self) -> Run | None:
        """The checks of that revision; None while no worker has seen it."""
        found = Run.objects.filter(revision=self.revision).first() if self.revision else None
        if found is not None and self.revision is not None:
            found.revision = self.revision
        return found

    @property
    def awaited(self) -> bool:
        """Whether the checks of this revision are still to come to an end."""
        if self.run is not None and self.run.state == Run.State.RUNNING:
            return True
        newest = self.revision is not None and self.revision.number == self.object.last_revision
        return newest and self.object.phase == Phase.COMPOSE and self.is_pending

    @property
    def is_pending(self) -> bool:
        return self.revision is not None and self.revision.verdict == Verdict.PENDING

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "revision": self.revision,
            "run": self.run,
            "awaited": self.awaited,
            "may_ignore": granted(self.request.user, MAY, self.object),
            "may_scan": granted(self.request.user, MAY_SCAN, self.object),
            "failed_jobs": failed_jobs(self.object),
        }


class OneFile(OneRevision):
    """A file of that revision, by its path in the address."""

    @cached_property
    def entry(self) -> Entry:
        path = self.kwargs["path"]
        found = self.revision.entries.filter(path=path).first() if self.revision else None
        if found is None:
            where = f"revision {self.revision.number}" if self.revision else "no revision"
            raise Http404(f"There is no file {path[:200]} in {where} of {self.object}.")
        return found
