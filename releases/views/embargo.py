"""Ending an embargo before the announcement does."""

from typing import Any

from releases.forms_embargo import LiftEmbargo
from releases.views.common import ReleaseVerb


class Lift(ReleaseVerb):
    """Let everybody know of the release, once its version was typed and a reason given."""

    policy = "releases.lift_embargo"
    form_class = LiftEmbargo
    template_name = "releases/lift_embargo.html"
    done = "The embargo is over: everybody can see the release, and what happened to it."

    def run(self, reason: str, typed: str) -> None:
        self.object.lift_embargo(by=self.request.user, reason=reason)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"release": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        release = self.object
        return super().get_context_data(**kwargs) | {
            "obstacles": list(release.lift_obstacles()),
            "is_draft": not release.candidate_id,
            "published": getattr(release, "publication", None),
            "vote": release.vote,
        }
