"""What runs of workflows upload with, for the pages of a project."""

from itertools import chain
from typing import Any

from django import template

from keys.models import UploadTicket, WorkflowSshKey
from projects.models import Project
from trusted_releases.lib.views import granted

register = template.Library()
SHOWN = 20  # of each kind


@register.inclusion_tag("keys/_passes.html", takes_context=True)
def passes_of(context: dict[str, Any], project: Project, ended: bool = False) -> dict[str, Any]:
    """Those that are good, for whoever may see drafts there; and lately ended ones, if asked for.

    One question to the database for each kind, and none for anybody else.
    """
    person = context["user"]
    if not granted(person, "releases.view_draft", project):
        return {"shown": False}
    kinds: Any = (WorkflowSshKey, UploadTicket)
    rows = chain.from_iterable(
        (kind.objects if ended else kind.objects.good())
        .filter(project=project)
        .for_listing()[:SHOWN]
        for kind in kinds
    )
    found = sorted(rows, key=lambda each: each.made_at, reverse=True)
    return {
        "shown": ended or bool(found),
        "project": project,
        "passes": found,
        "ended": ended,
        "may_end": granted(person, "releases.change_files", project),
    }
