"""Describes archives in a process of its own, with limits and without a network."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from checks.engine.child import FOLDER, Child, ChildLimits
from checks.engine.model import Limits
from checks.sbom.generate.about import About, Outcome, Problem
from trusted_releases.lib.held import HeldFolder

MODULE = "checks.sbom.generate"
SECONDS = 1_800  # wall clock for one archive
USUAL = ChildLimits()
UNPACKED = Limits()  # what the archive may come to

Progress = Callable[[int, int], None]  # bytes read, bytes in all


def generate_in_child(
    location: Path,
    about: About,
    target: Path,
    *,
    limits: ChildLimits = USUAL,
    archive_limits: Limits = UNPACKED,
    on_progress: Progress | None = None,
    timeout: float = SECONDS,
) -> Outcome:
    """Write the bill of materials of an archive to `target`; what is in it. Raises Problem."""
    with HeldFolder(FOLDER) as held:
        job = {
            "location": str(location),
            "about": about.as_json(),
            "target": str(target),
            "policy": asdict(archive_limits),
            "limits": asdict(limits),
        }
        told = None if on_progress is None else lambda _, done, total: on_progress(done, total)
        with Child(job, str(held.path), timeout, told, module=MODULE) as child:
            for answer in child.answers(1):
                if "problem" in answer:
                    raise Problem(answer["problem"])
                return Outcome.from_json(answer["outcome"])
            raise Problem(f"The archive could not be described. {child.death(limits)}")
