"""Archives of one release that are the same thing in several formats."""

from checks.engine.model import Candidate, File

FORMATS = (".tar.bz2", ".tar.gz", ".tar.xz", ".tgz", ".zip")


def siblings(file: File, candidate: Candidate) -> tuple[File, ...]:
    """The other archives that differ from this one in their format alone, by folder and name."""
    return tuple(
        other
        for path in sibling_paths(file.path)
        if (other := candidate.file(path)) and path != file.path
    )


def sibling_paths(path: str) -> tuple[str, ...]:
    """Where the siblings of an archive would lie, and the archive itself; () for other files."""
    suffix = next((each for each in FORMATS if path.endswith(each)), "")
    stem = path.removesuffix(suffix)
    return tuple(stem + each for each in FORMATS) if suffix else ()
