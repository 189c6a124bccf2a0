"""The id that git and Software Heritage give to a folder, taken from an archive as it goes by.

Two archives of the same files have the same id, however they are packed: and so has the tree of
the commit they were made from (`git rev-parse COMMIT^{tree}`), if nothing was added or left out.
https://www.swhid.org/specification/v1.2/5.Core_identifiers/
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from checks.engine.archive import Kind, Member
from checks.engine.tree import Tops

_PLAIN, _RUNS, _LINK, _FOLDER = b"100644", b"100755", b"120000", b"40000"
_ANY_RUN = 0o111


class Entry(NamedTuple):
    """What lies at a path: git's mode for it, and the id of its content."""

    mode: bytes
    id: bytes


class Ids(NamedTuple):
    """The ids of the one folder an archive unpacks into. `content` is the id that the folder has
    when nothing in it may be executed: equal where two archives differ in modes alone."""

    root: str
    tree: str
    content: str

    @property
    def swhid(self) -> str:
        return f"swh:1:dir:{self.tree}"


class _Blob:
    """A sink that computes the id of a file's content."""

    __slots__ = ("_entries", "_hash", "_mode", "_path", "feed")

    def __init__(self, entries: dict[str, Entry], member: Member) -> None:
        self._hash = hashlib.sha1(b"blob %d\0" % member.size, usedforsecurity=False)
        self.feed = self._hash.update
        self._entries = entries
        self._path = member.name
        self._mode = _RUNS if member.mode & _ANY_RUN else _PLAIN

    def close(self) -> None:
        self._entries[self._path] = Entry(self._mode, self._hash.digest())


class GitTree:
    """Gathers the entries of one archive: a visitor of the archive reader, or a part of one."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._links: dict[str, str] = {}
        self._tops = Tops()
        self._odd = False

    def member(self, member: Member) -> _Blob | None:
        self._tops.add(member)
        if member.kind is Kind.FILE:
            return _Blob(self._entries, member)
        if member.kind is Kind.SYMLINK:
            target = member.target.encode("utf-8", "surrogateescape")
            self._entries[member.name] = Entry(_LINK, blob_id(target))
        elif member.kind is Kind.HARDLINK:
            self._link(member)
        return None

    def finish(self) -> None:
        """Nothing is left to do at the end."""

    def ids(self) -> Ids | None:
        """The ids; None where the archive does not unpack into one folder, or into none that git
        could hold. Folders in which no file lies do not count: git has no such thing."""
        folders = self._tops.folders
        if self._odd or len(folders) != 1 or self._tops.others:
            return None
        root = folders[0]
        below = {
            path.removeprefix(f"{root}/"): entry
            for path, entry in self._entries.items()
            if path.startswith(f"{root}/")
        }
        if any(_is_odd(path) for path in below):
            return None
        plain = {
            path: entry._replace(mode=_PLAIN) if entry.mode == _RUNS else entry
            for path, entry in below.items()
        }
        tree, content = tree_id(below), tree_id(plain)
        return Ids(root, tree, content) if tree and content else None

    def _link(self, member: Member) -> None:
        """A hard link is the same file again."""
        target = self._entries.get(member.target.removeprefix("./"))
        if target is None:
            self._odd = True
        else:
            self._entries[member.name] = target


def blob_id(content: bytes) -> bytes:
    """The id of a file's content."""
    return _object(b"blob", content)


def tree_id(entries: dict[str, Entry]) -> str:
    """The id of a folder by what lies at each path in it; "" if a path is both file and folder."""
    below: dict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
    folders = {""}
    for path, entry in entries.items():
        folder, _, name = path.rpartition("/")
        below[folder].append(_line(name, entry))
        while folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    if not folders.isdisjoint(entries):
        return ""
    for folder in sorted(folders - {""}, key=lambda path: path.count("/"), reverse=True):
        above, _, name = folder.rpartition("/")
        below[above].append(_line(name, Entry(_FOLDER, _tree(below[folder]))))
    return _tree(below[""]).hex()


def _line(name: str, entry: Entry) -> tuple[bytes, bytes]:
    """What git sorts an entry of a folder by, and what it writes for it."""
    raw = name.encode("utf-8", "surrogateescape")
    key = raw + b"/" if entry.mode == _FOLDER else raw
    return key, b"%b %b\0%b" % (entry.mode, raw, entry.id)


def _tree(lines: Iterable[tuple[bytes, bytes]]) -> bytes:
    return _object(b"tree", b"".join(line for _, line in sorted(lines)))


def _object(kind: bytes, content: bytes) -> bytes:
    header = b"%b %d\0" % (kind, len(content))
    return hashlib.sha1(header + content, usedforsecurity=False).digest()


def _is_odd(path: str) -> bool:
    """Whether git could not hold the path, or its bytes are not known any more."""
    return "\ufffd" in path or not {"", ".", ".."}.isdisjoint(path.split("/"))
