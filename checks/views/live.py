"""How far the checks are, asked for every two seconds while they run.

Status 286 tells the page to stop asking. Events beside the answer tell it what to fetch again:
`found` when more has been found, `checked` at the end.
"""

from typing import Any

from django.http import HttpResponse

from checks.views.common import OneRevision
from trusted_releases.lib.views import STOP_POLLING


class Progress(OneRevision):
    """For the draft's page: how far, and what stands before the vote."""

    template_name = "releases/_state.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # After the revision was read: what says that checks are running must not be older than
        # what tells the page to stop asking.
        return context | {"obstacles": list(self.object.vote_obstacles())}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        if not self.is_pending:
            response.status_code = STOP_POLLING
            response["HX-Trigger"] = "checked"
        return response


class Live(OneRevision):
    """For the page of findings: how far. `seen` is how many units were done when it last asked."""

    template_name = "checks/_live.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        done = str(self.run.units_done) if self.run else "0"
        if not self.awaited:
            response.status_code = STOP_POLLING
            response["HX-Trigger"] = "checked"
        elif done != self.request.GET.get("seen", done):
            response["HX-Trigger"] = "found"
        return response
