"""From an archive on this disk to its bill of materials, in this process. See `child`."""

from collections.abc import Callable
from pathlib import Path

from checks.engine.archive import walk
from checks.engine.model import Limits
from checks.engine.names import shown
from checks.sbom.generate.about import About, Outcome, Problem
from checks.sbom.generate.bom import document
from checks.sbom.generate.gather import Gathered
from checks.sbom.generate.inventory import Inventory
from checks.sbom.manifests import Manifest

MAX_WHY = 300  # characters of why a manifest could not be read

Progress = Callable[[int], None] | None


def generate(
    location: Path, about: About, limits: Limits, progress: Progress = None
) -> tuple[bytes, Outcome]:
    """The document, and what is in it. Raises Problem, and MemoryError."""
    gathered = Gathered()
    report = walk(location, about.path, limits, [gathered], progress)
    if report.digest.sha256 != about.sha256:
        raise ValueError(f"{about.path} is not the file that was asked about")
    if any(each.code == "safety.memory" for each in report.problems):
        raise MemoryError  # which of the two readers asked for the last of it is chance
    if not report.complete or not report.format:
        raise Problem(
            "The archive cannot be read to its end, so nobody can say what is in it. Its findings "
            "say why."
        )
    manifests = list(gathered.manifests())
    inventory = Inventory(manifests, about)
    outcome = Outcome(
        components=len(inventory.parts),
        manifests=sum(not each.problem for each in manifests),
        without_version=sum(not each.package.version for each in inventory.parts),
        unread=tuple(sorted(_unread(each) for each in manifests if each.problem)),
        left_out=inventory.left_out,
    )
    return document(inventory, about, outcome), outcome


def _unread(manifest: Manifest) -> tuple[str, str]:
    return shown(manifest.path, MAX_WHY), shown(manifest.problem, MAX_WHY)
