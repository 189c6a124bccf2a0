"""Reads the manifests of package managers that an archive holds: what it is, and what it needs.

All are written by strangers. One that cannot be read says so, and the others stand.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from checks.sbom.manifests import cargo, golang, maven, npm, npm_lock, python, python_lock
from checks.sbom.manifests.model import (
    SCOPES,
    Manifest,
    Package,
    Scope,
    Unreadable,
    purl_of,
    stronger,
)
from checks.sbom.manifests.safe import SECONDS, at_most

__all__ = [
    "SCOPES",
    "Manifest",
    "Package",
    "Scope",
    "Unreadable",
    "is_manifest",
    "purl_of",
    "read",
    "stronger",
]

TOGETHER = 120  # seconds of processor time for all manifests of an archive

Reader = Callable[[str, bytes, Mapping[str, bytes]], Manifest]

_READERS: dict[str, Reader] = {
    name: module.read
    for module in (cargo, golang, npm, npm_lock, python, python_lock)
    for name in module.NAMES
}


def is_manifest(path: str) -> bool:
    """Whether a member of this name is read."""
    name = path.rpartition("/")[2]
    return name in _READERS or name in maven.NAMES or python.is_requirements(path)


def read(files: Mapping[str, bytes]) -> Iterator[Manifest]:
    """What each of these says, in the order of their paths."""
    clock = _Clock()
    poms = {path: files[path] for path in sorted(files) if _name(path) in maven.NAMES}
    found = {each.path: each for each in _poms(poms, clock)}
    for path in sorted(files):
        yield _usable(found.get(path) or _one(path, files, clock))


class _Clock:
    """How much processor time there is for one more: a little for each, and a limit for all."""

    def __init__(self) -> None:
        self._until = time.process_time() + TOGETHER

    def allowance(self) -> float:
        left = self._until - time.process_time()
        if left <= 0:
            raise Unreadable(f"the manifests before it took {TOGETHER} seconds to read")
        return min(left, SECONDS)


def _name(path: str) -> str:
    return PurePosixPath(path).name


def _poms(poms: Mapping[str, bytes], clock: _Clock) -> Iterable[Manifest]:
    try:
        with at_most(clock.allowance()):
            return list(maven.read_all(poms))
    except (Unreadable, RecursionError) as error:
        return [Manifest(path, problem=_why(error)) for path in poms]


def _one(path: str, files: Mapping[str, bytes], clock: _Clock) -> Manifest:
    try:
        with at_most(clock.allowance()):
            return _READERS.get(_name(path), python.read)(path, files[path], files)
    except (Unreadable, RecursionError) as error:
        return Manifest(path, problem=_why(error))


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, Unreadable) else "its values are nested too deeply"


def _usable(manifest: Manifest) -> Manifest:
    """Without packages whose names or versions are none; it says that there were some."""
    kept = [tuple(each for each in part if each.is_usable) for part in _parts(manifest)]
    own = manifest.own if manifest.own is not None and manifest.own.is_usable else None
    left_out = sum(map(len, _parts(manifest))) - sum(map(len, kept))
    left_out += manifest.own is not None and own is None
    problem = manifest.problem
    if left_out and not problem:
        problem = f"{left_out:,} of its packages have a name or version that is none"
    edges = tuple(edge for edge in manifest.edges if all(each.is_usable for each in edge))
    return Manifest(manifest.path, own, kept[0], kept[1], edges, problem)


def _parts(manifest: Manifest) -> tuple[tuple[Package, ...], ...]:
    return manifest.needs, manifest.locked
