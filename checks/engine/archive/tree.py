"""The tree that unpacking would leave on disk, as far as its members can get at one another."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from checks.engine.archive.model import Kind, Member
from checks.engine.archive.problems import Problems
from checks.engine.model import Limits

# What is kept of names and link targets, in bytes, for each byte of `limits.metadata`: a hundred
# thousand members of real archives stay far below, and memory stays flat for hostile ones.
KEPT = 32

MANY = 10_000  # directories, or empty files, from which on a person should look

DIRECTORY: Final = -1
SYMLINK: Final = -2
HARDLINK: Final = -3
FILE: Final = Kind.FILE
_CODES = {Kind.DIRECTORY: DIRECTORY, Kind.SYMLINK: SYMLINK, Kind.HARDLINK: HARDLINK}


class Tree:
    """Every path of one archive: what it is, and who else claims it.

    `paths` maps a member's name to its size in bytes, or to one of the three codes for what is
    not a file. `directories` are those that members lie in, "" included, listed or not.
    `twins` are names that come twice with the same size: whether with the same bytes is open.
    """

    def __init__(self, limits: Limits, problems: Problems) -> None:
        self.paths: dict[str, int] = {}
        self.directories: set[str] = {""}
        self.symlinks: dict[str, str] = {}
        self.later: dict[str, str] = {}
        self.twins: set[str] = set()
        self._hardlinks: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._room = limits.metadata * KEPT
        self._problems = problems

    def add(self, member: Member, head: str) -> None:
        """Put the member where it would be unpacked: into the directory `head`."""
        name, _, kind, size, _, _ = member
        if head not in self.directories:
            self._enter(head)
        what = size if kind is FILE else _CODES[kind]
        before = self.paths.get(name)
        if before is not None:
            self._again(member, before, what)
        else:
            self._claim(name)
        self.paths[name] = what
        if what == SYMLINK:
            self._spend(member.target)
            self.symlinks[name] = member.target
        elif what == HARDLINK:
            self._spend(member.target)
            self._link(member)

    def add_new(self, names: Collection[str], sizes: Iterable[int], heads: Collection[str]) -> bool:
        """Put many files and directories where nothing has been: their names, in ASCII, what
        `paths` has for each, and the directories they lie in. False, and nothing is done, if any
        of these paths needs a closer look."""
        if len(set(names)) < len(names) or not self.paths.keys().isdisjoint(names):
            return False
        entered = self._unknown(heads)
        claimed = [*entered, *names]
        lowered = [path.lower() for path in claimed]
        room = self._room - sum(map(len, claimed))
        alike = dict(zip(lowered, claimed, strict=True))
        if (
            room < 0
            or list(map(alike.get, lowered)) != claimed
            or list(map(self._folded.get, lowered, claimed)) != claimed
        ):
            return False
        self._room = room
        self._folded.update(alike)
        self.directories.update(entered)
        self.paths.update(zip(names, sizes, strict=True))
        return True

    def _unknown(self, heads: Collection[str]) -> list[str]:
        """The directories among these and above them that are not known yet."""
        found: set[str] = set()
        for head in heads:
            while head not in self.directories and head not in found:
                found.add(head)
                head = head.rpartition("/")[0]
        return list(found)

    def finish(self) -> None:
        """What only shows when all members are known."""
        for path in self.directories:
            if self.paths.get(path, DIRECTORY) >= 0 or self.paths.get(path) == HARDLINK:
                self._problems.blocker(
                    "safety.conflict", "A file and a directory have the same path.", path
                )
        listed = sum(what == DIRECTORY for what in self.paths.values())
        if (count := max(listed, len(self.directories))) > MANY:
            message = f"The archive holds {count:,} directories."
            self._problems.concern("safety.many_directories", message)

    def _spend(self, text: str) -> None:
        """Count what is kept, in bytes of memory."""
        self._room -= len(text) if text.isascii() else len(text) * 4
        if self._room < 0:
            self._problems.stop(
                "safety.metadata", "The names of all members together are longer than is allowed."
            )

    def _enter(self, path: str) -> None:
        """Know a directory and all above it."""
        while path not in self.directories:
            self.directories.add(path)
            self._claim(path)
            path = path.rpartition("/")[0]

    def _claim(self, path: str) -> None:
        self._spend(path)
        other = self._folded.setdefault(folded(path), path)
        if other != path:
            self._problems.concern(
                "safety.collision",
                f"On Windows and macOS this is the same path as {other!a}; one overwrites the "
                "other. Rename one.",
                path,
            )

    def _again(self, member: Member, before: int, what: int) -> None:
        """The path has been taken before."""
        if before == what == DIRECTORY:
            return
        if before != what or self._leads_elsewhere(member):
            self.settle(member.name, same=False)
        elif what > 0:
            self.twins.add(member.name)
        else:
            self.settle(member.name, same=True)

    def _leads_elsewhere(self, member: Member) -> bool:
        before = self.symlinks.get(member.name, self._hardlinks.get(member.name, ""))
        return before != member.target

    def settle(self, name: str, same: bool) -> None:
        """Say what it means that a path came twice, now that the contents are known."""
        if same:
            message = "The path comes twice, with the same content. Keep one."
            self._problems.concern("safety.repeated", message, name)
        else:
            self._problems.blocker(
                "safety.duplicate",
                "The path comes twice and differs, so what one gets depends on the program that "
                "unpacks. Keep one.",
                name,
            )

    def _link(self, member: Member) -> None:
        """A hard link: a second name for a file that must have been unpacked before."""
        self._hardlinks[member.name] = member.target
        target = member.target
        while target.startswith("./"):
            target = target[2:]
        what = self.paths.get(target) if target != member.name else None
        if what is None:
            self.later[member.name] = target
        elif what in (SYMLINK, DIRECTORY):
            self._problems.blocker(
                "safety.hardlink", f"A hard link to {target!a}, which is not a file.", member.name
            )


def folded(path: str) -> str:
    """The path as file systems compare it that ignore case and the way accents are written."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
