"""What lies inside a compressed tar: one run of plain bytes, and nothing around it unseen."""

import struct
import zlib
from collections.abc import Iterator

from isal import isal_zlib

from checks.engine.archive.decoders import Inflate, decoded, new_decoder
from checks.engine.archive.problems import Problems
from checks.engine.archive.source import Source
from checks.engine.model import Level, Limits

MAGIC = {
    "tar.gz": b"\x1f\x8b",
    "tar.bz2": b"BZh",
    "tar.xz": b"\xfd7zXZ\x00",
    "tar.zst": b"\x28\xb5\x2f\xfd",
}
SEE = {
    "tar.gz": "gzip -tv {path}",
    "tar.bz2": "bzip2 -tv {path}",
    "tar.xz": "xz -tv {path}",
    "tar.zst": "zstd -tv {path}",
}

LONG_FIELD = 1024  # bytes of gzip header fields that no tool we know writes

_HCRC, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16


def plain(format_: str, source: Source, limits: Limits, problems: Problems) -> Iterator[bytes]:
    """The tar inside, in blocks of at most some MiB; stops at what is damaged."""
    if format_ == "tar":
        while piece := source.piece():
            source.report()
            yield piece
        return
    streams = 0
    while True:
        streams += 1
        if streams > limits.members:
            problems.stop("safety.streams", "The file is made of too many compressed streams.")
        if format_ == "tar.gz":
            yield from _gunzip(source, limits, problems)
        else:
            decoder = new_decoder(format_)
            yield from decoded(decoder, source, problems, SEE[format_])
        magic = MAGIC[format_]
        following = source.peek(len(magic))
        if not following:
            return
        if following != magic:
            _trailing(source, problems, SEE[format_])
            return


def _trailing(source: Source, problems: Problems, see: str) -> None:
    """Bytes behind the compressed data, which programs ignore: a place to hide things."""
    count = 0
    while piece := source.piece():
        count += len(piece)
        if piece.count(0) != len(piece):
            problems.stop(
                "integrity.trailing",
                "Bytes follow the compressed data that no program unpacks. Make the archive anew.",
                see=see,
            )
    problems.concern(
        "integrity.trailing_zeros", f"{count:,} zero bytes follow the compressed data.", see=see
    )


def _gunzip(source: Source, limits: Limits, problems: Problems) -> Iterator[bytes]:
    """One gzip member: header, content, and the two checks at its end (RFC 1952)."""
    see = SEE["tar.gz"]
    _header(source, limits, problems)
    crc = count = 0
    for block in decoded(Inflate(), source, problems, see):
        crc = isal_zlib.crc32(block, crc)
        count += len(block)
        yield block
    trailer = source.take(8)
    if len(trailer) < 8:
        problems.stop(
            "integrity.truncated", "The file ends before the checksum of its content.", see=see
        )
    expected, length = struct.unpack("<II", trailer)
    if crc != expected:
        problems.stop(
            "integrity.crc", "The content does not match the checksum at its end.", see=see
        )
    if count & 0xFFFFFFFF != length:
        problems.stop(
            "integrity.length", "The content does not have the length given at its end.", see=see
        )
    if not count:
        problems.once(
            "integrity.empty_stream",
            Level.SUGGESTION,
            "The file holds a compressed stream of nothing.",
            "",
            see,
        )


def _header(source: Source, limits: Limits, problems: Problems) -> None:
    fixed = source.take(10)
    if len(fixed) < 10:
        problems.stop("integrity.truncated", "The file ends in the gzip header.")
    method, flags = fixed[2], fixed[3]
    if method != 8 or flags & 0xE0:
        problems.stop("integrity.gzip_header", "The gzip header uses what no standard defines.")
    header = bytearray(fixed)
    if flags & _EXTRA:
        header += source.take(2)
        header += source.take(int.from_bytes(header[-2:], "little"))
    name = _text(source, header, limits, problems) if flags & _NAME else b""
    if flags & _COMMENT:
        _text(source, header, limits, problems)
    if flags & _HCRC and source.take(2) != struct.pack("<H", zlib.crc32(header) & 0xFFFF):
        problems.stop("integrity.gzip_header", "The gzip header does not match its checksum.")
    if name.startswith(b"/") or b"\\" in name or b".." in name.split(b"/"):
        problems.concern(
            "integrity.gzip_name",
            "The gzip header names a file in another directory, where `gunzip -N` writes it.",
        )
    if len(header) > LONG_FIELD:
        problems.concern(
            "integrity.gzip_extra",
            f"The gzip header holds {len(header):,} bytes that nobody sees.",
        )


def _text(source: Source, header: bytearray, limits: Limits, problems: Problems) -> bytes:
    """A text of the header up to its NUL. It is kept for the checksum, so it is bounded."""
    text = bytearray()
    nul = b""
    while not nul:
        piece = source.piece()
        head, nul, rest = piece.partition(b"\0")
        text += head
        if not piece:
            problems.stop("integrity.truncated", "The file ends in the gzip header.")
        if len(text) > limits.metadata * 2:
            problems.stop("safety.metadata", "A text in the gzip header is too long.")
    source.unread(rest)
    header += text + b"\0"
    return bytes(text)
