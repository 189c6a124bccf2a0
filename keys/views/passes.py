"""What runs of workflows upload with, and how somebody of the project ends it."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from keys.forms import RevokePass as RevokeForm
from keys.models import UploadTicket, WorkflowPass, WorkflowSshKey
from trusted_releases.lib.views import VerbView


class RevokePass(VerbView):
    """End it, after asking why."""

    policy: ClassVar[str] = "releases.change_files"
    model: type[Any]
    form_class: type[Any] = RevokeForm
    template_name = "keys/revoke_pass.html"
    done = "It opens nothing any more."

    def get_queryset(self) -> QuerySet[WorkflowPass]:
        rows: QuerySet[WorkflowPass] = self.model.objects.select_related(
            "owner", "grant", "project__committee", "revoked_by"
        )
        return rows.filter(project__slug=self.kwargs["project"])

    def run(self, *, reason: str) -> None:
        self.object.revoke(by=self.request.user, reason=reason)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"project": self.object.project}


class RevokeWorkflowKey(RevokePass):
    """An SSH key of a run."""

    model = WorkflowSshKey


class RevokeTicket(RevokePass):
    """An upload ticket."""

    model = UploadTicket
