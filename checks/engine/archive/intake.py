"""Every member of every format passes here: limits first, then the tree, then the visitors."""

from collections.abc import Sequence

from checks.engine.archive.crowd import Crowd
from checks.engine.archive.links import check_links
from checks.engine.archive.model import Batch, Kind, Member, Sink, Visitor, shows
from checks.engine.archive.names import Names
from checks.engine.archive.problems import Problems, amount, readable
from checks.engine.archive.stretch import Entry
from checks.engine.archive.tree import MANY, Tree
from checks.engine.model import Level, Limits
from trusted_releases.lib.archive_names import is_archive

FILE, DIRECTORY, SYMLINK = Kind.FILE, Kind.DIRECTORY, Kind.SYMLINK  # quicker to find here

SETUID = 0o6000
WORLD_WRITABLE = 0o002
_ODD_MODE = SETUID | WORLD_WRITABLE

# What visitors are shown at once: enough that a call for each of them costs nothing, and few
# enough bytes to stay in the cache of a processor.
BATCH_MEMBERS = 512
BATCH_BYTES = 1 << 18
TOGETHER = 64  # members judged at once: where one is remarkable, so many are judged one by one
SMALL = 128 << 10  # bytes of a member that is kept for a batch, if it does not come in one piece


class _Small:
    """Takes the content of a small member, and keeps both for the next batch."""

    __slots__ = ("_intake", "_last", "_member", "_parts")

    def __init__(self, intake: "Intake", member: Member, last: str) -> None:
        self._intake, self._member, self._last = intake, member, last
        self._parts: list[bytes] = []

    def feed(self, block: bytes) -> None:
        self._parts.append(block)

    def close(self) -> None:
        self._intake.keep(self._member, self._last, b"".join(self._parts))


class Intake:
    """Counts, judges and passes on the members of one archive."""

    def __init__(self, limits: Limits, problems: Problems, visitors: Sequence[Visitor]) -> None:
        self.members = 0
        self.files = 0
        self.content_size = 0
        self.tree = Tree(limits, problems)
        self._empty = 0
        self._overhead = 0
        self._names = Names(limits, problems, self.tree.directories)
        self._limits = limits
        self._problems = problems
        self._visitors = visitors
        self._shows = shows(visitors)
        self._batch = Batch()
        self._room = BATCH_BYTES

    def member(
        self, raw: str, kind: Kind, size: int, mode: int | None, target: str = ""
    ) -> list[Sink]:
        """Take the next member; returns who wants its content. `mode` is None where unknown."""
        member, last = self._judged(raw, kind, size, mode, target)
        if size <= SMALL:
            return [_Small(self, member, last)]
        self.flush()
        wanted = [visitor.member(member) for visitor in self._visitors]
        return [sink for sink in wanted if sink is not None]

    def whole(
        self, raw: str, kind: Kind, mode: int | None, target: str = "", content: bytes = b""
    ) -> None:
        """Take the next member with all of its content."""
        member, last = self._judged(raw, kind, len(content), mode, target)
        self.keep(member, last, content)

    def many(self, entries: list[Entry]) -> None:
        """Take ordinary members, each with all of its content: together where nothing is to be said
        of any of them, else one by one."""
        for start in range(0, len(entries), TOGETHER):
            taken = entries[start : start + TOGETHER]
            if not self._take(Crowd(taken)):
                for raw, kind, mode, content, overhead in taken:
                    self.spend(overhead)
                    self.whole(raw, kind, mode, "", content)

    def _take(self, crowd: Crowd) -> bool:
        """Take members of which nothing is to be said; False, and nothing is done, for others."""
        limits = self._limits
        if not (
            self.members + crowd.members <= limits.members
            and self.content_size + crowd.size <= limits.total_size
            and self._overhead + crowd.overhead <= limits.total_size
            and crowd.are_small(limits)
            and crowd.are_plain(self._names)
            and crowd.put(self.tree)
        ):
            return False
        self.members += crowd.members
        self.files += crowd.files
        self.content_size += crowd.size
        self._empty += crowd.empty
        self._overhead += crowd.overhead
        self._batch.extend(crowd.shown())
        self._filled(crowd.size)
        return True

    def keep(self, member: Member, last: str, content: bytes) -> None:
        """Keep a member that is judged, to be shown with others."""
        self._batch.append((member, last, content))
        self._filled(len(content))

    def _filled(self, count: int) -> None:
        """So many more bytes are kept: show what there is, if that is enough."""
        self._room -= count
        if self._room < 0 or len(self._batch) >= BATCH_MEMBERS:
            self.flush()

    def flush(self) -> None:
        """Show the visitors what has been taken whole."""
        if batch := self._batch:
            self._batch, self._room = Batch(), BATCH_BYTES
            for show_to in self._shows:
                show_to(batch)

    def judge_name(self, raw: str) -> None:
        """Judge the name of something that is no member, but that some programs unpack."""
        self._names.clean(raw)

    def spend(self, count: int) -> None:
        """Count bytes that are no content, but have to be read all the same."""
        self._overhead += count
        if self._overhead > self._limits.total_size:
            self._problems.stop(
                "safety.metadata", "Too much of the archive is neither a file nor its name."
            )

    def finish(self) -> None:
        """All members have been seen."""
        self.flush()
        if self._empty > MANY:
            self._problems.concern(
                "safety.many_empty", f"The archive holds {self._empty:,} empty files."
            )
        self.tree.finish()
        check_links(self.tree, self._limits, self._problems)

    def _judged(
        self, raw: str, kind: Kind, size: int, mode: int | None, target: str
    ) -> tuple[Member, str]:
        """The member, once limits, name and mode are judged, and the last part of its name."""
        self._count(raw, kind, size)
        name = self._names.clean(raw)
        if mode is None:
            mode = 0o755 if kind is DIRECTORY else 0o644
        elif mode & _ODD_MODE or not mode & 0o400 or kind is DIRECTORY:
            self._judge_mode(name, kind, mode)
        if not raw.isascii():
            raw = readable(raw)
        member = Member(name, raw, kind, size, mode, target)
        slash = name.rfind("/")
        self.tree.add(member, name[:slash] if slash > 0 else "")
        last = name[slash + 1 :]
        if kind is FILE:
            self._judge_file(name, last)
        return member, last

    def _count(self, raw: str, kind: Kind, count: int) -> None:
        limits = self._limits
        self.members += 1
        if self.members > limits.members:
            self._problems.stop(
                "safety.members", f"The archive holds more than {limits.members:,} members."
            )
        if kind is not FILE:
            return
        self.files += 1
        if not count:
            self._empty += 1
        if count > limits.file_size:
            self._problems.stop(
                "safety.file_size",
                f"A file of {amount(count)} when unpacked; at most {amount(limits.file_size)} "
                "are allowed.",
                raw,
            )
        self.content_size += count
        if self.content_size > limits.total_size:
            self._problems.stop(
                "safety.total_size",
                f"The files are more than {amount(limits.total_size)} when unpacked.",
                raw,
            )

    def _judge_mode(self, name: str, kind: Kind, mode: int) -> None:
        if kind is SYMLINK:
            return
        problems = self._problems
        if mode & SETUID and kind is not DIRECTORY:  # for those it only passes the group on
            problems.concern(
                "safety.setuid", "The file would run with its owner's rights (setuid).", name
            )
        if mode & WORLD_WRITABLE:
            message = "Members may be written by everybody once unpacked."
            problems.once("safety.world_writable", Level.SUGGESTION, message, name)
        if not mode & 0o400 or (kind is DIRECTORY and not mode & 0o100):
            message = "Members cannot be opened by who unpacks them, for their mode forbids it."
            problems.once("safety.unreadable", Level.SUGGESTION, message, name)

    def _judge_file(self, name: str, last: str) -> None:
        if last.startswith("._"):
            message = "Files of macOS metadata ('._…') are in the archive; nobody looks into them."
            self._problems.once("safety.apple_double", Level.SUGGESTION, message, name)
        elif is_archive(last):
            message = "Archives lie inside the archive; they are not looked into."
            self._problems.once("safety.nested", Level.SUGGESTION, message, name)
