"""Every archive has a bill of materials beside it."""

from collections.abc import Container, Iterator
from pathlib import PurePosixPath
from typing import Any

from checks.engine.model import Candidate, Finding, Level
from checks.engine.names import SBOM_NAMES, parse, sbom_names
from checks.engine.rule import Difference, ReleaseRule

SUFFIXES = (
    *(".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz"),
    *(".jar", ".war", ".whl", ".nar", ".nbm", ".vsix", ".apk"),
)


class SbomPresent(ReleaseRule):
    slug = "sbom.present"
    version = 1
    title = "Every archive has a software bill of materials beside it"
    policy = (
        "Who uses a release wants to know what is in it; a bill of materials in CycloneDX form "
        "says so. It is recommended, and not required. (https://cyclonedx.org/)"
    )
    cost = "Once a release: only names are looked at."
    levels = (Level.NOTE, Level.SUGGESTION)
    differences = (
        Difference(
            "sbom.json is looked at beside a source tarball only.",
            "sbom.json or bom.xml in its folder counts for every archive without one of its own.",
            "The name says that it is of the release.",
        ),
    )

    def inputs(self, candidate: Candidate) -> Any:
        return _sboms(candidate)

    def run(self, candidate: Candidate) -> Iterator[Finding]:
        for path, sbom in _sboms(candidate).items():
            if sbom:
                message = f"Its bill of materials is {PurePosixPath(sbom).name}."
                yield self.finding(Level.NOTE, path, message, found=True, sbom_path=sbom)
                continue
            usual = PurePosixPath(sbom_names(path)[0]).name
            yield self.finding(
                Level.SUGGESTION,
                path,
                f"It has no bill of materials beside it. Add one in CycloneDX form, as {usual}.",
                found=False,
                error_kind="missing_sbom",
            )


def _sboms(candidate: Candidate) -> dict[str, str]:
    """Each archive with the path of its SBOM, "" where there is none."""
    paths = sorted(file.path for file in candidate.files)
    every = set(paths)
    return {path: sbom_of(path, every) for path in paths if is_described(path)}


def is_described(path: str) -> bool:
    """Whether a file of this name is to have a bill of materials."""
    return path.lower().endswith(SUFFIXES) and not parse(path).is_metadata


def sbom_of(path: str, paths: Container[str]) -> str:
    """The bill of materials of a file, of those that are among the paths; "" if there is none."""
    folder = PurePosixPath(path).parent
    shared = (str(folder / name) for name in SBOM_NAMES)
    return next((each for each in (*sbom_names(path), *shared) if each in paths), "")
