"""What clients under test may do to the projects of the committee `test`. Only test mode has it."""

import json
from typing import Any, ClassVar

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from projects.models import Project
from trusted_releases.api.bodies import refusal, text_of
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import testing


@method_decorator(csrf_exempt, name="dispatch")
class SetStatus(View):
    """Take `{"project_key": …}`, and give the project another status."""

    policy: ClassVar[str] = "public"
    http_method_names = ["post"]
    status: ClassVar[str]

    def post(self, request: HttpRequest) -> HttpResponse:
        if not testing.is_on():
            raise Http404
        project = _project(request.body)
        if project is None:
            return refusal(404, f"This takes the key of a project of “{testing.COMMITTEE}”.")
        with transaction.atomic():
            Project.objects.filter(pk=project.pk).update(status=self.status)
            Event.objects.record(
                Tag.PROJECT_CHANGED, by=None, subject=project, project=project, status=self.status
            )
        answer = {"ok": True, "project_key": project.slug}
        return HttpResponse(text_of(answer), "application/json")


class ActivateProject(SetStatus):
    status = str(Project.Status.ACTIVE)


class ArchiveProject(SetStatus):
    status = str(Project.Status.RETIRED)


def _project(body: bytes) -> Project | None:
    """The project of the committee for tests that the body names, if it names one."""
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    key = said.get("project_key") if isinstance(said, dict) else None
    ours = Project.objects.filter(committee__slug=testing.COMMITTEE)
    return ours.filter(slug=key).first() if isinstance(key, str) and "\0" not in key else None
