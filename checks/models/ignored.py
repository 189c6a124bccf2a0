"""What is ignored in a run: by which ignores, and why."""

from django.db.models import Count

from checks.models.ignore import IGNORABLE, Ignore
from checks.models.runs import Run


def ignored_in(run: Run) -> list[tuple[Ignore, int]]:
    """The ignores that count for a run, each with how many findings it hides there."""
    ignores = run.ignores
    if not ignores:
        return []
    hidden = run.findings.filter(level__in=IGNORABLE, ignores__in=ignores).order_by()
    counts = dict(hidden.values_list("ignores").annotate(Count("pk", distinct=True)))
    return [(each, counts[each.pk]) for each in ignores if each.pk in counts]


def reasons_in(run: Run) -> dict[str, str]:
    """Why findings of a run are ignored, by their marks."""
    if not run.ignores:
        return {}
    hidden = run.findings.filter(level__in=IGNORABLE, ignores__in=run.ignores).order_by("ignores")
    return dict(hidden.values_list("mark", "ignores__reason"))
