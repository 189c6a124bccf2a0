"""Reads a zip member by member in the order of the file, directory and members side by side.

What the directory says and what stands before each member must be the same, members must lie
edge to edge, and nothing may lie between: then there is only one way to read the archive.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NoReturn

from isal import isal_zlib

from checks.engine.archive.decoders import ERRORS, PLAIN, Inflate
from checks.engine.archive.intake import Intake
from checks.engine.archive.model import Kind, Sink
from checks.engine.archive.parts import Parts
from checks.engine.archive.problems import Problems, amount
from checks.engine.archive.source import PIECE
from checks.engine.archive.window import Window
from checks.engine.archive.zipdir import ALL_ONES, SEE, Entry, entries
from checks.engine.archive.zipmember import (
    DEFLATED,
    DESCRIPTOR,
    content_start,
    decode,
    kind_of,
    readable,
)
from checks.engine.model import Level, Limits

_SIGNATURE = b"PK\x07\x08"
_MARKS = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK00", _SIGNATURE)

# Up to this size a ratio over the limit is a suggestion, where the reference platform rejects.
# Nobody runs out of anything, and real releases have such files: scipy, onnx and the Eclipse
# compiler ship blank test data and tables that shrink to a five-hundredth.
SMALL = 10 << 20
PREFIX = 1 << 20  # bytes before the first member that are looked at
_APK_SIGNATURE = b"APK Sig Block 42"


class ZipReader:
    """Walks one zip."""

    def __init__(
        self,
        window: Window,
        intake: Intake,
        limits: Limits,
        problems: Problems,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._window = window
        self._intake = intake
        self._limits = limits
        self._problems = problems
        self._progress = progress

    def read(self) -> None:
        """Read all members, and what lies between them."""
        found, directory = entries(self._window, self._limits, self._problems)
        self._before(found[0].offset)
        reported = 0
        for index, entry in enumerate(found):
            following = found[index + 1].offset if index + 1 < len(found) else directory
            end = self._entry(entry, following)
            if end < following:
                self._gap(end, following, last=index + 1 == len(found))
            if self._progress and following - reported >= PLAIN:
                reported = following
                self._progress(following)
        if self._progress:
            self._progress(self._window.size)

    # Around the members

    def _before(self, start: int) -> None:
        if not start:
            return
        prefix = self._window.read(0, min(start, PREFIX))
        if start > PREFIX or any(mark in prefix for mark in _MARKS):
            self._problems.stop(
                "integrity.prefix",
                "Something else, maybe an archive, precedes the archive.",
                see=SEE,
            )
        self._problems.concern(
            "integrity.prefix",
            f"{start:,} bytes that are no part of the archive precede it.",
            see="head -c 200 {path}",
        )

    def _gap(self, start: int, end: int, last: bool) -> None:
        """Bytes that belong to no member. Signatures of Android packages are such."""
        if last and self._window.read(end - 16, 16) == _APK_SIGNATURE:
            self._problems.suggestion(
                "integrity.apk_signature", "The package carries an Android signature block."
            )
            return
        gap = self._window.read(start, min(end - start, PREFIX))
        if end - start > PREFIX or any(gap):
            self._problems.blocker(
                "integrity.gap", f"{end - start:,} bytes are hidden between members.", see=SEE
            )
        else:
            self._problems.concern(
                "integrity.gap", f"{end - start:,} zero bytes lie between members.", see=SEE
            )

    # One member

    def _entry(self, entry: Entry, following: int) -> int:
        """Read one member; returns where it ends."""
        problems = self._problems
        name = decode(entry, problems)
        start = content_start(self._window, entry, name, problems)
        if start + entry.packed > following:
            problems.stop("integrity.overlap", "The member reaches into the next one.", name, SEE)
        kind, mode = kind_of(entry, name, problems)
        if kind is None or not readable(entry, name, problems):
            self._intake.judge_name(name)
            # A descriptor behind what cannot be read has no length that could be known.
            return following if entry.flags & DESCRIPTOR else start + entry.packed
        self._judge_ratio(entry, name)
        if kind is Kind.SYMLINK:
            self._symlink(entry, name, start, mode)
        else:
            sinks = self._intake.member(name, kind, entry.size, mode)
            try:
                self._content(entry, name, start, sinks)
            finally:
                for sink in sinks:
                    sink.close()
        return self._descriptor(entry, name, start + entry.packed, following)

    def _symlink(self, entry: Entry, name: str, start: int, mode: int | None) -> None:
        """A link, whose target is its content."""
        if entry.size > self._limits.link_target:
            self._problems.stop(
                "safety.symlink", f"A symbolic link with a target of {amount(entry.size)}.", name
            )
        parts = Parts()
        self._content(entry, name, start, [parts])
        target = parts.content().decode("utf-8", "backslashreplace")
        self._intake.whole(name, Kind.SYMLINK, mode, target)

    def _judge_ratio(self, entry: Entry, name: str) -> None:
        if entry.size <= entry.packed * self._limits.ratio:
            return
        if entry.size <= SMALL:
            self._problems.once(
                "safety.ratio_small",
                Level.SUGGESTION,
                f"Small files shrink by more than {self._limits.ratio} to 1, which some tools that "
                "unpack take for a zip bomb. If you can, make such files when they are needed.",
                name,
                SEE,
            )
            return
        self._problems.stop(
            "safety.ratio",
            f"{amount(entry.packed)} become {amount(entry.size)}: more than "
            f"{self._limits.ratio} to 1, as in a zip bomb. Leave the file out and make it when it "
            "is needed, or put it in compressed by itself (gzip), so that the zip unpacks small.",
            name,
            SEE,
        )

    def _content(self, entry: Entry, name: str, start: int, sinks: list[Sink]) -> None:
        """Hand the content to the sinks; its size and checksum must be those declared."""
        blocks = self._inflated if entry.method == DEFLATED else self._stored
        crc = count = 0
        for block in blocks(entry, name, start):
            crc = isal_zlib.crc32(block, crc)
            count += len(block)
            if count > entry.size:
                break
            for sink in sinks:
                sink.feed(block)
        if count != entry.size:
            self._problems.stop(
                "integrity.length", "The content does not have the length declared.", name, SEE
            )
        if crc != entry.crc:
            self._problems.stop(
                "integrity.crc", "The content does not match its checksum.", name, SEE
            )

    def _stored(self, entry: Entry, name: str, start: int) -> Iterator[bytes]:
        for at in range(start, start + entry.packed, PIECE):
            yield self._window.read(at, min(PIECE, start + entry.packed - at))

    def _inflated(self, entry: Entry, name: str, start: int) -> Iterator[bytes]:
        """The content of a compressed member, which must end where the member ends."""
        inflate = Inflate()
        at, end = start, start + entry.packed
        while not inflate.eof:
            data = b""
            if inflate.needs_input:
                data = self._window.read(at, min(PIECE, end - at))
                at += len(data)
                if not data:
                    self._damaged(name)
            try:
                yield inflate.decompress(data, min(PLAIN, entry.size + 1))
            except ERRORS:
                self._damaged(name)
        if at - len(inflate.unused_data) != end:
            self._damaged(name)

    def _damaged(self, name: str) -> NoReturn:
        self._problems.stop(
            "integrity.compression",
            "The compressed data is damaged or of another length.",
            name,
            SEE,
        )

    def _descriptor(self, entry: Entry, name: str, at: int, following: int) -> int:
        """Checksum and sizes behind the content, for writers that did not know them before.

        With or without a signature, sizes in 32 or 64 bits: all are in use.
        """
        if not entry.flags & DESCRIPTOR:
            return at
        values = (entry.crc, entry.packed, entry.size)
        forms = []
        if max(values) <= ALL_ONES:
            forms.append(struct.pack("<3L", *values))
        forms.append(struct.pack("<L2Q", *values))
        fitting = [
            len(form)
            for form in (*(_SIGNATURE + form for form in forms), *forms)
            if at + len(form) <= following and self._window.read(at, len(form)) == form
        ]
        if not fitting:
            self._problems.stop(
                "integrity.descriptor",
                "What stands behind the content is not its checksum and length.",
                name,
                SEE,
            )
        # Of two forms that fit (zeros are zeros in any width) the one that ends at the next member.
        return next((at + size for size in fitting if at + size == following), at + fitting[0])
