"""What the checks found, how far they are, and what the rules are."""

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.generic import TemplateView

from checks import rules
from checks.engine.model import Level
from checks.examine import findings_document
from checks.models import Finding, Run
from releases.models import Revision
from releases.views.common import ReleasePage, failed_jobs
from trusted_releases.lib.canonical import canonical
from trusted_releases.lib.views import STOP_POLLING

SHOWN = 500  # findings on a page; the document has them all
LEVELS = [str(level) for level in reversed(Level)]


class OneRevision(ReleasePage):
    """The revision that is voted on, or the newest; `?revision=N` for another."""

    def revision(self) -> Revision | None:
        asked = self.request.GET.get("revision", "")
        if not asked:
            found = self.object.candidate or self.object.newest
        elif asked.isdecimal() and len(asked) < 9:
            found = self.object.revisions.filter(number=int(asked)).first()
        else:
            found = None
        if asked and found is None:
            raise Http404(f"{self.object} has no revision {asked[:20]}.")
        if found is not None:
            found.release = self.object
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        revision = self.revision()
        run = Run.objects.filter(revision=revision).first() if revision else None
        return super().get_context_data(**kwargs) | {
            "revision": revision,
            "run": run,
            "failed_jobs": failed_jobs(self.object),
        }


class Findings(OneRevision):
    """The findings of a revision by file, the worst first, each with how to see it oneself."""

    tab = "findings"
    template_name = "checks/findings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        run, level = context["run"], self.request.GET.get("level", "")
        found = run.findings if run else Finding.objects.none()
        asked = found.at_level(level) if level in LEVELS else found
        counts = found.counts()
        shown = list(asked.worst_first()[:SHOWN])
        return context | {
            "counts": [(each, counts[each]) for each in LEVELS] if run else [],
            "asked": level,
            "files": by_file(shown),
            "errors": run.errors() if run else (),
            "cut": len(shown) == SHOWN,
        }


def by_file(findings: list[Finding]) -> list[tuple[str, list[Finding]]]:
    """The findings under their files: the file with the worst finding first."""
    order: dict[str, int] = {}
    for finding in findings:
        order.setdefault(finding.path, len(order))
    grouped = sorted(findings, key=lambda each: order[each.path])
    return [(path, list(rows)) for path, rows in groupby(grouped, key=lambda each: each.path)]


class Progress(OneRevision):
    """How far the checks are and what stands before the vote: asked for every two seconds.

    Status 286 tells the page to stop asking; the event beside it, to fetch the files again.
    """

    template_name = "releases/_state.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        obstacles = list(self.object.vote_obstacles())
        return super().get_context_data(**kwargs) | {"obstacles": obstacles}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        revision = context["revision"]
        if revision is None or revision.verdict != "pending":
            response.status_code = STOP_POLLING
            response["HX-Trigger"] = "checked"
        return response


class Document(OneRevision):
    """The findings as a document for programs: the same that the offline checks print."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        revision = self.revision()
        if revision is None:
            raise Http404(f"{self.object} has no files yet.")
        return HttpResponse(canonical(findings_document(revision)), "application/json")


class Rules(TemplateView):
    """Every rule with what it stands on: where each finding links to."""

    policy = "public"
    template_name = "checks/rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"rules": rules.ALL}
