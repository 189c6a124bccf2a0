"""Workflows that act for a project: which there are, a new grant, and the end of one."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView

from projects import forms
from projects.models import Workflow
from projects.views.project import OneProject
from trusted_releases.lib.views import VerbView

MOST_SHOWN = 200


class Workflows(OneProject, DetailView):
    """The grants there are, for everybody: what acts for a project is no secret."""

    policy: ClassVar[str] = "public"
    template_name = "projects/workflows.html"
    tab = "policy"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        grants = self.object.workflows.select_related("granted_by")[:MOST_SHOWN]
        return super().get_context_data(**kwargs) | {"grants": grants}


class GrantWorkflow(OneProject, VerbView):
    """Let a workflow act in the phases that are ticked: all of them, or none."""

    policy = "projects.change_policy"
    form_class: type[Any] = forms.GrantWorkflow
    template_name = "projects/grant_workflow.html"
    done = "The workflow may act from now on, in the name of whoever starts it."
    tab = "policy"

    def run(self, *, repository: str, path: str, phases: list[str]) -> None:
        first, *also = phases
        grant = Workflow(project=self.object, repository=repository, path=path, phase=first)
        grant.grant(by=self.request.user, also=also)

    def get_success_url(self) -> str:
        return reverse("projects:workflows", args=[self.object.slug])


class RevokeWorkflow(VerbView):
    """Take a grant back, after asking."""

    policy = "projects.change_policy"
    template_name = "projects/revoke_workflow.html"
    done = "Runs of the workflow are refused from now on."

    def get_object(self, queryset: QuerySet[Workflow] | None = None) -> Workflow:
        rows = Workflow.objects.select_related("project__committee")
        return get_object_or_404(rows, pk=self.kwargs["pk"], project__slug=self.kwargs["project"])

    def run(self, **data: Any) -> None:
        self.object.revoke(by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"project": self.object.project}
