"""Comparisons of archives, between the row that asks for one and the engine that makes it."""

from django.conf import settings

from checks.engine.child import ChildLimits
from checks.engine.inside.child import Outcome, Progress, compare_in_child
from checks.engine.inside.members import Line, Problem
from checks.models import Comparison

__all__ = ["Problem", "compare"]


def compare(row: Comparison, on_progress: Progress | None = None) -> tuple[list[Line], Outcome]:
    """Read both, in a process with limits. Raises Problem.

    Call it outside transactions: it takes as long as reading the archives.
    """
    names = (f"archive.{row.format}",) * 2
    lines: list[Line] = []
    limits = ChildLimits(settings.CHECK_MEMORY, settings.CHECK_SECONDS)
    with row.old.local_file() as old, row.new.local_file() as new:
        for told in compare_in_child(old, new, names, limits=limits, on_progress=on_progress):
            if isinstance(told, Outcome):
                return lines, told
            lines.append(told)
    raise Problem("The archives could not be compared: what was found did not come to its end.")
