"""Asking a service which vulnerabilities are known of what a bill of materials lists."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property

from checks.models import Scan
from checks.models.scan import MAY
from checks.scanning import service_name
from releases.models import Entry
from releases.views.common import ReleaseVerb
from trusted_releases.lib.paging import CappedPaginator
from trusted_releases.lib.views import PER_PAGE


class ScanSbom(ReleaseVerb):
    """Have a bill of materials scanned, see how that goes, and all that the last scan found.

    It is the one of the voted revision, or of the newest.
    """

    policy = MAY
    template_name = "checks/scan_sbom.html"
    tab = "findings"

    @cached_property
    def entry(self) -> Entry:
        release = self.object
        number = release.candidate.number if release.candidate else release.last_revision
        current = release.entries.at(number).with_blobs()
        found = current.filter(path=self.kwargs["path"]).first()
        if found is None:
            raise Http404(f"There is no file {self.kwargs['path'][:200]} in {release}.")
        return found

    def _scan(self) -> Scan:
        return Scan(release=self.object, path=self.entry.path, blob=self.entry.blob)

    def run(self) -> None:
        self._scan().ask(by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("checks:scan-sbom", args=[*self.object.url_args, self.kwargs["path"]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        blob = self.entry.blob
        newest, done = Scan.objects.newest_of(blob), Scan.objects.last_done(blob)
        page = None
        if done is not None:
            page = CappedPaginator(done.worst_first, PER_PAGE).get_page(
                self.request.GET.get("page")
            )
        return super().get_context_data(**kwargs) | {
            "entry": self.entry,
            "newest": newest,
            "in_hand": newest is not None and newest.is_in_hand,
            "done": done,
            "page_obj": page,
            "obstacles": list(self._scan().obstacles()),
            "service": service_name(),
            "back": self.object.get_absolute_url(),
        }
