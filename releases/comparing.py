"""What differs between two revisions of a release: by path, and by content for renames."""

from dataclasses import dataclass, field

from releases.models import Release
from releases.renaming import stripped
from trusted_releases.lib.archive_names import is_archive


@dataclass(frozen=True)
class Change:
    """One path that differs: its new path and size, and what it was before."""

    path: str
    size: int
    was: str = ""  # the old path of a file that was renamed


@dataclass
class Comparison:
    """What one has to do to the files of `old` to have those of `new`."""

    old: int
    new: int
    added: list[Change] = field(default_factory=list)
    replaced: list[Change] = field(default_factory=list)
    renamed: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)

    @property
    def groups(self) -> list[tuple[str, list[Change]]]:
        """The kinds of change that there are, under the words a page has for them."""
        named = [
            ("added", self.added),
            ("changed", self.replaced),
            ("renamed", self.renamed),
            ("removed", self.removed),
        ]
        return [(word, rows) for word, rows in named if rows]

    @property
    def archives(self) -> list[tuple[str, str]]:
        """The archives that have other bytes, each with its path before: one can look inside.

        An archive whose name says that it is of another candidate is told as one that went and one
        that came; here the two are one.
        """
        gone = {stripped(each.path): each.path for each in reversed(self.removed)}
        pairs = [(each.path, each.path) for each in self.replaced]
        pairs += [
            (each.path, gone[stripped(each.path)])
            for each in self.added
            if stripped(each.path) in gone
        ]
        return sorted(pair for pair in pairs if all(map(is_archive, pair)))

    @property
    def count(self) -> int:
        return sum(len(rows) for _, rows in self.groups)

    @property
    def summary(self) -> str:
        """In one line: `2 added, 1 removed`."""
        return ", ".join(f"{len(rows)} {word}" for word, rows in self.groups) or "no difference"


def compare(release: Release, old: int, new: int) -> Comparison:
    """Compare two revisions by number, in either order of time; 0 is the empty draft before all.

    Two questions to the database, about what changed between the two and not about all files.
    """
    gone, come = (_only_in(release, old, new), _only_in(release, new, old))
    found = Comparison(old, new)
    for path in sorted(gone.keys() & come.keys()):
        (before, _), (blob, size) = gone.pop(path), come.pop(path)
        if before != blob:  # else it went, and came again as it was
            found.replaced.append(Change(path, size))
    left = {blob: path for path, (blob, _) in sorted(gone.items(), reverse=True)}
    for path, (blob, size) in sorted(come.items()):
        if (was := left.pop(blob, "")) in gone:
            del gone[was]
            found.renamed.append(Change(path, size, was))
        else:
            found.added.append(Change(path, size))
    found.removed = [Change(path, size) for path, (_, size) in sorted(gone.items())]
    return found


def _only_in(release: Release, here: int, there: int) -> dict[str, tuple[int, int]]:
    """Entries that revision `here` has and `there` has not: blob and size by path."""
    entries = release.entries.at(here)
    entries = entries.filter(until__lte=there) if here < there else entries.filter(since__gt=there)
    rows = entries.values_list("path", "blob", "blob__size")
    return {path: (blob, size) for path, blob, size in rows}
