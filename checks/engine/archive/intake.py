"""Every member of every format passes here: limits first, then the tree, then the visitors."""

from collections.abc import Sequence

from checks.engine.archive.links import check_links
from checks.engine.archive.model import Kind, Member, Sink, Visitor
from checks.engine.archive.names import Names
from checks.engine.archive.problems import Problems, amount, readable
from checks.engine.archive.suffixes import is_archive
from checks.engine.archive.tree import MANY, Tree
from checks.engine.model import Level, Limits

SETUID = 0o6000
WORLD_WRITABLE = 0o002


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

    def member(
        self, raw: str, kind: Kind, size: int, mode: int | None, target: str = ""
    ) -> list[Sink]:
        """Take the next member; returns who wants its content. `mode` is None where unknown."""
        self._count(raw, kind, size)
        name = self._names.clean(raw)
        if mode is None:
            mode = 0o755 if kind is Kind.DIRECTORY else 0o644
        elif kind is not Kind.SYMLINK:
            self._judge_mode(name, kind, mode)
        if not raw.isascii():
            raw = readable(raw)
        member = Member(name, raw, kind, size, mode, target)
        self.tree.add(member)
        if kind is Kind.FILE:
            self._judge_file(name)
        wanted = [visitor.member(member) for visitor in self._visitors]
        return [sink for sink in wanted if sink is not None]

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
        if self._empty > MANY:
            self._problems.concern(
                "safety.many_empty", f"The archive holds {self._empty:,} empty files."
            )
        self.tree.finish()
        check_links(self.tree, self._limits, self._problems)

    def _count(self, raw: str, kind: Kind, count: int) -> None:
        limits = self._limits
        self.members += 1
        if self.members > limits.members:
            self._problems.stop(
                "safety.members", f"The archive holds more than {limits.members:,} members."
            )
        if kind is not Kind.FILE:
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
        problems = self._problems
        if mode & SETUID and kind is not Kind.DIRECTORY:  # for those it only passes the group on
            problems.concern(
                "safety.setuid", "The file would run with its owner's rights (setuid).", name
            )
        if mode & WORLD_WRITABLE:
            message = "Members may be written by everybody once unpacked."
            problems.once("safety.world_writable", Level.SUGGESTION, message, name)
        if not mode & 0o400 or (kind is Kind.DIRECTORY and not mode & 0o100):
            message = "Members cannot be opened by who unpacks them, for their mode forbids it."
            problems.once("safety.unreadable", Level.SUGGESTION, message, name)

    def _judge_file(self, name: str) -> None:
        last = name[name.rfind("/") + 1 :]
        if last.startswith("._"):
            message = "Files of macOS metadata ('._…') are in the archive; nobody looks into them."
            self._problems.once("safety.apple_double", Level.SUGGESTION, message, name)
        elif is_archive(last):
            message = "Archives lie inside the archive; they are not looked into."
            self._problems.once("safety.nested", Level.SUGGESTION, message, name)
