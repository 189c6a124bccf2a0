"""What must hold of every archive, however odd: we end, within bounds, and read it as others do.

Where the reader says nothing about an archive, a program of the standard library gets the same
members out of it, in the same order, with the same content.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import zstandard

from checks.engine.archive import Kind, Member, Report, walk
from checks.engine.model import Level, Limits

# Small enough that a bomb is met within the time and the memory that one input may take.
LIMITS = Limits(total_size=32 << 20, file_size=16 << 20, members=5_000, metadata=64 << 10)
PLAIN = 64 << 20  # bytes that the other program may unpack


class Entry(NamedTuple):
    """A member as both readers have to tell it."""

    name: str
    kind: str
    content: str  # the digest of a file, the target of a link


class Seen:
    """A visitor that keeps what it is shown, and that it is shown it in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.finished = 0

    def member(self, member: Member) -> "_Hash | None":
        if member.kind is Kind.FILE:
            return _Hash(self, member)
        self.entries.append(Entry(member.name, str(member.kind), member.target))
        return None

    def finish(self) -> None:
        self.finished += 1


class _Hash:
    def __init__(self, seen: Seen, member: Member) -> None:
        self._seen, self._member = seen, member
        self._digest, self._size, self._closed = hashlib.sha256(), 0, False

    def feed(self, block: bytes) -> None:
        assert not self._closed, "fed after it was closed"
        self._digest.update(block)
        self._size += len(block)

    def close(self) -> None:
        assert not self._closed, "closed twice"
        self._closed = True
        assert self._size <= self._member.size, "more content than announced"
        self._seen.entries.append(Entry(self._member.name, "file", self._digest.hexdigest()))


@cache
def place() -> Path:
    """A file in memory that archives are written to: the reader takes a path."""
    shm = Path("/dev/shm")
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it lives as long as the process
        prefix="fuzz-", dir=shm if shm.is_dir() else None
    )
    _kept.append(handle)
    return Path(handle.name)


_kept: list[object] = []


def read(name: str, data: bytes) -> tuple[Report, Seen]:
    """Our reading, and what holds of every one."""
    path = place()
    path.write_bytes(data)
    seen = Seen()
    report = walk(path, name, LIMITS, [seen])
    assert seen.finished == 1
    assert report.digest.size == len(data)
    assert report.digest.sha256 == hashlib.sha256(data).hexdigest()
    assert report.members >= len(seen.entries) or not report.complete
    if not report.complete:
        assert any(each.level is Level.BLOCKER for each in report.problems), "stopped silently"
    assert all(_can_be_stored(each.message + each.member) for each in report.problems)
    return report, seen


def _can_be_stored(text: str) -> bool:
    return "\0" not in text and text == text.encode("utf-8", "replace").decode()


def is_silent(report: Report) -> bool:
    """Whether nothing is said about how programs read the archive."""
    return report.complete and not any(
        each.level in (Level.CONCERN, Level.BLOCKER) or each.code.startswith("integrity.")
        for each in report.problems
    )


def tar(data: bytes) -> None:
    """An uncompressed tar."""
    report, seen = read("t-1.tar", data)
    if is_silent(report):
        agree(seen.entries, tar_by_python(data))


def agree(ours: list[Entry], theirs: list[Entry]) -> None:
    """Both readings are the same; else the words say how they differ."""
    for mine, other in zip(ours, theirs, strict=False):
        for field, a, b in zip(Entry._fields, mine, other, strict=True):
            assert a == b, f"other {field}, {mine.kind} for {other.kind}"
    assert len(ours) >= len(theirs), f"one more: {theirs[len(ours)].kind}"
    assert len(ours) <= len(theirs), f"one less: {ours[len(theirs)].kind}"


def tar_by_python(data: bytes) -> list[Entry]:
    entries = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for member in archive:
            name = clean(member.name)
            if member.isfile():
                stream = archive.extractfile(member)
                assert stream is not None
                entries.append(Entry(name, "file", hashlib.sha256(stream.read()).hexdigest()))
            else:
                entries.append(Entry(name, _kind(member), member.linkname * (not member.isdir())))
    return entries


def _kind(member: tarfile.TarInfo) -> str:
    kinds = {tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink"}
    return kinds.get(member.type, "other")


def clean(name: str) -> str:
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return "" if name == "." else name.rstrip("/")


def zip_(data: bytes) -> None:
    """A zip."""
    report, seen = read("t-1.zip", data)
    if is_silent(report):
        agree([each for each in seen.entries if each.kind != "symlink"], zip_by_python(data))


def zip_by_python(data: bytes) -> list[Entry]:
    entries = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in sorted(archive.infolist(), key=lambda each: each.header_offset):
            mode = info.external_attr >> 16
            if mode & 0o170000 == 0o120000 and info.create_system == 3:
                continue
            content = archive.read(info)
            is_folder = info.is_dir() or mode & 0o170000 == 0o040000
            digest = "" if is_folder else hashlib.sha256(content).hexdigest()
            name = clean(info.filename)
            entries.append(Entry(name, "directory" if is_folder else "file", digest))
    return entries


def _read(stream: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile) -> bytes:
    with stream:
        return stream.read(PLAIN)


def _unzstd(data: bytes) -> bytes:
    options = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    with options.stream_reader(data, read_across_frames=True) as stream:
        return stream.read(PLAIN)


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "tar.gz": lambda data: _read(gzip.GzipFile(fileobj=io.BytesIO(data))),
    "tar.bz2": lambda data: _read(bz2.BZ2File(io.BytesIO(data))),
    "tar.xz": lambda data: _read(lzma.LZMAFile(io.BytesIO(data))),  # noqa: SIM115 - closed there
    "tar.zst": _unzstd,
}
PACK: dict[str, Callable[[bytes], bytes]] = {
    "tar.gz": lambda plain: gzip.compress(plain, 1, mtime=0),
    "tar.bz2": lambda plain: bz2.compress(plain, 1),
    "tar.xz": lambda plain: lzma.compress(plain, preset=0),
    "tar.zst": zstandard.ZstdCompressor(level=1).compress,
}


def streams(data: bytes) -> None:
    """A compressed tar, its kind given by the first byte."""
    format_ = sorted(PACK)[data[0] % len(PACK)] if data else "tar.gz"
    report, seen = read(f"t-1.{format_}", data[1:])
    if is_silent(report):
        agree(seen.entries, tar_by_python(UNPACK[format_](data[1:])))
