"""Builds archives byte by byte, so that each can have exactly one thing wrong with it."""

import gzip
import struct
from collections.abc import Iterable
from pathlib import Path

from checks.engine.archive import Kind, Member, Report, walk
from checks.engine.model import Level, Limits

END = bytes(1024)
DEFAULT = Limits()
USTAR = b"ustar\x0000"
GNU = b"ustar  \x00"


def header(
    name: str | bytes,
    size: int | bytes = 0,
    type_: bytes = b"0",
    target: str = "",
    mode: int = 0o644,
    magic: bytes = USTAR,
    prefix: bytes = b"",
    sum_off_by: int = 0,
) -> bytes:
    """A tar header with a right checksum, unless `sum_off_by` says otherwise."""
    raw = name.encode() if isinstance(name, str) else name
    length = b"%011o\0" % size if isinstance(size, int) else size
    block = struct.pack(
        "100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12x",
        raw,
        b"%07o\0" % mode,
        b"0000000\0",
        b"0000000\0",
        length,
        b"00000000000\0",
        b"        ",
        type_,
        target.encode(),
        magic,
        b"",
        b"",
        b"",
        b"",
        prefix,
    )
    total = b"%06o\0 " % (sum(block) + sum_off_by)
    return block[:148] + total + block[156:]


def renumbered(entry: bytes, at: int, field: bytes) -> bytes:
    """A member whose header has another field there, with the checksum that it then needs."""
    block = bytearray(entry[:512])
    block[at : at + len(field)] = field
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + entry[512:]


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def file(name: str | bytes, data: bytes = b"", **more) -> bytes:
    """A file: header and content."""
    return header(name, len(data), **more) + padded(data)


def directory(name: str, **more) -> bytes:
    return header(name, type_=b"5", mode=more.pop("mode", 0o755), **more)


def symlink(name: str, target: str) -> bytes:
    return header(name, type_=b"2", target=target, mode=0o777)


def hardlink(name: str, target: str) -> bytes:
    return header(name, type_=b"1", target=target)


def record(key: str | bytes, value: str | bytes) -> bytes:
    """One pax record with its length, which counts its own digits."""
    text = b"%b=%b\n" % (
        key.encode() if isinstance(key, str) else key,
        value.encode() if isinstance(value, str) else value,
    )
    length = len(text) + 2
    while len(b"%d " % length) + len(text) != length:
        length += 1
    return b"%d " % length + text


def extended(*records: bytes, type_: bytes = b"x") -> bytes:
    return file("PaxHeaders/x", b"".join(records), type_=type_)


def long_name(name: str | bytes, type_: bytes = b"L") -> bytes:
    raw = name.encode() if isinstance(name, str) else name
    return file("././@LongLink", raw + b"\0", type_=type_, magic=GNU)


def tar(*parts: bytes, end: bytes = END) -> bytes:
    """A small good tree, and then the parts."""
    return directory("t-1/") + file("t-1/LICENSE", b"Apache\n") + b"".join(parts) + end


def tar_gz(*parts: bytes, end: bytes = END) -> bytes:
    return gzip.compress(tar(*parts, end=end), mtime=0)


class Seen:
    """A visitor that keeps everything: members, and the content of files."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.content: dict[str, bytes] = {}
        self.finished = 0

    def member(self, member: Member) -> "_Kept | None":
        self.members.append(member)
        if member.kind is not Kind.FILE:
            return None
        return _Kept(self, member.name)

    def finish(self) -> None:
        self.finished += 1

    @property
    def names(self) -> list[str]:
        return [member.name for member in self.members]


class _Kept:
    def __init__(self, seen: Seen, name: str) -> None:
        self.seen, self.name, self.data, self.closed = seen, name, b"", False

    def feed(self, block: bytes) -> None:
        assert not self.closed
        self.data += block

    def close(self) -> None:
        assert not self.closed, "closed twice"
        self.closed = True
        self.seen.content[self.name] = self.data


def read(folder: Path, name: str, data: bytes, limits: Limits = DEFAULT) -> tuple[Report, Seen]:
    """Have an archive read that consists of these bytes."""
    path = folder / "archive"
    path.write_bytes(data)
    seen = Seen()
    return walk(path, name, limits, [seen]), seen


def found(report: Report) -> dict[str, Level]:
    """The codes of the report's problems, each with its highest level."""
    order = list(Level)
    codes: dict[str, Level] = {}
    for problem in report.problems:
        before = codes.get(problem.code, Level.NOTE)
        codes[problem.code] = max(before, problem.level, key=order.index)
    return codes


def many(parts: Iterable[bytes]) -> bytes:
    return b"".join(parts)
