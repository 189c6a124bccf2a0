"""Compares two archives in a process of its own, with limits and without a network."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.engine.child import FOLDER, Child, ChildLimits
from checks.engine.inside.members import Line, Problem
from checks.engine.model import Limits

MODULE = "checks.engine.inside"
SECONDS = 1_800  # wall clock for both archives
MOST = 20_000  # differences that are told one by one; all are counted
USUAL = ChildLimits()
UNPACKED = Limits()  # what each archive may come to

Progress = Callable[[int, int], None]  # bytes read, bytes in all


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many differences there are of each kind, and into which folder each archive unpacks."""

    counts: dict[str, int]
    old_root: str
    new_root: str


def compare_in_child(
    old: Path,
    new: Path,
    names: tuple[str, str],
    *,
    limits: ChildLimits = USUAL,
    archive_limits: Limits = UNPACKED,
    on_progress: Progress | None = None,
    timeout: float = SECONDS,
    most: int = MOST,
) -> Iterator[Line | Outcome]:
    """What differs, a line each, and then the outcome. Raises Problem."""
    with TemporaryDirectory(prefix=FOLDER) as folder:
        job = {
            "old": str(old),
            "new": str(new),
            "names": names,
            "most": most,
            "policy": asdict(archive_limits),
            "limits": asdict(limits),
        }
        told = None if on_progress is None else lambda _, done, total: on_progress(done, total)
        with Child(job, folder, timeout, told, module=MODULE) as child:
            for answer in child.answers(most + 2):
                if "problem" in answer:
                    raise Problem(answer["problem"])
                yield from (Line(**each) for each in answer.get("lines", ()))
                if "counts" in answer:
                    yield Outcome(answer["counts"], *answer["roots"])
                    return
            raise Problem(f"The archives could not be compared. {child.death(limits)}")
