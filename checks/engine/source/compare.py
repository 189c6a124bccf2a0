"""Holds what lies in an archive against the inventory of the commit it was made from."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from checks.engine.archive import Member, Sink
from checks.engine.source.gather import Entry, Gathered
from checks.engine.source.inventory import ENDS, EXPORTED, LINK, RUNS, Inventory, Line

MAX_FILLED = 256 << 10  # bytes of a file whose marks were filled in
_FILLED = re.compile(rb"[^\r\n\"'`;{}$\\]{0,300}")
PACKAGE_INFO = "PKG-INFO"  # what Python's build adds at the top of a source archive
BUILD_FILE = "pyproject.toml"


class Relation(StrEnum):
    """How a path of an archive, or one of the commit, compares."""

    SAME = "same"
    CHANGED = "changed"
    ENDS = "line_ends"
    EXTRA = "extra"
    SUBMODULE = "submodule"
    MODE = "mode_lost"
    POINTER = "pointer"
    GENERATED = "generated"
    MISSING = "missing"
    IGNORED = "export_ignored"


@dataclass
class Comparison:
    """Paths by how they compare, each list in order. `same` counts what is equal."""

    same: int = 0
    paths: dict[Relation, list[str]] = field(default_factory=lambda: defaultdict(list))

    def count(self, *relations: Relation) -> int:
        return sum(len(self.paths.get(each, ())) for each in relations)

    @property
    def differing(self) -> int:
        """How many files of the archive are not those of the commit."""
        return self.count(Relation.CHANGED, Relation.ENDS, Relation.EXTRA, Relation.SUBMODULE)

    @property
    def missing(self) -> int:
        return self.count(Relation.MISSING, Relation.IGNORED)

    @property
    def kind(self) -> str:
        """identical, subset, or different, as a whole."""
        if self.differing:
            return "different"
        others = self.missing or self.count(Relation.MODE, Relation.GENERATED)
        return "subset" if others else "identical"


class Watch:
    """A visitor of the archive reader that gathers what a comparison needs, in one reading."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._lfs: dict[str, str] = {}
        self._texts: dict[str, bytes] = {}
        self.gathered = Gathered(inventory.algorithm, self._extra)

    def compare(self, root: str, is_generated: Callable[[str], bool]) -> Comparison:
        """How what lies below `root` compares. `is_generated` names, by their path in the source,
        files that may differ."""
        found = Comparison()
        start = f"{root}/"
        entries = {
            name.removeprefix(start): entry
            for name, entry in self.gathered.entries.items()
            if name.startswith(start)
        }
        for path in sorted(entries):
            relation = self._relation(path, entries)
            if relation in (Relation.CHANGED, Relation.ENDS, Relation.EXTRA) and is_generated(path):
                relation = Relation.GENERATED
            if relation in (Relation.SAME, Relation.MODE, Relation.POINTER):
                found.same += 1
            if relation is not Relation.SAME:
                found.paths[relation].append(path)
        for path, line in sorted(self._inventory.files.items()):
            if path not in entries:
                ignored = line.more.get("ignored")
                found.paths[Relation.IGNORED if ignored else Relation.MISSING].append(path)
        return found

    def _extra(self, member: Member) -> Sink | None:
        """More than the id of some files: their SHA-256, or their text."""
        path = member.name.partition("/")[2]
        line = self._inventory.files.get(path)
        if line is None:
            return None
        if "lfs" in line.more:
            return _Sha256(self._lfs, path)
        if "template" in line.more and member.size <= MAX_FILLED:
            return _Text(self._texts, path)
        return None

    def _relation(self, path: str, entries: Mapping[str, Entry]) -> Relation:
        line, entry = self._inventory.files.get(path), entries[path]
        if line is None:
            return self._of_extra(path, entries)
        if (line.mode == LINK) != (entry.mode == LINK):
            return Relation.CHANGED
        how = line.more.get("also", {}).get(entry.id, "")
        if entry.id == line.id or how == EXPORTED or self._stands_for(path, line):
            return _of_same(line, entry)
        return Relation.ENDS if how == ENDS else Relation.CHANGED

    def _of_extra(self, path: str, entries: Mapping[str, Entry]) -> Relation:
        if any(path.startswith(f"{each}/") for each in self._inventory.submodules):
            return Relation.SUBMODULE
        if path == PACKAGE_INFO and BUILD_FILE in entries:
            return Relation.SAME
        return Relation.EXTRA

    def _stands_for(self, path: str, line: Line) -> bool:
        """Whether the file is what a pointer of LFS, or a text with marks, stands for."""
        if "lfs" in line.more:
            return self._lfs.get(path) == line.more["lfs"][0]
        text = self._texts.get(path)
        pieces = line.more.get("template", ())
        return text is not None and is_filled(
            text, [each.encode("utf-8", "surrogateescape") for each in pieces]
        )


def is_filled(text: bytes, pieces: list[bytes]) -> bool:
    """Whether a text is these pieces in order, with what git may fill in between each two.

    Names and dates of commits, on one line, and nothing that could end a text in a program: who
    makes an archive must not be able to say more there than git does.
    """
    if len(pieces) < 2 or not text.startswith(pieces[0]) or not text.endswith(pieces[-1]):
        return False
    at, end = len(pieces[0]), len(text) - len(pieces[-1])
    for piece in pieces[1:-1]:
        found = text.find(piece, at, end)
        if found < 0 or not _FILLED.fullmatch(text, at, found):
            return False
        at = found + len(piece)
    return at <= end and bool(_FILLED.fullmatch(text, at, end))


def _of_same(line: Line, entry: Entry) -> Relation:
    if "lfs" in line.more and entry.id == line.id:
        return Relation.POINTER
    if line.mode == RUNS and entry.mode not in (RUNS, LINK):
        return Relation.MODE
    return Relation.SAME


class _Sha256:
    def __init__(self, found: dict[str, str], path: str) -> None:
        self._found = found
        self._path = path
        self._hash = hashlib.sha256()
        self.feed = self._hash.update

    def close(self) -> None:
        self._found[self._path] = self._hash.hexdigest()


class _Text:
    def __init__(self, found: dict[str, bytes], path: str) -> None:
        self._found = found
        self._path = path
        self._blocks: list[bytes] = []
        self.feed = self._blocks.append

    def close(self) -> None:
        self._found[self._path] = b"".join(self._blocks)
