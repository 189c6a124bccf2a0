"""The files of a revision as one ZIP, made while it is sent: nothing is written to disk first."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

from releases.models import Entry

MODE = 0o644 << 16  # where ZIP keeps the permissions of a file


class Pipe:
    """Takes what is written, and gives it away. It cannot go back, and zipfile knows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def taken(self) -> bytes:
        """All that came since one last asked."""
        found = b"".join(self._parts)
        self._parts.clear()
        return found


def zip_of(folder: str, entries: Iterable[Entry], at: datetime) -> Iterator[bytes]:
    """The files below one folder, as they are: what is released is packed already.

    `at` is the time of every file, so that the same files are the same ZIP.
    """
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as packed:  # type: ignore[call-overload]
        for entry in entries:
            info = zipfile.ZipInfo(f"{folder}/{entry.path}", at.timetuple()[:6])
            info.external_attr = MODE
            info.file_size = entry.blob.size  # more than 4 GiB take another form from the start
            with packed.open(info, "w") as file:
                for block in entry.blob.stream():
                    file.write(block)
                    yield pipe.taken()
    yield pipe.taken()
