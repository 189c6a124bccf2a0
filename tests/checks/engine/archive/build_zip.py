"""Builds zips byte by byte, so that each can have exactly one thing wrong with it."""

import struct
import zlib
from dataclasses import dataclass, field


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
                now.get("host", 3) << 8 | 20,
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
                self.attributes << 16 | now.get("dos", 0),
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


def end_records64(
    count: int, size: int, offset: int, at: int, disks: int = 1, more: bytes = b""
) -> bytes:
    """The 64-bit end record and its locator."""
    numbers = (44 + len(more), 45, 45, 0, 0, count, count, size, offset)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", *numbers) + more
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
