"""Reads an archive in a process of its own, while this one judges what was read.

A process runs Python in one thread at a time. So where there are two processors, a fork of this
one reads: it inflates, hashes, walks the headers, judges names, and passes on what it sees. The
visitors stay here, and do not notice. The fork has the limits of this process and its filter, and
dies with it; where it dies by itself, this one dies of the same.
"""

import os
import pickle
import signal
import struct
from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NoReturn

from checks.engine.archive.line import Line
from checks.engine.archive.model import MEMBER, Batch, Member, Report, Sink, Visitor, shows
from checks.engine.archive.walk import Progress, walk
from checks.engine.confine import die_with_parent
from checks.engine.model import Limits

WORTH = 8 << 20  # bytes of an archive from which on a second process pays for its start
BUSY = 2  # processors that both processes keep busy without threads of the reader

_LENGTH = struct.Struct("<Q")


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
    for the second one that nobody else keeps busy, for each would wait for the other; and no other
    thread runs here, which a fork would leave behind."""
    if size < WORTH or not hasattr(os, "sched_getaffinity"):
        return False
    processors = len(os.sched_getaffinity(0))
    is_free = processors > 1 and os.getloadavg()[0] < processors
    return is_free and len(os.listdir("/proc/self/task")) == 1


def walk_apart(
    path: Path,
    name: str,
    limits: Limits,
    visitors: Sequence[Visitor] = (),
    progress: Progress = None,
) -> Report:
    """The same as `walk`, with the reader in a process of its own."""
    parent = os.getpid()
    with Line() as line:
        reader = os.fork()
        if not reader:
            _read(line, parent, (path, name, limits), tells=progress is not None)
        line.begin_to_receive()
        try:
            return _Showing(visitors, progress).until_the_end(line)
        except EOFError:
            pass
        finally:
            os.kill(reader, signal.SIGKILL)
            _, status = os.waitpid(reader, 0)
            for visitor in visitors:
                visitor.finish()
    raise _lost(status)


def _lost(status: int) -> RuntimeError:
    """What to say of a reader that left early. Where a signal ended it, the same ends this process:
    whoever watches it shall learn what an archive did to it."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        os.kill(os.getpid(), -code)
    return RuntimeError(f"the reader of the archive ended early with code {code}")


# The side of the reader


def _read(line: Line, parent: int, what: tuple[Path, str, Limits], *, tells: bool) -> NoReturn:
    """What the fork does; it ends here."""
    try:
        die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whom a person stops ends its reader
        line.begin_to_send()
        sender = _Sender(line)
        threads = len(os.sched_getaffinity(0)) > BUSY
        report = walk(*what, [sender], sender.tell if tells else None, threads=threads)
        line.send(_What.REPORT, pickle.dumps(report))
    except Exception as error:
        line.send(_What.ERROR, pickle.dumps(error))
    finally:
        os._exit(0)


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
