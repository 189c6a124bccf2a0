"""What the archive reader says, and what it wants of those who listen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from checks.engine.model import Level
from trusted_releases.lib.digests import Digest


class Kind(StrEnum):
    """What a member becomes when the archive is unpacked. Anything else is a problem instead."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"


class Member(NamedTuple):  # a tuple, for it takes a quarter of the time to make one
    """One entry of an archive.

    `name` is the path as a user's tar or unzip would create it: decoded, without a leading `./`
    and without the slash at the end of a directory; "" for the directory the archive is unpacked
    into. `raw_name` is what the archive holds. `size` is that of the content in bytes (0 for
    everything but files), `mode` the permission bits with setuid, setgid and sticky, `target`
    where a link leads, as written.
    """

    name: str
    raw_name: str
    kind: Kind
    size: int
    mode: int
    target: str = ""


# Makes a member of a tuple without the call of Python that `Member(…)` is.
MEMBER = partial(tuple.__new__, Member)


class Sink(Protocol):
    """Takes the content of one member: blocks in order, then one close.

    When reading stops early (`Report.complete` is false) close is called all the same; compare
    what was fed with `Member.size` where it matters.
    """

    def feed(self, block: bytes) -> None: ...

    def close(self) -> None: ...


Shown = tuple[Member, str, bytes]
T = TypeVar("T")


class Batch(list[Shown]):
    """Members that follow one another, each with the last part of its name and its content: all
    of it, unless reading stopped there."""

    def __init__(self, members: Iterable[Shown] = ()) -> None:
        super().__init__(members)
        self._answers: dict[Callable[[Batch], Any], Any] = {}

    def once(self, ask: "Callable[[Batch], T]") -> T:
        """What `ask` makes of these members, made once for all visitors who want to know it."""
        if ask not in self._answers:
            self._answers[ask] = ask(self)
        answer: T = self._answers[ask]
        return answer


class Visitor(Protocol):
    """Is shown every member in the order of the archive, and takes the content of those it wants.

    Members that are a blocker are shown too: their names are hostile text, for looking at only.
    `finish` is called once, at the end, also when reading stopped early.

    A visitor that also has a method `batch(members)` is shown members that are small there, many
    at a time, and `member` only those whose content has to be taken in pieces. Who has not is
    shown all of them by `member`.
    """

    def member(self, member: Member) -> Sink | None: ...

    def finish(self) -> None: ...


def show(visitor: Visitor, members: Iterable[Shown]) -> None:
    """Show a visitor members of a batch one by one."""
    for member, _, content in members:
        sink = visitor.member(member)
        if sink is not None:
            if content:
                sink.feed(content)
            sink.close()


def shows(visitors: Iterable[Visitor]) -> "list[Callable[[Batch], None]]":
    """How each visitor is shown a batch."""
    return [getattr(each, "batch", None) or partial(show, each) for each in visitors]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about an archive that a person should know.

    `code` starts with `safety.` for what could harm whoever unpacks the archive, with
    `integrity.` for what is damaged, hidden or read differently by different programs. `message`
    is a sentence that does not name the archive; `see` a shell command in which `{path}` stands
    for the archive; `data` facts for programs.
    """

    code: str
    level: Level
    message: str
    member: str = ""
    see: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What one reading of one archive came to.

    `format` is what the content is ("tar.gz", "zip", "" if it is no archive we read), which the
    name may contradict. `content_size` is the bytes of all files when unpacked. `complete` is
    false when reading stopped before the end: then the counts are what was seen until there.
    `digest` is that of the archive file itself, always of all its bytes.
    """

    format: str
    problems: tuple[Problem, ...]
    members: int
    files: int
    content_size: int
    complete: bool
    digest: Digest
