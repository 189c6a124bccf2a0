"""What the page of a draft asks of the checks, so that each obstacle has its way out."""

from dataclasses import dataclass

from django import template
from django.db.models import Count

from checks.engine.model import Level
from checks.models import Finding, Run
from checks.rules import ALL
from releases.models import Revision

register = template.Library()

TITLES = {rule.slug: rule.title for rule in ALL}
SIGNATURE = "signature"


@dataclass(frozen=True)
class Blocking:
    """A rule with the number of its blockers."""

    slug: str
    title: str
    count: int

    @property
    def needs_keys(self) -> bool:
        """Whether the way out may be to import a key, rather than to change a file."""
        return self.slug == SIGNATURE


@register.simple_tag
def blocking_rules(revision: Revision | None) -> list[Blocking]:
    """The rules that found blockers in this revision, those with most first."""
    run = Run.objects.filter(revision=revision).first() if revision else None
    if run is None:
        return []
    found: dict[str, int] = dict(
        Finding.objects.filter(result__runs=run, level=str(Level.BLOCKER))
        .order_by()
        .values_list("rule")
        .annotate(Count("pk"))
    )
    rows = sorted(found.items(), key=lambda row: (-row[1], row[0]))
    return [Blocking(slug, TITLES.get(slug, slug), count) for slug, count in rows]
