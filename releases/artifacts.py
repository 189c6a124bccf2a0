"""Files as people download them: each artifact with what proves it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from releases.models import Entry

PROOFS = {
    ".asc": "signature",
    ".sig": "signature",
    ".sha512": "SHA-512",
    ".sha256": "SHA-256",
    ".sha1": "SHA-1",
    ".md5": "MD5",
}
_SOURCE = re.compile(r"[-_.](src|source|sources|source-release)[-_.]", re.IGNORECASE)
_ARCHIVE = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar", ".zip")


@dataclass
class Artifact:
    """One file that people want, where it lies, and the small files that prove it."""

    entry: Entry
    path: str  # in the download area
    proofs: list[tuple[str, str]] = field(default_factory=list)  # what it is, and its path

    @property
    def is_source(self) -> bool:
        """Whether its name says that it holds the source, which is what a release is."""
        return self.entry.path.endswith(_ARCHIVE) and bool(_SOURCE.search(self.entry.path))


@dataclass(frozen=True)
class Group:
    title: str
    artifacts: list[Artifact]


def artifacts(entries: Iterable[Entry], location: str) -> list[Artifact]:
    """The artifacts, source first and else in order of path, each with its proofs beside it."""
    return sorted(_paired(list(entries), location), key=lambda each: not each.is_source)


def grouped(shown: Iterable[Artifact], *, has_source: bool) -> list[Group]:
    """Artifacts in their order under a title for each kind; one title where nothing is source."""
    rest = "Binaries and other files" if has_source else "Files"
    return [
        Group("Source" if is_source else rest, list(rows))
        for is_source, rows in groupby(shown, key=lambda each: each.is_source)
    ]


def _paired(entries: list[Entry], location: str) -> Iterator[Artifact]:
    paths = {entry.path for entry in entries}
    proofs: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        if of := _proved(entry.path, paths):
            what = PROOFS[entry.path[len(of) :]]
            proofs.setdefault(of, []).append((what, f"{location}/{entry.path}"))
    for entry in entries:
        if not _proved(entry.path, paths):
            path = f"{location}/{entry.path}"
            yield Artifact(entry, path, sorted(proofs.get(entry.path, []), key=_order))


def _proved(path: str, paths: set[str]) -> str:
    """The file that this one proves, "" when it stands for itself."""
    for end in PROOFS:
        if path.endswith(end) and path.removesuffix(end) in paths:
            return path.removesuffix(end)
    return ""


def _order(proof: tuple[str, str]) -> int:
    return list(PROOFS.values()).index(proof[0])
