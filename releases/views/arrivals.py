"""Uploads that are being looked at, or were refused."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from releases.models import Arrival, Release
from releases.models.arrival import title_of
from releases.views.common import ReleaseVerb

SHOWN = 10  # uploads on the page of a draft
FILES_SHOWN = 500


class DismissArrival(ReleaseVerb):
    """What was refused, file by file; and one takes it off the page of the draft."""

    policy = "releases.change_files"
    template_name = "releases/arrival.html"
    done = "It is off the page. The events of the release still tell of it."

    def run(self) -> None:
        self.arrival().dismiss(by=self.request.user)

    def arrival(self) -> Arrival:
        if len(str(self.kwargs["number"])) > 12:
            raise Http404("There is no such upload.")
        found: Arrival = get_object_or_404(
            Arrival.objects.told(), release=self.object, pk=self.kwargs["number"]
        )
        found.release = self.object
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        arrival = self.arrival()
        files = arrival.files.order_by("path")[:FILES_SHOWN]
        return super().get_context_data(**kwargs) | {"arrival": arrival, "files": files}


def assembling_in(release: Release) -> list[dict[str, Any]]:
    """The uploads in parts that a worker puts together, with what a page says of them."""
    asked = release.open_uploads.unended().exclude(asked_at=None).select_related("begun_by")
    shown = [each for each in asked[:SHOWN] if each.is_in_hand]
    return [
        {"upload": each, "title": title_of(file.path for file in each.files.all())}
        for each in shown
    ]


def arrivals_of(release: Release) -> list[dict[str, Any]]:
    """What the draft's page tells of uploads that are no part of the files."""
    shown = release.arrivals.told()[:SHOWN]
    return [{"upload": each, "in_hand": each.is_in_hand} for each in shown]
