"""The headers of many members of a tar at once, where they are as nearly all programs write them.

Each field of all headers is a column, and each question is put to a column in one call: that takes
half the time of reading them one by one. Nothing is judged here: where anything is otherwise, no
member is taken, and the headers are read one by one.
"""

import re
import struct
from functools import lru_cache
from itertools import repeat
from typing import cast

from isal.isal_zlib import adler32

from checks.engine.archive.header import BLOCK, are_numbers, mode_of
from checks.engine.archive.model import Kind

# Its name, kind, mode and content, and how many bytes its extended header takes.
Entry = tuple[str, Kind, int, bytes, int]
_Row = tuple[str, Kind | None, int, bytes, int]  # the same, or an extended header

MANY = 64  # members at once
FEW = 8  # fewer are not worth it

# Name, mode, owner; size and time; checksum, type, device, and the first byte of the prefix.
_FIELDS = struct.Struct("<100s8s16s24s8sc172x16sB166x")
_NUMBERS = re.compile(rb"(?:[0-7]{11}[\0 ][0-7]{11}[\0 ])*")
_SUMS = re.compile(rb"(?:[0-7]{6}[\0 ]{2}|[0-7]{7}[\0 ])*")
_FILE, _FOLDER = Kind.FILE, Kind.DIRECTORY
_KINDS = {b"0": _FILE, b"\0": _FILE, b"5": _FOLDER, b"x": None}

# Records of an extended header that need no judgement: times, and a path of a hundred bytes or
# more, which the header cannot hold.
_RECORD = re.compile(
    rb"([1-9][0-9]{0,3}) (?:([acm]time)=[0-9]{1,18}(?:\.[0-9]*)?|(path)=([ -~]{100,}))\n"
)
_TYPES = b"".join(_KINDS)
_NUL = b"\0"
_USTAR, _STAR = b"ustar\0", b"tar\0"  # a prefix is part of the path: with this, and without that


def stretch(buffer: bytes, at: int, longest: int) -> tuple[list[Entry], int]:
    """Members that lie whole in the buffer from `at` on, and where they end; none where one of
    their headers is remarkable in any way. `longest` is how long an extended one may be."""
    starts, sizes, end = _starts(buffer, at)
    headers = [buffer[start - BLOCK : start] for start in starts]
    together = b"".join(headers)
    if len(starts) < FEW or not together.isascii():
        return [], at
    columns = zip(*_FIELDS.iter_unpack(together), strict=True)
    names, modes, owners, numbers, sums, types, devices, prefixes = columns
    if not (
        _NUMBERS.fullmatch(b"".join(numbers))
        and _SUMS.fullmatch(b"".join(sums))
        and all(map(are_numbers, map(b"".join, set(zip(modes, owners, devices, strict=True)))))
        and [adler32(header) & 0xFFFF for header in headers] == list(map(_expected, sums))
    ):
        return [], at
    kinds = [_KINDS[type_] for type_ in types]
    paths = _paths(names, headers if any(prefixes) else ())
    if not paths or not _are_said(paths, kinds, sizes):
        return [], at
    known = {mode: mode_of(mode) for mode in set(modes)}
    contents = [buffer[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    rows: list[_Row] = [*zip(paths, kinds, [known[mode] for mode in modes], contents, repeat(0))]
    if None not in kinds:
        return cast("list[Entry]", rows), end
    if kinds[-1] is None:  # the member that it is of does not lie in the buffer
        end = starts[-1] - BLOCK
        rows.pop()
    members = _extended(rows, longest)
    return (members, end) if members else ([], at)


def _extended(rows: list[_Row], longest: int) -> list[Entry]:
    """The members with what extended headers say of them; [] where that needs a closer look."""
    members: list[Entry] = []
    path, overhead = "", 0
    for name, kind, mode, content, _ in rows:
        if kind is not None:
            if kind is _FILE and path.endswith("/"):
                return []
            members.append((path or name, kind, mode, content, overhead))
            path, overhead = "", 0
        elif overhead or len(content) > longest or (told := long_path(content)) is None:
            return []
        else:
            path, overhead = told, BLOCK + len(content)
    return [] if overhead else members


@lru_cache(256)  # the members of a release may all have one time
def long_path(data: bytes) -> str | None:
    """The path that an extended header gives, "" if it gives none; None where it says more."""
    path, at, known = b"", 0, set()
    for record in _RECORD.finditer(data):
        length, time, key, value = record.groups()
        if record.start() != at or int(length) != record.end() - at:
            return None
        known.add(time or key)
        path, at = value or path, record.end()
    return path.decode() if at == len(data) and data.count(b"\n") == len(known) else None


def _starts(buffer: bytes, at: int) -> tuple[list[int], list[int], int]:
    """Where contents begin, if each is as long as the header in front of it says; how long; and the
    end of all."""
    starts: list[int] = []
    sizes: list[int] = []
    limit = len(buffer)
    try:
        while len(starts) < MANY:
            size = int(buffer[at + 124 : at + 135], 8)
            start = at + BLOCK
            behind = start + (size + BLOCK - 1 & -BLOCK)
            if behind > limit or size < 0 or buffer[at + 156] not in _TYPES:
                break
            starts.append(start)
            sizes.append(size)
            at = behind
    except ValueError:  # no header, or one that writes its size in another way
        pass
    return starts, sizes, at


@lru_cache(1 << 14)  # the sums of an archive's headers lie close to one another
def _expected(checksum: bytes) -> int:
    """The lower half of Adler-32 for a header with this checksum: a sum, and one. The checksum
    counts its own field as spaces. Bytes of ASCII are so few here that the sum fits in."""
    return int(checksum.rstrip(b"\0 "), 8) + sum(checksum) - 8 * ord(" ") + 1


def _paths(names: tuple[bytes, ...], headers: list[bytes] | tuple[()]) -> list[str]:
    """The names up to their first NUL, with their prefixes if there are headers to look for them;
    [] where one of them needs a closer look."""
    together = b"\n".join([name.rstrip(_NUL) for name in names])
    paths = together.decode("ascii").split("\n")
    if _NUL in together or len(paths) != len(names):
        return []
    for place, header in enumerate(headers):
        if header[345]:
            if header[257:263] != _USTAR or header.endswith(_STAR):
                return []
            prefix = header[345:500].partition(_NUL)[0].decode("ascii")
            paths[place] = f"{prefix}/{paths[place]}"
    return paths


def _are_said(paths: list[str], kinds: list[Kind | None], sizes: list[int]) -> bool:
    """Whether all are what their headers say: files, and directories without content."""
    if _FOLDER not in kinds:
        return not paths[-1].endswith("/") and "/\n" not in "\n".join(paths)
    return not any(
        size if kind is _FOLDER else kind is _FILE and path.endswith("/")
        for path, kind, size in zip(paths, kinds, sizes, strict=True)
    )
