"""Having files fetched from elsewhere, and how that goes."""

from typing import Any

from django.conf import settings

from releases.forms_importing import ImportFiles as ImportForm
from releases.models import Import, Release, Revision
from releases.views.common import ReleaseVerb

KEPT = ("kind", "url", "at", "folder", "commit", "source_tag")


class ImportFiles(ReleaseVerb):
    """Ask for an import. `?again=` fills the form with what was asked for before."""

    policy = "releases.change_files"
    action = "release.import"
    form_class = ImportForm
    template_name = "releases/import.html"
    done = "The files are being fetched. This page says how far it is."

    def run(self, seen: int, **asked: str) -> None:
        self.object.import_files(by=self.request.user, seen=seen, **asked)

    def get_initial(self) -> dict[str, Any]:
        known = {"seen": self.object.last_revision}
        again = self.request.GET.get("again", "")
        if again.isdecimal() and len(again) < 12:
            row = self.object.imports.filter(pk=int(again)).first()
            known |= {name: getattr(row, name) for name in KEPT} if row else {}
        return known

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "obstacles": list(self.object.import_obstacles()),
            "hosts": settings.IMPORT_HOSTS,
            "most": min(settings.IMPORT_BYTES, settings.MAX_REVISION_SIZE),
        }


def newest_import(release: Release, revision: Revision | None) -> dict[str, Any] | None:
    """The import that a draft's page tells of: the newest, while it is under way, or when nothing
    came of it and nothing was changed since."""
    row = release.imports.select_related("asked_by").order_by("-pk").first()
    if row is None or row.state == Import.State.DONE:
        return None
    row.release = release
    overtaken = revision is not None and row.settled_at and revision.made_at > row.settled_at
    if row.is_failed and overtaken:
        return None
    return {"row": row, "in_hand": row.is_in_hand}
