"""The policy of a project as the checks take it, for those who run them elsewhere."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views import View

from checks.examine import policy_of
from projects.models import Project
from releases.models.release import VERSION
from trusted_releases.lib.canonical import canonical


class PolicyDocument(View):
    """`trusted-check --policy` reads it; `?version=` is that of the release to be judged."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = Project.objects.select_related("committee", "policy")
        project = get_object_or_404(found, slug=kwargs["project"])
        version = request.GET.get("version", "")
        if version and (len(version) > 64 or not VERSION.match(version)):
            raise Http404(f"{version[:64]!r} is no version.")
        content = canonical(policy_of(project, version).as_json()) + b"\n"
        return HttpResponse(content, "application/json")
