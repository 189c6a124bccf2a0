"""The way in: takes any archive, finds out what it is, and has it read."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from checks.engine.archive import streams
from checks.engine.archive.intake import Intake
from checks.engine.archive.model import Report, Visitor
from checks.engine.archive.problems import Problems, Stop
from checks.engine.archive.source import Source
from checks.engine.archive.tar import TarReader
from checks.engine.archive.twins import Twins
from checks.engine.archive.window import Window
from checks.engine.archive.zip import ZipReader
from checks.engine.model import Limits
from trusted_releases.lib.archive_names import format_of
from trusted_releases.lib.digests import Digest

Progress = Callable[[int], None] | None

_USTAR = slice(257, 262)


def walk(
    path: Path,
    name: str,
    limits: Limits,
    visitors: Sequence[Visitor] = (),
    progress: Progress = None,
    *,
    threads: bool = True,
) -> Report:
    """Read the archive at `path`, which the release calls `name`, from end to end.

    Every member is shown to every visitor, in the order of the file. `progress` is called with
    the bytes of the file that have been read, about once for each MiB. What is in the archive
    never raises: it is a problem in the report. With `threads` a tar is inflated and hashed beside.
    """
    problems = Problems()
    intake = Intake(limits, problems, visitors)
    format_ = _format(path, name, problems)
    try:
        reader = _read_zip if format_ == "zip" else partial(_read_tar, threads=threads)
        complete, digest = reader(path, format_, intake, limits, problems, progress)
        if complete:
            _settle_twins(path, format_, intake, limits)
    finally:
        for visitor in visitors:
            visitor.finish()
    return Report(
        format_,
        problems.result(),
        intake.members,
        intake.files,
        intake.content_size,
        complete,
        digest,
    )


def _read_tar(
    path: Path,
    format_: str,
    intake: Intake,
    limits: Limits,
    problems: Problems,
    progress: Progress,
    *,
    threads: bool = True,
) -> tuple[bool, Digest]:
    with Source(path, progress, threads=threads) as source:

        def content() -> None:
            blocks = streams.plain(format_, source, limits, problems)
            TarReader(blocks, intake, limits, problems).read()

        complete = _complete(content, intake, problems)
        return complete, source.digest()


def _read_zip(
    path: Path, format_: str, intake: Intake, limits: Limits, problems: Problems, progress: Progress
) -> tuple[bool, Digest]:
    """Members and digest need different orders, so a second thread reads for the digest."""
    with Source(path) as source, Window(path) as window, ThreadPoolExecutor(1) as beside:
        digest = beside.submit(source.digest)
        reader = ZipReader(window, intake, limits, problems, progress)
        return _complete(reader.read, intake, problems), digest.result()


def _complete(read: Callable[[], None], intake: Intake, problems: Problems) -> bool:
    """Read, and judge what was seen, also when reading had to stop; whether it did not."""
    if any(problem.code == "integrity.format" for problem in problems.result()):
        return False
    complete = True
    for step in (read, intake.finish):
        try:
            step()
        except Stop:
            complete = False
    return complete


def _settle_twins(path: Path, format_: str, intake: Intake, limits: Limits) -> None:
    """Read again for the paths that come twice with one size, if there are any."""
    if not (names := intake.tree.twins):
        return
    twins = Twins(names)
    again, silent = Intake(limits, Problems(), [twins]), Problems()
    reader = _read_zip if format_ == "zip" else _read_tar
    reader(path, format_, again, limits, silent, None)
    for name in sorted(names):
        intake.tree.settle(name, same=twins.same(name))


def _format(path: Path, name: str, problems: Problems) -> str:
    """What the content is; it must be what the name promises."""
    with path.open("rb") as file:
        head = file.read(512)
    promised = format_of(name)
    actual = _sniffed(head)
    if not head:
        problems.blocker("integrity.format", "The file is empty.")
    elif actual and actual != promised:
        problems.blocker(
            "integrity.format",
            f"The content is {_WORDS[actual]}, but the name says "
            f"{_WORDS.get(promised, 'something else')}. Rename the file or make it anew.",
            see="file {path}",
        )
    elif not actual and promised not in ("zip", "tar"):
        problems.blocker(
            "integrity.format",
            f"The content is not {_WORDS.get(promised, 'an archive')}, as the name says.",
            see="file {path}",
        )
    return actual or promised


_WORDS = {
    "tar.gz": "gzip-compressed",
    "tar.bz2": "bzip2-compressed",
    "tar.xz": "xz-compressed",
    "tar.zst": "Zstandard-compressed",
    "tar": "an uncompressed tar",
    "zip": "a zip",
}


def _sniffed(head: bytes) -> str:
    """The format by its first bytes; "" for unknown ones (old tars and zips with a prefix too)."""
    if head[_USTAR] == b"ustar":
        return "tar"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    return next((key for key, magic in streams.MAGIC.items() if head.startswith(magic)), "")
