"""Members of an archive looked at together, which costs a tenth of looking at each."""

from collections.abc import Iterator
from itertools import repeat

from checks.engine.archive.model import MEMBER, Kind, Shown
from checks.engine.archive.names import Names
from checks.engine.archive.stretch import Entry
from checks.engine.archive.tree import DIRECTORY, Tree
from checks.engine.model import Limits
from trusted_releases.lib.archive_names import any_archive

_FILE = Kind.FILE
_READABLE, _ENTERED, _ODD = 0o400, 0o500, 0o6002  # modes: set for files, for directories; in none


class Crowd:
    """Files and directories that follow one another, as columns: each question is put to all of
    them in one call. It only tells whether nothing has to be said of any; what, and of which one,
    is for whoever judges them one by one."""

    def __init__(self, entries: list[Entry]) -> None:
        self._raws, self._kinds, self._modes, self.contents, overheads = zip(*entries, strict=True)
        self.overhead = sum(overheads)
        self._sizes = list(map(len, self.contents))
        self._names = [raw.removeprefix("./").removesuffix("/") for raw in self._raws]
        split = [name.rpartition("/") for name in self._names]
        self._lasts = [last for _, _, last in split]
        self._heads = {head or slash for head, slash, _ in split}  # "/" for an absolute name
        self.members = len(entries)
        self.files = self._kinds.count(_FILE)
        self.empty = self._sizes.count(0) - (self.members - self.files)
        self.size = sum(self._sizes)

    def are_small(self, limits: Limits) -> bool:
        return max(self._sizes) <= limits.file_size

    def are_plain(self, names: Names) -> bool:
        """Whether nothing has to be said of their names and modes."""
        return (
            names.are_plain(self._names, self._heads, self._lasts)
            and not any_archive(self._lasts)
            and all(map(_is_usual, set(zip(self._kinds, self._modes, strict=True))))
        )

    def put(self, tree: Tree) -> bool:
        """Put them into the tree; False, and nothing is done, where that needs a closer look."""
        codes = (
            size if kind is _FILE else DIRECTORY
            for kind, size in zip(self._kinds, self._sizes, strict=True)
        )
        return tree.add_new(self._names, codes, self._heads)

    def shown(self) -> Iterator[Shown]:
        """What visitors are shown of them."""
        columns = (self._names, self._raws, self._kinds, self._sizes, self._modes)
        members = map(MEMBER, zip(*columns, repeat("")))
        return zip(members, self._lasts, self.contents, strict=True)


def _is_usual(what: tuple[Kind, int]) -> bool:
    """Whether members of this kind may have this mode."""
    kind, mode = what
    wanted = _READABLE if kind is _FILE else _ENTERED
    return mode & wanted == wanted and not mode & _ODD
