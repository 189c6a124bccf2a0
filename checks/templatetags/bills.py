"""What was read of bills of materials, for pages of other files and of layers below."""

from django import template

from checks import bills
from checks.engine.names import is_sbom
from checks.models import Run, Sbom
from releases.models import Revision

register = template.Library()

SHOWN = 5  # bills of materials that a page names before it leads to all of them


@register.simple_tag
def bill_of(run: Run | None, path: str) -> Sbom | None:
    """What the checks have read of this file; None for what is no bill of materials. One question
    to the database, and none for files that cannot be one."""
    return bills.bill_of(run, path) if path.endswith((".json", ".xml")) or is_sbom(path) else None


@register.simple_tag
def bills_of(revision: Revision | None) -> list[Sbom]:
    """The bills of materials of a revision, a few of them: one question to the database."""
    if revision is None:
        return []
    found = Sbom.objects.filter(result__runs__revision=revision).select_related("result")
    return list(found.order_by("result__path")[: SHOWN + 1])
