"""What the archive reader says, and what it wants of those who listen."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from checks.engine.model import Level
from trusted_releases.lib.digests import Digest


class Kind(StrEnum):
    """What a member becomes when the archive is unpacked. Anything else is a problem instead."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"


@dataclass(frozen=True, slots=True)
class Member:
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


class Sink(Protocol):
    """Takes the content of one member: blocks in order, then one close.

    When reading stops early (`Report.complete` is false) close is called all the same; compare
    what was fed with `Member.size` where it matters.
    """

    def feed(self, block: bytes) -> None: ...

    def close(self) -> None: ...


class Visitor(Protocol):
    """Is shown every member in the order of the archive, and takes the content of those it wants.

    Members that are a blocker are shown too: their names are hostile text, for looking at only.
    `finish` is called once, at the end, also when reading stopped early.
    """

    def member(self, member: Member) -> Sink | None: ...

    def finish(self) -> None: ...


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
