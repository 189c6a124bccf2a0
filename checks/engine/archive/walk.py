"""The way in: takes any archive, finds what it is, and has it read."""

from collections.abc import Callable, Sequence
from pathlib import Path

from checks.engine.archive.model import Report, Visitor
from checks.engine.model import Limits

TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
ZIP_SUFFIXES = (".zip", ".jar", ".war", ".whl", ".nar", ".nbm", ".vsix", ".apk")


def is_archive(name: str) -> bool:
    """Whether a file of this name is read as an archive; upper and lower case are the same."""
    return name.lower().endswith(TAR_SUFFIXES + ZIP_SUFFIXES)


def walk(
    path: Path,
    name: str,
    limits: Limits,
    visitors: Sequence[Visitor] = (),
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Read the archive at `path`, which the release calls `name`, from end to end."""
    raise NotImplementedError
