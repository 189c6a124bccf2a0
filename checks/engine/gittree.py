"""The id that git and Software Heritage give to a folder, taken from an archive as it goes by.

Two archives of the same files have the same id, however they are packed: and so has the tree of
the commit they were made from (`git rev-parse COMMIT^{tree}`), if nothing was added or left out.
https://www.swhid.org/specification/v1.2/5.Core_identifiers/
"""

import hashlib
from typing import NamedTuple

from checks.engine.archive import Batch, Kind, Member, show
from checks.engine.tree import Tops

_FILE = Kind.FILE
_PLAIN, _RUNS, _LINK, _FOLDER = b"100644 ", b"100755 ", b"120000 ", b"40000 "
_MODE = len(_PLAIN)  # bytes in front of the name of what is no folder
_ID = hashlib.sha1(usedforsecurity=False).digest_size
_ANY_RUN = 0o111
_ODD_NAMES = {b"", b".", b".."}

_SHA1 = hashlib.sha1(usedforsecurity=False)  # a copy is made in half the time of a new one

# What lies in a folder, by its name as bytes: its line in git's object, which is a mode, the name,
# and an id. Of folders, the name here ends with the slash by which they are sorted.
Lines = dict[bytes, bytes]


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

    __slots__ = ("_hash", "_lines", "_start", "feed")

    def __init__(self, lines: Lines, member: Member, name: bytes) -> None:
        self._hash = hashlib.sha1(b"blob %d\0" % member.size, usedforsecurity=False)
        self.feed = self._hash.update
        self._lines = lines
        self._start = (_RUNS if member.mode & _ANY_RUN else _PLAIN) + name

    def close(self) -> None:
        self._lines[self._start[_MODE:]] = self._start + b"\0" + self._hash.digest()


class GitTree:
    """Gathers what one archive holds: a visitor of the archive reader, or a part of one."""

    def __init__(self) -> None:
        self._folders: dict[str, Lines] = {}
        self._tops = Tops()
        self._odd = False

    def batch(self, members: Batch) -> None:
        """Many members, each with its content."""
        copy, folders = _SHA1.copy, self._folders
        self._tops.batch(members)
        folder, lines = "", folders.setdefault("", {})
        for each in members:
            (path, _, kind, size, mode, _), name, content = each
            if kind is not _FILE:
                show(self, (each,))
                continue
            hash_ = copy()
            hash_.update(b"blob %d\0" % size)
            hash_.update(content)
            raw = name.encode("utf-8", "surrogateescape")
            above = path[: -len(name) - 1]
            if above != folder:  # nearly all lie where the one before them lay
                folder, lines = above, folders.setdefault(above, {})
            lines[raw] = (_RUNS if mode & _ANY_RUN else _PLAIN) + raw + b"\0" + hash_.digest()

    def member(self, member: Member) -> _Blob | None:
        self._tops.add(member)
        if member.kind is Kind.DIRECTORY:
            return None
        folder, name = _split(member.name)
        lines = self._folders.setdefault(folder, {})
        if member.kind is Kind.FILE:
            return _Blob(lines, member, name)
        if member.kind is Kind.SYMLINK:
            target = member.target.encode("utf-8", "surrogateescape")
            lines[name] = _LINK + name + b"\0" + blob_id(target)
        else:
            self._link(member.target.removeprefix("./"), lines, name)
        return None

    def finish(self) -> None:
        """Nothing is left to do at the end."""

    def ids(self) -> Ids | None:
        """The ids; None where the archive does not unpack into one folder, or into none that git
        could hold. Folders in which no file lies do not count: git has no such thing."""
        tops = self._tops.folders
        if self._odd or len(tops) != 1 or self._tops.others:
            return None
        root = tops[0]
        below = f"{root}/"  # beside the root lies what macOS adds
        folders = {root: self._folders.get(root, {})}
        for folder, lines in self._folders.items():
            if folder.startswith(below):
                _open(folder, folders)
                folders[folder] = lines
        if any(map(_has_odd, folders.values())) or any(map(self._is_taken, folders)):
            return None
        tree, content = _root_ids(folders, root)
        return Ids(root, tree, content)

    def _link(self, target: str, lines: Lines, name: bytes) -> None:
        """A hard link is the same file again."""
        line = self._line(target)
        if line is None:
            self._odd = True
        else:
            lines[name] = line[:_MODE] + name + line[-_ID - 1 :]

    def _is_taken(self, folder: str) -> bool:
        """Whether git could not hold a folder of this path: something else has it, or a part of it
        leads elsewhere."""
        is_odd = "\\" in folder or not {"", ".", ".."}.isdisjoint(folder.split("/"))
        return is_odd or self._line(folder) is not None

    def _line(self, path: str) -> bytes | None:
        """The line of what lies at a path; None where nothing does but a folder."""
        folder, name = _split(path)
        return self._folders.get(folder, {}).get(name)


def blob_id(content: bytes) -> bytes:
    """The id of a file's content."""
    return _object(b"blob", content)


def _has_odd(lines: Lines) -> bool:
    """Whether git could not hold what is called like one of these. A look at all of them together
    tells of nearly all folders that none is of this kind."""
    return b"\\" in b"/".join(lines) or not lines.keys().isdisjoint(_ODD_NAMES)


def _open(folder: str, folders: dict[str, Lines]) -> None:
    """Know a folder and all above it, up to one that is known."""
    while folder not in folders:
        folders[folder] = {}
        folder = folder.rpartition("/")[0]


def _root_ids(folders: dict[str, Lines], root: str) -> tuple[str, str]:
    """The id of the folder `root`, and that of its content, from the deepest folders up. The second
    is another one only of folders below which something may be executed."""
    plain: dict[str, Lines] = {}  # folders that lie in these, as they are with nothing of that
    for folder in sorted(folders, key=_depth, reverse=True):
        lines, changed = folders[folder], plain.pop(folder, {})
        tree = _tree(lines)
        id_ = content = _object(b"tree", tree)
        if changed or _RUNS in tree:
            not_run = {name: _not_run(line) for name, line in lines.items()}
            content = _object(b"tree", _tree(not_run | changed))
        if folder == root:
            break
        above, name = _split(folder)
        folders[above][name + b"/"] = _FOLDER + name + b"\0" + id_
        if content != id_:
            plain.setdefault(above, {})[name + b"/"] = _FOLDER + name + b"\0" + content
    return id_.hex(), content.hex()


def _not_run(line: bytes) -> bytes:
    return _PLAIN + line[_MODE:] if line.startswith(_RUNS) else line


def _split(path: str) -> tuple[str, bytes]:
    """The folder of what lies at a path, and its name there."""
    folder, _, name = path.rpartition("/")
    return folder, name.encode("utf-8", "surrogateescape")


def _depth(path: str) -> int:
    return path.count("/")


def _tree(lines: Lines) -> bytes:
    """Git sorts by name, and takes a folder's name as if it ended with a slash."""
    return b"".join(map(lines.__getitem__, sorted(lines)))


def _object(kind: bytes, content: bytes) -> bytes:
    header = b"%b %d\0" % (kind, len(content))
    return hashlib.sha1(header + content, usedforsecurity=False).digest()
