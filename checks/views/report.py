"""All about one file of a revision: facts, signature, findings by member, history."""

from dataclasses import replace
from typing import Any

from checks import report
from checks.asking import Asked
from checks.engine.classify import class_of_name
from checks.examine import policy_of
from checks.listing import Listing, blocks_of
from checks.views.common import OneFile

SIDES = (".asc", ".sha512", ".sha256")


class FileReport(OneFile):
    tab = "findings"
    template_name = "checks/report.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        path, release = self.entry.path, self.object
        sides = [path + end for end in SIDES] if not path.endswith(SIDES) else []
        return (
            super().get_context_data(**kwargs)
            | self._found()
            | {
                "entry": self.entry,
                "beside": self.revision.entries.filter(path__in=sides)
                if sides and self.revision
                else (),
                "about": _about(path),
                "history": report.history_of(release, path),
            }
        )

    def _found(self) -> dict[str, Any]:
        """What the checks say of it; nothing before they have said something."""
        asked = replace(Asked.of(self.request.GET), new="", since="")
        policy = policy_of(self.object.project, self.object.version)
        named = str(class_of_name(self.entry.path, policy))
        if self.run is None:
            return {"kind": named, "asked": asked}
        listing = Listing(self.run, asked, path=self.entry.path)
        page = listing.page(self.request.GET.get("page"))
        by_paths = self.run.about(self.entry.path).filter(rule="paths")
        return {
            "asked": asked,
            "everything": asked.wider(),
            "gathered": asked.but(every=""),
            "top": asked.but(under=""),
            "all": listing.number,
            "listing": listing,
            "blocks": blocks_of(list(page.object_list), listing),
            "page_obj": page,
            "kept": asked.but()[1:],
            "kind": report.kind_of(by_paths) or named,
            "signers": report.signers_of(self.run, self.entry.path),
            "places": report.places_of(listing.findings("under"), asked),
        }


def _about(path: str) -> str:
    """The file that this one is a signature or checksum of, "" for others."""
    return next((path.removesuffix(end) for end in SIDES if path.endswith(end)), "")
