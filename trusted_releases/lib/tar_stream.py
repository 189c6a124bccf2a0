"""Files out of a tar as it comes: a transport for folders, read once, in little memory.

Only what folders of files need is understood: files and directories, with names of ustar, pax and
GNU. Links, devices, sparse files and anything else are refused, not passed over. Every header has a
bound before it is read. (What an archive of a release holds is another matter: the checks read it.)
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trusted_releases.lib.errors import BadInput

BLOCK = 512
PIECE = 1 << 20  # bytes of a file's content that are given at once
LONGEST_HEADER = 64 << 10  # bytes of one pax header, or one long name
MOST_FILLING = 4 << 20  # bytes after its end
MOST_HEADERS = 8  # such headers before one member
CUT = "The tar was cut short: not all of it arrived. Send it again."
DAMAGED = "This is no tar, or it is damaged. Is it compressed? Send it as it is: tar -cf -"
KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a named pipe",
    b"S": "a sparse file",
    b"M": "a part of a file of several volumes",
}
_PAX_LENGTH = re.compile(rb"(\d{1,10}) ")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the tar. `content` gives its bytes once, before the next member is asked for."""

    name: str
    size: int
    content: Iterator[bytes]


@dataclass(slots=True)
class _Header:
    """One block before a member, as far as it is needed."""

    name: bytes
    size: int
    kind: bytes


class TarStream:
    """The files of a tar. `read(n)` gives up to n bytes of it, and b"" at its end; of `most`
    members, directories and all, one more is refused."""

    def __init__(self, read: Callable[[int], bytes], *, most: int) -> None:
        self._read, self._most = read, most
        self._left = 0  # bytes of the present content that nobody has taken

    def __iter__(self) -> Iterator[Member]:
        count = 0
        while (found := self._next()) is not None:
            count += 1
            if count > self._most:
                raise BadInput(f"The tar has more than {self._most} members.")
            name, header = found
            if header.kind == b"5" or (header.kind in (b"0", b"\0") and name.endswith("/")):
                if header.size:
                    raise BadInput(DAMAGED)
                continue
            if header.kind not in (b"0", b"\0", b"7"):
                what = KINDS.get(header.kind, "of a kind that is not understood")
                raise BadInput(
                    f"{name} in the tar is {what}. A release has files only: send what it leads to "
                    "under that name, or leave it out."
                )
            self._left = header.size
            yield Member(name, header.size, self._content())
            for _ in self._content():  # what nobody took
                pass
            self._pad(header.size)

    def _next(self) -> tuple[str, _Header] | None:
        """The next member's name and header, with what the headers before it say."""
        said: dict[str, bytes] = {}
        for _ in range(MOST_HEADERS):
            header = self._header()
            if header is None:
                return None
            if header.kind in (b"x", b"g"):
                pax = _pax(self._bounded(header.size))
                said |= pax if header.kind == b"x" else {}
            elif header.kind == b"L":
                said["path"] = self._bounded(header.size).rstrip(b"\0")
            else:
                return _named(header, said)
        raise BadInput(DAMAGED)

    def _header(self) -> _Header | None:
        block = self._exactly(BLOCK)
        if not block.strip(b"\0"):
            filled = 0  # what follows is filling: read, so that the sender gets to the end
            while filled <= MOST_FILLING and (piece := self._read(PIECE)):
                filled += len(piece)
            return None
        checked = sum(block[:148]) + 8 * ord(" ") + sum(block[156:])
        if _number(block[148:156]) != checked:
            raise BadInput(DAMAGED)
        name, prefix = (part.partition(b"\0")[0] for part in (block[:100], block[345:500]))
        if block[257:263] == b"ustar\0" and prefix:
            name = prefix + b"/" + name
        return _Header(name, _number(block[124:136]), block[156:157])

    def _bounded(self, size: int) -> bytes:
        if size > LONGEST_HEADER:
            raise BadInput(DAMAGED)
        content = self._exactly(size)
        self._pad(size)
        return content

    def _content(self) -> Iterator[bytes]:
        while self._left:
            piece = self._read(min(PIECE, self._left))
            if not piece:
                raise BadInput(CUT)
            self._left -= len(piece)
            yield piece

    def _pad(self, size: int) -> None:
        self._exactly(-size % BLOCK)

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            piece = self._read(size - len(found))
            if not piece:
                raise BadInput(CUT)
            found += piece
        return bytes(found)


def _named(header: _Header, said: dict[str, bytes]) -> tuple[str, _Header]:
    """The member with what extended headers say of it."""
    if any(key.startswith("GNU.sparse") for key in said):
        header = _Header(header.name, header.size, b"S")
    if "size" in said:
        if not said["size"].isdigit() or len(said["size"]) > 18:
            raise BadInput(DAMAGED)
        header.size = int(said["size"])
    name = said.get("path", header.name)
    return name.decode("utf-8", "surrogateescape"), header


def _number(field: bytes) -> int:
    """A number of a header: octal digits, or bytes where there are too few."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    if not re.fullmatch(rb"[0-7]*", text):
        raise BadInput(DAMAGED)
    return int(text or b"0", 8)


def _pax(content: bytes) -> dict[str, bytes]:
    """The records of a pax header: `25 path=some/name\\n`."""
    found: dict[str, bytes] = {}
    while content.strip(b"\0"):
        length = _PAX_LENGTH.match(content)
        record = content[: int(length[1])] if length else b""
        key, equals, value = record[length.end() :].partition(b"=") if length else (b"", b"", b"")
        if not equals or not record.endswith(b"\n") or len(record) != int(length[1]):  # type: ignore[index]
            raise BadInput(DAMAGED)
        found[key.decode("utf-8", "replace")] = value[:-1]
        content = content[len(record) :]
    return found
