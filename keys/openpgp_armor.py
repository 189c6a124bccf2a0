"""ASCII armor (RFC 4880 section 6, RFC 9580 section 6): out of text into bytes, and back.

Read here, and not by gpg, because gpg forgives what a release platform must name: a missing END
line, a wrong checksum, a private key among public ones, the line at which a block starts.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

PUBLIC = "PUBLIC KEY BLOCK"
SIGNATURE = "SIGNATURE"
PRIVATE = frozenset({"PRIVATE KEY BLOCK", "SECRET KEY BLOCK"})

# "- " is how a cleartext signature around a KEYS file escapes its dashes.
_BEGIN = re.compile(rb"(?:- )?-----BEGIN PGP ([A-Z0-9 ,/]{1,40})-----\Z")
_END = re.compile(rb"(?:- )?-----END PGP ([A-Z0-9 ,/]{1,40})-----\Z")
# A BEGIN line that no program takes for one: quoted, indented, or behind a mark of some page.
_DISPLACED = re.compile(
    rb"(?:\W{1,40}|.{0,40}>\s{0,40})-----BEGIN PGP ([A-Z0-9 ,/]{1,40})-----\W{0,40}\Z"
)
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,39}:")
_CHECKSUM = re.compile(rb"=([A-Za-z0-9+/]{4})\Z")
_CRC_START, _CRC_POLYNOMIAL = 0xB704CE, 0x1864CFB


class Unreadable(ValueError):
    """These bytes are not what they should be. `str()` says why, to be shown to a person."""


@dataclass(frozen=True, slots=True)
class Armor:
    """One armored block as it stands in a text.

    `line` is that of the BEGIN line, from 1; `lines` the block without line ends; `ended` whether
    there is an END line of the same kind.
    """

    kind: str
    line: int
    lines: tuple[bytes, ...]
    ended: bool

    @property
    def text(self) -> bytes:
        return b"\n".join(self.lines) + b"\n"

    def decode(self) -> bytes:
        """The bytes inside, their checksum compared where there is one.

        Raises Unreadable for text that is not base64 and for a checksum that differs. A missing
        checksum is fine (RFC 9580 section 6.1 makes it optional).
        """
        body = self._body()
        expected: bytes | None = None
        if body and (match := _CHECKSUM.match(body[-1])):
            expected = base64.b64decode(match[1])
            body.pop()
        try:
            data = binascii.a2b_base64(b"".join(body), strict_mode=True)
        except binascii.Error:
            raise Unreadable("The block is not valid base64: it was cut or changed.") from None
        if not data:
            raise Unreadable("The block is empty.")
        if base64.b64encode(data) != b"".join(body):  # bits that say nothing are zero
            raise Unreadable("The block is not as programs write it: it was changed.")
        if expected is not None and crc24(data) != int.from_bytes(expected):
            raise Unreadable("The checksum of the block is wrong: it was cut or changed.")
        return data

    def guess(self) -> bytes:
        """What can be had of the bytes inside where `decode` raises: to look into, not to use."""
        try:
            return binascii.a2b_base64(b"".join(self._body()))
        except binascii.Error:
            return b""

    def _body(self) -> list[bytes]:
        return _without_headers(self.lines[1:-1] if self.ended else self.lines[1:])


def armors(data: bytes) -> Iterator[Armor]:
    """The armored blocks of a text in their order, with whatever stands between them left out.

    Line ends may be LF, CRLF or CR. A block without END reaches to the next BEGIN or the end.
    """
    lines = _lines(data)
    start, kind = 0, ""
    for number, line in enumerate(lines):
        if match := _BEGIN.match(line):
            if kind:
                yield Armor(kind, start + 1, tuple(lines[start:number]), ended=False)
            start, kind = number, match[1].decode("ascii")
            if kind == "SIGNED MESSAGE":  # a header above text, without an END of its own
                kind = ""
        elif kind and (match := _END.match(line)) and match[1].decode("ascii") == kind:
            yield Armor(kind, start + 1, tuple(lines[start : number + 1]), ended=True)
            kind = ""
    if kind:
        yield Armor(kind, start + 1, tuple(lines[start:]), ended=False)


def displaced(data: bytes) -> Iterator[tuple[int, str]]:
    """Where something stands before a BEGIN line, from 1, and the kind of block: `armors` leaves
    these out, as gpg does."""
    for number, line in enumerate(_lines(data), 1):
        if b"-----BEGIN PGP " not in line or _BEGIN.match(line):
            continue
        if match := _DISPLACED.match(line):
            yield number, match[1].decode("ascii")


def plain(data: bytes) -> bytes:
    """A text without the mark that says how it is encoded, and in UTF-8 if it was in UTF-16, which
    is what some shells write. Any other bytes as they are."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace").encode()
    return data


def _lines(data: bytes) -> list[bytes]:
    return [line.rstrip() for line in data.split(b"\n" if b"\n" in data else b"\r")]


def armor(data: bytes, kind: str = PUBLIC) -> bytes:
    """`data` as an armored block, without version or comment: equal data give equal text."""
    text = base64.b64encode(data)
    rows = [text[at : at + 64] for at in range(0, len(text), 64)]
    checksum = b"=" + base64.b64encode(crc24(data).to_bytes(3))
    begin, end = (f"-----{word} PGP {kind}-----".encode() for word in ("BEGIN", "END"))
    return b"\n".join([begin, b"", *rows, checksum, end, b""])


def crc24(data: bytes) -> int:
    """The checksum of armor: it finds accidents of transport, and protects nothing."""
    crc = _CRC_START
    for byte in data:
        crc = ((crc & 0xFFFF) << 8) ^ _TABLE[(crc >> 16) ^ byte]
    return crc


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        crc = byte << 16
        for _ in range(8):
            crc = (crc << 1) ^ (_CRC_POLYNOMIAL if crc & 0x800000 else 0)
        rows.append(crc & 0xFFFFFF)
    return tuple(rows)


_TABLE = _table()


def _without_headers(lines: tuple[bytes, ...]) -> list[bytes]:
    """The base64 lines: headers such as `Version:` and blank lines left out."""
    first = next((at for at, line in enumerate(lines) if not _HEADER.match(line)), len(lines))
    return [line for line in lines[first:] if line]
