"""The members of an archive, and what differs between those of two.

Members are held against each other by name, below the one folder that both unpack into: that of a
candidate has another name in each. What left under one name and came under another with the same
content was renamed.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from checks.engine.archive import Kind, Member, walk
from checks.engine.archive.walk import Progress
from checks.engine.model import Limits

LONGEST_NAME = 1024  # characters of a member's name that are told


class Problem(Exception):
    """The two cannot be compared. The message is a sentence that says why."""


class Change(StrEnum):
    """What became of a member, in the order in which pages tell of it."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"
    MODE = "mode"


class Held(NamedTuple):
    """One member as it is remembered. `content` is its digest, or where a link leads."""

    kind: str
    size: int
    mode: int
    content: str


@dataclass(frozen=True, slots=True)
class Line:
    """One difference. Of what came or left, only one side is there."""

    change: str
    path: str
    was: str = ""  # the old name of what was renamed
    kind: str = "file"
    old_size: int | None = None
    new_size: int | None = None
    old_mode: int | None = None
    new_mode: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The line, its names cut where they are longer than anybody reads."""
        return asdict(self) | {"path": self.path[:LONGEST_NAME], "was": self.was[:LONGEST_NAME]}


class Listing:
    """Gathers the members of one archive: a visitor of the archive reader."""

    def __init__(self) -> None:
        self.members: dict[str, Held] = {}

    def member(self, member: Member) -> "_Content | None":
        if member.kind is Kind.FILE:
            return _Content(self.members, member)
        if member.name:
            self.members[member.name] = Held(str(member.kind), 0, member.mode, member.target)
        return None

    def finish(self) -> None:
        """Nothing is left to do at the end."""

    @property
    def root(self) -> str:
        """The one folder that all of it unpacks into; "" where there is none."""
        tops = {name.partition("/")[0] for name in self.members}
        if len(tops) != 1:
            return ""
        top = tops.pop()
        alone = self.members.get(top)
        return top if alone is None or alone.kind == Kind.DIRECTORY else ""


class _Content:
    """A sink that remembers a file by the digest of its content."""

    def __init__(self, members: dict[str, Held], member: Member) -> None:
        self._hash = hashlib.sha256()
        self.feed = self._hash.update
        self._members, self._member = members, member

    def close(self) -> None:
        member = self._member
        held = Held(str(member.kind), member.size, member.mode, self._hash.hexdigest())
        self._members[member.name] = held


def listed(location: Path, name: str, limits: Limits, progress: Progress = None) -> Listing:
    """All members of an archive; Problem where it cannot be read to its end."""
    listing = Listing()
    report = walk(location, name, limits, [listing], progress)
    if not report.complete:
        why = report.problems[0].message if report.problems else ""
        raise Problem(f"{name} could not be read to its end. {why}".strip())
    return listing


def differences(old: Listing, new: Listing) -> Iterator[Line]:
    """What one has to do to the members of `old` to have those of `new`; by kind, then by name."""
    before, after = _below(old), _below(new)
    yield from _moves(before, after)
    both = sorted(before.keys() & after.keys())
    other = [path for path in both if _differs(before[path], after[path])]
    for path in other:
        yield _line(Change.CHANGED, path, before[path], after[path])
    for path in sorted(set(both).difference(other)):
        if before[path].mode != after[path].mode:
            yield _line(Change.MODE, path, before[path], after[path])


def _moves(before: dict[str, Held], after: dict[str, Held]) -> Iterator[Line]:
    """What came, left, or did both under two names."""
    gone = sorted(before.keys() - after.keys())
    come = sorted(after.keys() - before.keys())
    renamed = _renamed(
        [(each, before[each]) for each in gone], [(each, after[each]) for each in come]
    )
    left = set(renamed.values())
    for path in come:
        if path not in renamed:
            yield _line(Change.ADDED, path, None, after[path])
    for path in gone:
        if path not in left:
            yield _line(Change.REMOVED, path, before[path], None)
    for path, was in sorted(renamed.items()):
        yield _line(Change.RENAMED, path, before[was], after[path], was)


def _below(listing: Listing) -> dict[str, Held]:
    """The members by their names below the one folder."""
    if not (root := listing.root):
        return listing.members
    start = len(root) + 1
    return {name[start:]: held for name, held in listing.members.items() if name != root}


def _renamed(gone: list[tuple[str, Held]], come: list[tuple[str, Held]]) -> dict[str, str]:
    """The old name by the new one, of files whose content came again. Empty files say nothing."""
    known: dict[str, list[str]] = {}
    for path, held in reversed(gone):
        if held.kind == Kind.FILE and held.size:
            known.setdefault(held.content, []).append(path)
    return {
        path: known[held.content].pop()
        for path, held in come
        if held.kind == Kind.FILE and known.get(held.content)
    }


def _differs(one: Held, other: Held) -> bool:
    return (one.kind, one.content) != (other.kind, other.content)


def _line(change: Change, path: str, old: Held | None, new: Held | None, was: str = "") -> Line:
    shown = new or old
    return Line(
        str(change),
        path,
        was,
        shown.kind if shown else "",
        old.size if old else None,
        new.size if new else None,
        old.mode if old else None,
        new.mode if new else None,
    )
