"""Archives that are put together as some odd program might: well-formed but for what is drawn.

Random changes of an archive nearly always break it. Here the bytes are drawn from instead: they
choose members, names, dialects and, now and then, a field that is odd. Most of what comes out is
read without a word, and so has to be the same to other programs.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tests.checks.engine.archive import build
from tests.checks.engine.archive.build_zip import Zipped, descriptor, zipped
from tests.fuzz import archives

T = TypeVar("T")
MOST = 12  # members
NAMES = ("a", "b.txt", "LICENSE", "sub", "sub/c", "./d", "e/", "ä", "x" * 90, "y" * 110, "z z")
NUMBERS = (b"0000644\0", b"000644 \0", b"    644 ", b"0000755\0", b"\0" * 8, b"\x80" + bytes(7))
TIMES = (b"14000000000\0", b"0" * 11 + b" ", bytes(12), b"\x80" + bytes(10) + b"\1", b"\xff" * 12)
MAGICS = (build.USTAR, build.USTAR, build.GNU, b"", b"ustar\0  ", b"ustar\x0000"[:8])
TYPES = (b"0", b"0", b"0", b"\0", b"5", b"2", b"1", b"7", b"x", b"g", b"L", b"K", b"V", b"A")
KEYS = ("path", "linkpath", "size", "mtime", "comment", "uid", "hdrcharset", "SCHILY.xattr.a")


class Draw:
    """Draws from bytes until there are none; then the first of everything."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def number(self, below: int) -> int:
        return next(self._data, 0) % below

    def one(self, of: Sequence[T]) -> T:
        return of[self.number(len(of))]

    def rarely(self) -> bool:
        return next(self._data, 0) > 240

    def text(self, most: int = 12) -> bytes:
        return bytes(next(self._data, 97) for _ in range(self.number(most)))

    def left(self) -> bool:
        byte = next(self._data, None)
        return byte is not None and byte != 255


def tar_of(data: bytes) -> bytes:
    draw = Draw(data)
    parts = []
    while draw.left() and len(parts) < MOST:
        parts.extend(_tar_member(draw))
    end = draw.one((bytes(1024), bytes(10240), bytes(512), b"", bytes(1024) + b"x"))
    return build.tar(*parts, end=end)


def _tar_member(draw: Draw) -> Iterator[bytes]:
    name = f"t-1/{draw.one(NAMES)}".encode()
    if draw.rarely():
        name = name[: draw.number(8)] + draw.text() + name[8:]
    type_, content = draw.one(TYPES), draw.text(40) * draw.one((0, 1, 30, 600))
    if type_ in b"xg":
        keys = [draw.one(KEYS) for _ in range(draw.number(3))]
        values = [draw.one((name.decode("utf-8", "replace"), "0", "1.5")) for _ in keys]
        content = b"".join(map(build.record, keys, values)) + draw.text(2)
    elif type_ in b"LK":
        content = name + draw.one((b"\0", b"", b"\0\0", b"\0x"))
    elif type_ in b"521" and not draw.rarely():
        content = b""
    target = draw.one(("LICENSE", "t-1/LICENSE", "a", "t-1/a", "../x", ""))
    more = {"prefix": b"t-1/p" if draw.rarely() else b"", "magic": draw.one(MAGICS)}
    block = build.file(name[:100], content, type_=type_, target=target * (type_ in b"21"), **more)
    for at, fields in ((100, NUMBERS), (108, NUMBERS), (136, TIMES), (329, NUMBERS)):
        if draw.rarely():
            block = build.renumbered(block, at, draw.one(fields))
    if draw.rarely():
        block = build.renumbered(block, draw.number(250) * 2, draw.text(4))
    yield block


def tar(data: bytes) -> None:
    """A tar as it is drawn."""
    archives.tar(tar_of(data))


FLAGS = (0, 1 << 11, 8, 8 | 1 << 11, 2, 1)
MODES = (0, 0o100644, 0o100755, 0o040755, 0o120777, 0o104755)
EXTRAS = (b"", struct.pack("<2H", 0x5455, 5) + b"\1\0\0\0\0", struct.pack("<2H", 0x7075, 0), b"\0")


def zip_of(data: bytes) -> bytes:
    draw = Draw(data)
    members = []
    while draw.left() and len(members) < MOST:
        members.append(_zip_member(draw))
    return zipped(*members, comment=draw.text(4) if draw.rarely() else b"")


def _zip_member(draw: Draw) -> Zipped:
    name = f"t-1/{draw.one(NAMES)}".encode(draw.one(("utf-8", "cp437")))
    if draw.rarely():
        name = name[: draw.number(8)] + draw.text() + name[8:]
    content = draw.text(40) * draw.one((0, 1, 30, 600)) * (not name.endswith(b"/"))
    made = Zipped(name, content, draw.one((8, 0)), draw.one(FLAGS), extra=draw.one(EXTRAS))
    made.attributes = draw.one(MODES) if draw.rarely() else 0
    if made.flags & 8:
        made.local = {"crc": 0, "packed": 0, "size": 0} if draw.number(4) else {}
        made.behind = descriptor(content, len(made.content()), signed=not draw.rarely())
    if draw.rarely():
        headers = made.local if draw.number(2) else made.central
        headers[draw.one(("flags", "method", "crc", "packed", "size", "offset"))] = draw.number(99)
    if draw.rarely():
        made.behind += draw.text(6)
    return made


def zip_(data: bytes) -> None:
    """A zip as it is drawn."""
    archives.zip_(zip_of(data))
