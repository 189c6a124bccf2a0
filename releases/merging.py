"""Three-way merge of file sets: what two people did to the same draft at the same time.

A set of files is a mapping from path to whatever says which bytes lie there; a path that is not in
it has no file. Nothing here knows of releases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Merged(Generic[Content]):
    """What comes of it. Of a path in `conflicts` the files hold what `theirs` has."""

    files: dict[str, Content]
    conflicts: tuple[str, ...]


def merge(
    base: Mapping[str, Content], theirs: Mapping[str, Content], ours: Mapping[str, Content]
) -> Merged[Content]:
    """Do to `theirs` what was done to `base` when `ours` was made of it.

    A path that both sides changed, and not to the same, is a conflict.
    """
    files, conflicts = dict(theirs), []
    for path in sorted({*base, *ours}):
        before, there, here = base.get(path), theirs.get(path), ours.get(path)
        if here in (before, there):
            continue
        if there != before:
            conflicts.append(path)
        elif here is None:
            del files[path]
        else:
            files[path] = here
    return Merged(files, tuple(conflicts))
