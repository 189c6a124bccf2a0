"""Bills of materials of releases: which there are, and with which one each is compared."""

import re
from dataclasses import dataclass
from functools import cached_property

from checks.marks import without_version
from checks.models import Run, Sbom
from checks.sbom.compare import Changes, Part, Sets, changes, sets
from releases.models import Release
from releases.phases import Phase

_DIGITS = re.compile(r"\d+")


def version_key(version: str) -> str:
    """A text that sorts as versions do: 1.10 after 1.9."""
    return _DIGITS.sub(lambda found: _padded(found[0].lstrip("0")), version)


def _padded(digits: str) -> str:
    return f"{len(digits):02d}{digits}"


def bills_of(run: Run | None) -> list[Sbom]:
    """All that the checks of a revision have read, by path."""
    if run is None:
        return []
    found = Sbom.objects.filter(result__runs=run).select_related("result")
    return list(found.order_by("result__path"))


def bill_of(run: Run | None, path: str) -> Sbom | None:
    """What the checks of a revision have read of this file."""
    if run is None:
        return None
    found = Sbom.objects.filter(result__runs=run, result__path=path)
    return found.select_related("result").first()


def previous_release(release: Release) -> Release | None:
    """The highest version of the project that is released, and lower than this one."""
    others = Release.objects.in_phase(Phase.RELEASED).filter(project=release.project_id)
    versions = dict(others.exclude(pk=release.pk).values_list("version", "pk"))
    here = version_key(release.version)
    lower = [version for version in versions if version_key(version) < here]
    if not lower:
        return None
    latest = max(lower, key=version_key)
    return others.select_related("project", "candidate").get(pk=versions[latest])


@dataclass
class Previous:
    """A bill of materials beside that of the release before."""

    release: Release
    before: Sbom | None  # None where that release has none of this name
    after: Sbom

    @cached_property
    def _parts(self) -> tuple[list[Part], list[Part]]:
        return self.before.parts() if self.before else [], self.after.parts()

    @cached_property
    def components(self) -> Changes:
        return changes(*self._parts)

    @cached_property
    def licences(self) -> Sets[str]:
        """The licences of the components, as they are written."""
        before, after = (sorted({each.licence for each in parts}) for parts in self._parts)
        return sets(filter(None, before), filter(None, after))

    @cached_property
    def vulnerabilities(self) -> Sets[str]:
        before = self.before.vulnerability_ids() if self.before else []
        return sets(before, self.after.vulnerability_ids())


def previous_of(release: Release, sbom: Sbom) -> Previous | None:
    """With what a bill of materials is compared: the file of the same path in the previous release,
    or of the same path but for the version. None where there is no release before."""
    before = previous_release(release)
    if before is None:
        return None
    run = Run.objects.filter(revision=before.candidate_id).first()
    path = sbom.result.path
    wanted = without_version(path, release.version)
    found = {each.result.path: each for each in bills_of(run)}
    alike = (
        each for name, each in found.items() if without_version(name, before.version) == wanted
    )
    return Previous(before, found.get(path) or next(alike, None), sbom)
