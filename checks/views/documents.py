"""The findings as documents for programs."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from checks.engine.document import as_bytes
from checks.examine import findings_document
from checks.models.ignored import reasons_in
from checks.sarif import sarif
from checks.views.common import OneRevision
from releases.models import Revision
from releases.texts import absolute


class Document(OneRevision):
    """The same that the offline checks print."""

    kind: ClassVar[str] = "application/json"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        if self.revision is None:
            raise Http404(f"{self.object} has no files yet.")
        return HttpResponse(as_bytes(self.document(self.revision)), self.kind)

    def document(self, revision: Revision) -> dict[str, Any]:
        return findings_document(revision)


class Sarif(Document):
    """In the format that editors, code hosts and dashboards read."""

    kind = "application/sarif+json"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        name = f"{self.object.project.slug}-{self.object.version}.sarif"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def document(self, revision: Revision) -> dict[str, Any]:
        address = absolute(reverse("checks:rules"))
        run = f"{self.object.project.slug}/{self.object.version}/{revision.number}"
        found = super().document(revision)
        return sarif(
            found,
            version=settings.VERSION,
            address=address,
            run=run,
            ignored=reasons_in(self.run) if self.run else None,
        )
