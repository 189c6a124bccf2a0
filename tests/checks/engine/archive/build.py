"""Builds archives byte by byte, so that each can have exactly one thing wrong with it."""

import gzip
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass
class Zipped:
    """One member of a zip. `local` and `central` override what the two headers say."""

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    attributes: int = 0
    extra: bytes = b""
    version: int = 20
    date: int = 0x21
    local: dict = field(default_factory=dict)
    central: dict = field(default_factory=dict)
    behind: bytes = b""  # what follows the content: a data descriptor, or what should not be there
    packed: bytes | None = None

    def content(self) -> bytes:
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.data
        squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
        return squeezed.compress(self.data) + squeezed.flush()

    def values(self) -> dict:
        return {
            "name": self.name,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "packed": len(self.content()),
            "size": len(self.data),
            "extra": self.extra,
        }

    def local_header(self) -> bytes:
        now = {**self.values(), **self.local}
        return (
            struct.pack(
                "<4s5H3L2H",
                b"PK\x03\x04",
                self.version,
                now["flags"],
                now["method"],
                0,
                self.date,
                now["crc"],
                now["packed"],
                now["size"],
                len(now["name"]),
                len(now["extra"]),
            )
            + now["name"]
            + now["extra"]
        )

    def central_header(self, offset: int) -> bytes:
        now = {**self.values(), "offset": offset, **self.central}
        return (
            struct.pack(
                "<4s6H3L5H2L",
                b"PK\x01\x02",
                0x0314,
                self.version,
                now["flags"],
                now["method"],
                0,
                self.date,
                now["crc"],
                now["packed"],
                now["size"],
                len(now["name"]),
                len(now["extra"]),
                0,
                now.get("disk", 0),
                0,
                self.attributes << 16,
                now["offset"],
            )
            + now["name"]
            + now["extra"]
        )


def descriptor(data: bytes, packed: int, crc: int | None = None, signed: bool = True) -> bytes:
    """What stands behind a member whose header left its sizes open."""
    values = struct.pack("<3L", zlib.crc32(data) if crc is None else crc, packed, len(data))
    return (b"PK\x07\x08" if signed else b"") + values


def end_record(count: int, size: int, offset: int, comment: bytes = b"", **more) -> bytes:
    return (
        struct.pack(
            "<4s4H2LH",
            b"PK\x05\x06",
            more.get("disk", 0),
            0,
            count,
            count,
            size,
            offset,
            more.get("comment_length", len(comment)),
        )
        + comment
    )


def end_records64(count: int, size: int, offset: int, at: int, disks: int = 1) -> bytes:
    """The 64-bit end record and its locator."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sLQL", b"PK\x06\x07", 0, at, disks)


def zip_parts(*members: Zipped) -> tuple[bytes, bytes, int]:
    """The members, the directory, and how many there are: a small good tree and these."""
    body, central = b"", b""
    everything = (Zipped(b"t-1/", method=0), Zipped(b"t-1/LICENSE", b"Apache\n" * 9), *members)
    for member in everything:
        central += member.central_header(len(body))
        body += member.local_header() + member.content() + member.behind
    return body, central, len(everything)


def zipped(*members: Zipped, comment: bytes = b"", before: bytes = b"", **end) -> bytes:
    """A zip with a small good tree and these members."""
    body, central, count = zip_parts(*members)
    return (
        before
        + body
        + central
        + end_record(
            count + end.pop("count_off_by", 0),
            len(central) + end.pop("size_off_by", 0),
            len(body) + end.pop("offset_off_by", 0),
            comment,
            **end,
        )
    )


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
