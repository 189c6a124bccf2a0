"""Which artifacts a bill of materials is about, as its name says."""

import re
from pathlib import PurePosixPath

from checks.engine.model import Candidate, File
from checks.engine.names import (
    ARTIFACT_SUFFIXES,
    SBOM_NAMES,
    SBOM_SUFFIXES,
    VARIANTS,
    parse,
)

# The variants of a name, written out: what names a language is left out, it is never of source.
_VARIANTS = tuple(each for each in re.split(r"[()?:|]+", VARIANTS) if each and "[" not in each)
_ENDINGS = (
    "",
    *(f"{dash}{variant}" for variant in _VARIANTS for dash in "-_"),
)


def described_by(sbom: str, candidate: Candidate) -> tuple[File, ...]:
    """The artifacts that this bill of materials may be about: the one whose whole name it has, else
    all of that stem; one that is called sbom.json is about all in its folder."""
    path = PurePosixPath(sbom)
    if path.name in SBOM_NAMES:
        return tuple(each for each in candidate.files if _lies_in(each, path.parent))
    suffix = next((each for each in SBOM_SUFFIXES if sbom.endswith(each)), "")
    base = sbom.removesuffix(suffix)
    if (exact := candidate.file(base)) and parse(base).is_artifact:
        return (exact,)
    paths = (f"{base}{ending}.{kind}" for ending in _ENDINGS for kind in ARTIFACT_SUFFIXES)
    return tuple(file for each in paths if (file := candidate.file(each)))


def _lies_in(file: File, folder: PurePosixPath) -> bool:
    return parse(file.path).is_artifact and PurePosixPath(file.path).parent == folder
