"""Reads an archive in a process of its own, while this one judges what was read.

A process runs Python in one thread at a time. So where there are two processors, a fork of this
one reads: it inflates, hashes, walks the headers, judges names, and passes on what it sees. The
visitors stay here, and do not notice. The fork has the limits of this process and its filter, and
dies with it; where it dies by itself, this one dies of the same. It is kept for the next archive,
for to fork costs more than to read a small one.
"""

import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from enum import IntEnum
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from checks.engine.archive.line import Line, OtherSideEnded
from checks.engine.archive.model import MEMBER, Batch, Member, Report, Sink, Visitor, shows
from checks.engine.archive.walk import Progress, walk
from checks.engine.confine import allow_cpu, cpu_left, die_with_parent
from checks.engine.model import Limits

# Bytes of an archive from which on a second process pays: for its start, and where it has started.
WORTH_STARTING, WORTH_TELLING = 4 << 20, 1 << 20
BUSY = 2  # processors that both processes keep busy without threads of the reader

_LENGTH = struct.Struct("<Q")
_IN_USE = threading.Lock()


class _What(IntEnum):
    BATCH = 1
    MEMBER = 2
    FEED = 3
    CLOSE = 4
    PROGRESS = 5
    REPORT = 6
    ERROR = 7


def pays(size: int) -> bool:
    """Whether an archive of so many bytes is read faster by two processes: there is a processor
    for the second one that nobody else keeps busy, for each would wait for the other; and it is
    there already, or no other thread runs here, which a fork would leave behind."""
    is_there = _Reader.is_at_hand()
    if sys.platform != "linux" or size < (WORTH_TELLING if is_there else WORTH_STARTING):
        return False
    is_free = _running() < len(os.sched_getaffinity(0))
    return is_free and (is_there or len(os.listdir("/proc/self/task")) == 1)


def _running() -> int:
    """How many threads of this machine run or wait for a processor now, with this one. The usual
    averages would count what this process and its reader did a minute ago."""
    return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])


def walk_apart(
    path: Path,
    name: str,
    limits: Limits,
    visitors: Sequence[Visitor] = (),
    progress: Progress = None,
) -> Report:
    """The same as `walk`, with the reader in a process of its own. It reads one archive at a time:
    for whoever comes meanwhile, this process reads."""
    if not _IN_USE.acquire(blocking=False):
        return walk(path, name, limits, visitors, progress)
    try:
        return _by_reader((path, name, limits), visitors, progress)
    finally:
        _IN_USE.release()


def _by_reader(
    what: tuple[Path, str, Limits], visitors: Sequence[Visitor], progress: Progress
) -> Report:
    reader = _Reader.at_hand()
    is_over = False
    try:
        reader.begin(what, tells=progress is not None)
        report = _Showing(visitors, progress).until_the_end(reader.line)
        is_over = True
    except OtherSideEnded:
        raise _lost(reader.end()) from None
    finally:
        if not is_over:
            reader.end()
        for visitor in visitors:
            visitor.finish()
    return report


def _lost(status: int) -> RuntimeError:
    """What to say of a reader that left early. Where a signal ended it, the same ends this process:
    whoever watches it shall learn what an archive did to it."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        os.kill(os.getpid(), -code)
    return RuntimeError(f"the reader of the archive ended early with code {code}")


class _Reader:
    """The fork, as this process sees it. It reads one archive after the other, each when told."""

    _kept: "ClassVar[_Reader | None]" = None

    def __init__(self) -> None:
        self.line = Line()
        jobs, self._jobs = os.pipe()
        self._for = os.getpid()
        self._pid = os.fork()
        if not self._pid:
            os.close(self._jobs)
            _serve(self.line, jobs, self._for)
        os.close(jobs)
        self.line.begin_to_receive()
        self._status: int | None = None

    @classmethod
    def at_hand(cls) -> "_Reader":
        """The one there is, or a new one where there is none, or it has ended meanwhile."""
        if cls._kept is None or not cls.is_at_hand():
            cls._kept = cls()
        return cls._kept

    @classmethod
    def is_at_hand(cls) -> bool:
        """Whether there is one."""
        return cls._kept is not None and cls._kept._is_alive()

    def begin(self, what: tuple[Path, str, Limits], *, tells: bool) -> None:
        """Have it read an archive, for no more of processor time than this process has left."""
        try:
            os.write(self._jobs, pickle.dumps((what, tells, cpu_left())))
        except BrokenPipeError as error:
            raise OtherSideEnded from error

    def end(self) -> int:
        """End it, if it has not ended by itself; returns its status."""
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)
            _, self._status = os.waitpid(self._pid, 0)
            os.close(self._jobs)
            self.line.close()
        type(self)._kept = None
        return self._status

    def _is_alive(self) -> bool:
        if self._for != os.getpid():  # ours by a fork of whose it is
            return False
        if os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return True
        self.end()
        return False


def end_reader() -> None:
    """End the process that is kept for the next archive, if there is one."""
    if _Reader._kept is not None and _Reader.is_at_hand():
        _Reader._kept.end()


# The side of the reader


def _serve(line: Line, jobs: int, parent: int) -> NoReturn:
    """What the fork does; it ends here."""
    try:
        die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whom a person stops ends its reader
        line.begin_to_send()
        while job := _job(jobs):
            _read(line, *job)
    finally:
        os._exit(0)


def _job(jobs: int) -> Any:
    """What to read next; None when nobody will say."""
    with os.fdopen(os.dup(jobs), "rb") as stream, suppress(EOFError):
        return pickle.load(stream)  # noqa: S301 - whose fork this is wrote it
    return None


def _read(line: Line, what: tuple[Path, str, Limits], tells: bool, seconds: int | None) -> None:
    try:
        if seconds is not None:
            allow_cpu(seconds)
        sender = _Sender(line)
        threads = len(os.sched_getaffinity(0)) > BUSY
        report = walk(*what, [sender], sender.tell if tells else None, threads=threads)
        line.send(_What.REPORT, pickle.dumps(report))
    except Exception as error:
        line.send(_What.ERROR, pickle.dumps(error))


class _Sender:
    """The only visitor of the reader: passes on all that it is shown. It is the sink of the one
    large member that goes by, as well."""

    def __init__(self, line: Line) -> None:
        self._send = line.send

    def batch(self, members: Batch) -> None:
        about, lasts, contents = zip(*members, strict=True)
        columns = list(zip(*about, strict=True))
        head = pickle.dumps((columns, lasts, list(map(len, contents))))
        self._send(_What.BATCH, b"".join((_LENGTH.pack(len(head)), head, *contents)))

    def member(self, member: Member) -> Sink:
        self._send(_What.MEMBER, pickle.dumps(tuple(member)))
        return self

    def feed(self, block: bytes) -> None:
        self._send(_What.FEED, block)

    def close(self) -> None:
        self._send(_What.CLOSE)

    def finish(self) -> None:
        """The report says it."""

    def tell(self, done: int) -> None:
        self._send(_What.PROGRESS, _LENGTH.pack(done))


# The side of the visitors


class _Showing:
    """Shows the visitors what the reader passes on."""

    def __init__(self, visitors: Sequence[Visitor], progress: Progress) -> None:
        self._visitors = visitors
        self._batches = shows(visitors)
        self._sinks: list[Sink] = []
        self._progress = progress
        self._does = {
            _What.BATCH: self._batch,
            _What.MEMBER: self._member,
            _What.FEED: self._feed,
            _What.CLOSE: self._close,
            _What.PROGRESS: self._tell,
        }

    def until_the_end(self, line: Line) -> Report:
        """All of it, up to the report."""
        what, data = line.receive()
        while act := self._does.get(_What(what)):
            act(data)
            what, data = line.receive()
        return _last(what, data)

    def _batch(self, data: memoryview) -> None:
        batch = _batch(data)
        for show_to in self._batches:
            show_to(batch)

    def _member(self, data: memoryview) -> None:
        member = MEMBER(pickle.loads(data))  # noqa: S301
        wanted = [visitor.member(member) for visitor in self._visitors]
        self._sinks = [sink for sink in wanted if sink is not None]

    def _feed(self, data: memoryview) -> None:
        block = data.tobytes()
        for sink in self._sinks:
            sink.feed(block)

    def _close(self, _: memoryview) -> None:
        for sink in self._sinks:
            sink.close()

    def _tell(self, data: memoryview) -> None:
        if self._progress:
            self._progress(*_LENGTH.unpack(data))


def _last(what: int, data: memoryview) -> Report:
    """What the reader said at its end."""
    said: Any = pickle.loads(data)  # noqa: S301 - our own fork wrote it
    if what == _What.ERROR:
        raise said
    report: Report = said
    return report


def _batch(data: memoryview) -> Batch:
    start = _LENGTH.size
    end = start + _LENGTH.unpack_from(data)[0]
    columns, lasts, sizes = pickle.loads(data[start:end])  # noqa: S301
    contents = (data[a:b].tobytes() for a, b in pairwise(accumulate(sizes, initial=end)))
    return Batch(zip(map(MEMBER, zip(*columns, strict=True)), lasts, contents, strict=True))
