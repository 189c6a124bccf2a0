"""The id that git and Software Heritage give to a folder, taken from an archive as it goes by.

Two archives of the same files have the same id, however they are packed: and so has the tree of
the commit they were made from (`git rev-parse COMMIT^{tree}`), if nothing was added or left out.
https://www.swhid.org/specification/v1.2/5.Core_identifiers/
"""

import hashlib
from collections.abc import Collection
from functools import partial
from typing import NamedTuple

from checks.engine.archive import Batch, Kind, Member, show
from checks.engine.tree import Tops

_FILE = Kind.FILE
_PLAIN, _RUNS, _LINK, _FOLDER = b"100644", b"100755", b"120000", b"40000"
_RUN_LINE = _RUNS + b" "
_ANY_RUN = 0o111
_ODD_ENDS = ("/", "/.", "/..")


class Entry(NamedTuple):
    """What lies at a path: git's mode for it, and the id of its content."""

    mode: bytes
    id: bytes


_SHA1 = hashlib.sha1(usedforsecurity=False)  # a copy is made in half the time of a new one
_ENTRY = partial(tuple.__new__, Entry)  # without the call of Python that `Entry(…)` is


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

    def batch(self, members: Batch) -> None:
        """Many members, each with its content."""
        copy, entries = _SHA1.copy, self._entries
        self._tops.batch(members)
        for each in members:
            (name, _, kind, size, mode, _), _, content = each
            if kind is not _FILE:
                show(self, (each,))
                continue
            hash_ = copy()
            hash_.update(b"blob %d\0" % size)
            hash_.update(content)
            entries[name] = _ENTRY((_RUNS if mode & _ANY_RUN else _PLAIN, hash_.digest()))

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
        lines = _lines(self._entries, folders[0])
        if lines is None:
            return None
        tree, content = _root_ids(lines, folders[0])
        return Ids(folders[0], tree, content)

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


# What lies in each folder: for each entry its name, to sort by, and its line in the object.
Lines = dict[str, list[tuple[bytes, bytes]]]


def _lines(entries: dict[str, Entry], root: str) -> Lines | None:
    """The lines of files and links in all folders from `root` down; None where git cannot hold
    the tree."""
    lines: Lines = {root: []}
    for path, entry in entries.items():
        folder, _, name = path.rpartition("/")
        if folder not in lines:
            if folder != root and not folder.startswith(f"{root}/"):
                continue  # beside the root lies what macOS adds
            _open(folder, lines)
        raw = name.encode("utf-8", "surrogateescape")
        mode, id_ = entry
        lines[folder].append((raw, b"%b %b\0%b" % (mode, raw, id_)))
    if any(folder in entries or _is_odd(folder) for folder in lines) or _has_odd(entries):
        return None
    return lines


def _has_odd(paths: Collection[str]) -> bool:
    """Whether git could not hold a file of one of these paths. A look at all of them together tells
    of nearly all archives that none is of this kind."""
    together = "\n".join(paths) + "\n"
    if not any(sign in together for sign in ("\\", *(f"{end}\n" for end in _ODD_ENDS))):
        return False
    return any("\\" in path or path.endswith(_ODD_ENDS) for path in paths)


def _root_ids(lines: Lines, root: str) -> tuple[str, str]:
    """The id of the folder `root`, and that of its content, from the deepest folders up. The second
    is another one only of folders below which something may be executed; `lines` is used up."""
    plain: Lines = {}  # what lies in such folders, with nothing that may be executed
    for folder in sorted(lines, key=_depth, reverse=True):
        own = lines[folder]
        plain_own = plain.pop(folder, None)
        if plain_own is not None or any(line.startswith(_RUN_LINE) for _, line in own):
            plain_own = _merged(own, plain_own or [])
        id_ = _tree(own)
        content = id_ if plain_own is None else _tree(plain_own)
        if folder == root:
            break
        above, _, name = folder.rpartition("/")
        raw = name.encode("utf-8", "surrogateescape")
        lines[above].append((raw + b"/", b"%b %b\0%b" % (_FOLDER, raw, id_)))
        if content != id_:
            line = raw + b"/", b"%b %b\0%b" % (_FOLDER, raw, content)
            plain.setdefault(above, []).append(line)
    return id_.hex(), content.hex()


def _merged(
    lines: list[tuple[bytes, bytes]], changed: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    """The same lines, of files that may not be executed, and with folders that changed by that."""
    names = {raw for raw, _ in changed}
    return [*((raw, _not_run(line)) for raw, line in lines if raw not in names), *changed]


def _not_run(line: bytes) -> bytes:
    return _PLAIN + line[len(_PLAIN) :] if line.startswith(_RUN_LINE) else line


def _open(folder: str, lines: Lines) -> None:
    """Know a folder and all above it, up to one that is known."""
    while folder not in lines:
        lines[folder] = []
        folder = folder.rpartition("/")[0]


def _depth(path: str) -> int:
    return path.count("/")


def _tree(lines: list[tuple[bytes, bytes]]) -> bytes:
    """Git sorts by name, and takes a folder's name as if it ended with a slash."""
    lines.sort()
    return _object(b"tree", b"".join([line for _, line in lines]))


def _object(kind: bytes, content: bytes) -> bytes:
    header = b"%b %d\0" % (kind, len(content))
    return hashlib.sha1(header + content, usedforsecurity=False).digest()


def _is_odd(folder: str) -> bool:
    """Whether git could not hold a folder of this path."""
    return not {"", ".", ".."}.isdisjoint(folder.split("/"))
