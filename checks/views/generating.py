"""Having a bill of materials generated: asked for, watched, and what came of it, on one page."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property

from checks.forms import GenerateSbom as GenerateForm
from checks.rules.sbom import sbom_of
from releases.models import Entry, Generated
from releases.models.generated import SBOM
from releases.views.common import ReleaseVerb

UNREAD_SHOWN = 50  # manifests that could not be read


class GenerateSbom(ReleaseVerb):
    """Have an archive of the draft described, and see how that goes."""

    policy = "releases.change_files"
    form_class: type[Any] = GenerateForm
    template_name = "checks/generate_sbom.html"
    tab = "findings"

    @cached_property
    def entry(self) -> Entry:
        """The archive as it is in the draft now."""
        current = self.object.entries.at(self.object.last_revision).with_blobs()
        found = current.filter(path=self.kwargs["path"]).first()
        if found is None:
            raise Http404(f"There is no file {self.kwargs['path'][:200]} in {self.object}.")
        return found

    def run(self, seen: int) -> None:
        self.object.generate_sbom(self.kwargs["path"], by=self.request.user, seen=seen)

    def get_success_url(self) -> str:
        return reverse("checks:generate-sbom", args=[*self.object.url_args, self.kwargs["path"]])

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.object.last_revision}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release, path = self.object, self.entry.path
        rows = Generated.objects.filter(release=release, path=path).newest_first()
        row = rows.select_related("input").first()
        current = set(release.entries.at(release.last_revision).values_list("path", flat=True))
        return super().get_context_data(**kwargs) | {
            "entry": self.entry,
            "row": row,
            "in_hand": row is not None and row.is_in_hand,
            "target": path + SBOM,
            "sbom": sbom_of(path, current),
            "obstacles": list(release.sbom_obstacles(path)),
            "unread": (row.told.get("unread") or [])[:UNREAD_SHOWN] if row else [],
            "back": release.get_absolute_url(),
            "happens": [
                f"A worker reads {path} once, without unpacking it, and lists the packages that "
                "are named by the manifests and lock files in it.",
                f"The list becomes the file {path}{SBOM}, in a revision of its own. Nothing that "
                "anybody has uploaded is changed.",
                "It is not signed. If your project signs its bills of materials, download it, sign "
                "it, and upload the signature beside it.",
            ],
            "undo": f"delete {path}{SBOM}, as any other file of the draft.",
        }
