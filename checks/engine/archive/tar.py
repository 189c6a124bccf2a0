"""Reads a tar the way GNU tar, bsdtar and Python do, and stops where they would part ways."""

from collections.abc import Iterator

from checks.engine.archive.extended import TYPES, Extended
from checks.engine.archive.header import BLOCK, SEE, ZERO, Header, checksum_ok, parse
from checks.engine.archive.intake import Intake
from checks.engine.archive.model import Kind, Sink
from checks.engine.archive.ordinary import run
from checks.engine.archive.parts import Parts
from checks.engine.archive.problems import Problems, amount
from checks.engine.model import Level, Limits

MAX_GARBAGE = 1 << 20  # bytes behind the end that are looked at before it is enough

FILE = Kind.FILE
_FILES = frozenset({b"0", b"\0", b"7"})
_FOLDERS = frozenset({b"5", b"\0"})  # the second if its name ends with a slash, since V7
_LINKS = {b"1": Kind.HARDLINK, b"2": Kind.SYMLINK}
_DEVICES = {b"3": "character device", b"4": "block device", b"6": "FIFO"}
_ARCHIVE_MARKS = (b"PK\x03\x04", b"PK\x05\x06")


class TarReader:
    """Walks the headers of a tar that comes in blocks of any length."""

    def __init__(
        self, blocks: Iterator[bytes], intake: Intake, limits: Limits, problems: Problems
    ) -> None:
        self._blocks = blocks
        self._intake = intake
        self._limits = limits
        self._problems = problems
        self._buffer = b""
        self._at = 0
        self._extended = Extended(problems)
        self._global_before = -1  # the members before the last global header

    def read(self) -> None:
        """Read to the end of the stream, past the end of the tar."""
        while True:
            self._ordinary()
            block = self._block()
            if block == ZERO:
                block = self._block()
                if block and block != ZERO:
                    self._after_lone_zero()
                if not block:
                    self._no_end(Level.SUGGESTION, "only one of the two")
                break
            if len(block) < BLOCK:
                if block:
                    self._problems.stop("integrity.truncated", "The tar ends in a header.", see=SEE)
                self._no_end(Level.CONCERN, "none of the two")
                break
            self._entry(block)
        self._nothing_waits()
        self._behind()
        if not self._intake.members:
            self._problems.stop("integrity.empty", "The archive is empty.", see=SEE)

    def _nothing_waits(self) -> None:
        """No extended header may be the last of the archive."""
        self._extended.nothing_waits("the end")
        if self._global_before == self._intake.members:
            self._problems.concern(
                "integrity.global_last",
                "A global extended header is the last of the archive: Python cannot read it.",
                see=SEE,
            )

    # What is read from the stream

    def _block(self) -> bytes:
        """The next 512 bytes; fewer only where the stream ends."""
        end = self._at + BLOCK
        if end <= len(self._buffer):
            block = self._buffer[self._at : end]
            self._at = end
            return block
        rest = self._buffer[self._at :]
        while len(rest) < BLOCK and (more := next(self._blocks, b"")):
            rest += more
        self._buffer, self._at = rest, BLOCK
        return rest[:BLOCK]

    def _pass(self, count: int, sinks: list[Sink], name: str) -> None:
        """Hand so many bytes to the sinks, and skip the padding behind them."""
        left = count
        while left:
            available = len(self._buffer) - self._at
            if available <= 0:
                self._next_buffer(name)
                continue
            step = min(left, available)
            if sinks:
                part = self._buffer[self._at : self._at + step]
                for sink in sinks:
                    sink.feed(part)
            self._at += step
            left -= step
        padding = -count % BLOCK
        while padding > len(self._buffer) - self._at:
            padding -= max(len(self._buffer) - self._at, 0)
            self._next_buffer(name)
        self._at += padding

    def _next_buffer(self, name: str) -> None:
        self._buffer, self._at = next(self._blocks, b""), 0
        if not self._buffer:
            self._problems.stop(
                "integrity.truncated", "The archive ends in the middle of a file.", name, SEE
            )

    # Members

    def _ordinary(self) -> None:
        """Take what needs no closer look, as far as it has been read."""
        if not self._extended.waiting:
            taken, self._at = run(self._buffer, self._at, self._limits.metadata)
            self._intake.many(taken)

    def _entry(self, block: bytes) -> None:
        if not checksum_ok(block):
            self._not_a_header()
        header = parse(block, self._problems)
        if header.type in TYPES:
            self._extension(header)
            return
        name, target, size = header.name, header.target, header.size
        if self._extended.waiting:
            name, target, size = self._extended.complete(header)
        self._old_kind(header, name)
        if header.type in _FILES and not name.endswith("/"):
            self._file(name, size, header.mode)
        elif header.type == b"5" or header.type in _FILES:
            self._no_content(name, size)
            if header.type not in _FOLDERS:
                self._two_kinds(name)
            self._intake.whole(name, Kind.DIRECTORY, header.mode)
        elif header.type in _LINKS:
            self._no_content(name, size)
            self._intake.whole(name, _LINKS[header.type], header.mode, target)
        else:
            self._special(header.type, name, size)

    def _file(self, name: str, size: int, mode: int) -> None:
        start, end = self._at, self._at + size
        behind = end + -size % BLOCK
        if behind <= len(self._buffer):  # nearly all files
            self._at = behind
            self._intake.whole(name, FILE, mode, "", self._buffer[start:end])
            return
        sinks = self._intake.member(name, FILE, size, mode)
        try:
            self._pass(size, sinks, name)
        finally:
            for sink in sinks:
                sink.close()

    def _old_kind(self, header: Header, name: str) -> None:
        """A slash makes old headers directories: to Python their own, to others the path's."""
        if header.type == b"\0" and header.has_slash != name.endswith("/"):
            self._two_kinds(name)

    def _two_kinds(self, name: str) -> None:
        self._problems.blocker(
            "integrity.kind",
            "By its type the member is a file, and by its name a directory: programs unpack the "
            "one or the other.",
            name,
            SEE,
        )

    def _no_content(self, name: str, size: int) -> None:
        if size:
            self._problems.stop(
                "integrity.size_of_nothing",
                "A directory or link says that it has content: some programs skip that content, "
                "others read it as the next members.",
                name,
                SEE,
            )

    def _special(self, type_: bytes, name: str, size: int) -> None:
        """Types that are neither file, directory nor link."""
        problems = self._problems
        if type_ in _DEVICES:
            problems.blocker("safety.device", f"A {_DEVICES[type_]}. Leave it out.", name, SEE)
            self._no_content(name, size)
        elif type_ == b"S":
            problems.stop(
                "safety.sparse", "A sparse file. Make the archive without --sparse.", name, SEE
            )
        elif type_ in b"DV":
            problems.concern(
                "safety.gnu_type",
                "An entry of GNU tar's own (a volume label or a directory dump), which other "
                "programs unpack as a file.",
                name,
                SEE,
            )
            self._intake.judge_name(name)
        else:
            problems.blocker(
                "safety.unknown_type",
                f"An entry of a type that no standard defines ({type_!a}).",
                name,
                SEE,
            )
        self._intake.spend(size + BLOCK)
        self._pass(size, [], name)

    # Extended headers

    def _extension(self, header: Header) -> None:
        """A header that says more about the member that follows."""
        if header.size > self._limits.metadata:
            self._problems.stop(
                "safety.metadata",
                f"An extended header of {amount(header.size)}; at most "
                f"{amount(self._limits.metadata)} are allowed.",
                header.name,
            )
        self._intake.spend(header.size + BLOCK)
        parts = Parts()
        self._pass(header.size, [parts], header.name)
        self._extended.take(header, parts.content())
        if header.type == b"g":
            self._global_before = self._intake.members

    # The end

    def _not_a_header(self) -> None:
        if not self._intake.members and not self._extended.globals:
            self._problems.stop("integrity.not_tar", "The content is not a tar archive.", see=SEE)
        self._problems.stop(
            "integrity.header",
            "A header does not match its checksum: some programs stop here, others search on.",
            see=SEE,
        )

    def _after_lone_zero(self) -> None:
        self._problems.stop(
            "integrity.lone_zero",
            "A block of zeros stands between members: some programs stop there and never see "
            "the rest.",
            see=SEE,
        )

    def _no_end(self, level: Level, found: str) -> None:
        self._problems.add(
            "integrity.no_end", level, f"The tar has {found} zero blocks that end it.", see=SEE
        )

    def _behind(self) -> None:
        """Bytes behind the end of the tar. Zeros fill up the last record, anything else hides."""
        garbage = 0
        rest, following = self._buffer[self._at :], b"more"
        while following:
            following = next(self._blocks, b"")
            # Whole blocks until the last, so that a header is looked for where one could stand.
            whole = len(rest) - len(rest) % BLOCK if following else len(rest)
            self._intake.spend(whole)
            if rest.count(0, 0, whole) != whole:
                garbage += whole
                self._look_behind(rest[:whole], garbage)
            rest = rest[whole:] + following
        if garbage:
            self._problems.concern(
                "integrity.behind_end",
                "Bytes that are not zero follow the end of the tar.",
                see=SEE,
            )

    def _look_behind(self, rest: bytes, garbage: int) -> None:
        hidden = any(mark in rest for mark in _ARCHIVE_MARKS) or any(
            rest[at] and checksum_ok(rest[at : at + BLOCK]) for at in range(0, len(rest), BLOCK)
        )
        if hidden or garbage > MAX_GARBAGE:
            self._problems.stop(
                "integrity.hidden",
                "Another archive, or a lot of data, lies behind the end of the tar, where most "
                "programs do not look.",
                see="tar --list --ignore-zeros --file {path}",
            )
