"""Answers with thousands of rows: never all in memory, and whole or not at all.

The answer is written to a file before its first byte is sent. So an error in the middle is an
error, the length is known, and a slow client holds no cursor of the database open.
"""

import json
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import Any, Protocol

from django.conf import settings
from django.http import FileResponse

from trusted_releases.api.bodies import is_readable, text_of

IN_MEMORY = 1 << 20  # bytes; what is longer goes to the disk


class Written(Protocol):
    def write(self, data: bytes, /) -> object: ...


def stream(
    name: str, rows: Iterable[dict[str, Any]], *, status: int = 200, **rest: Any
) -> FileResponse:
    """The answer whose key `name` has all the rows, beside what `rest` says."""
    # Closed with the response, which the server does when the last byte is out.
    file = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(settings.SCRATCH_DIR))  # noqa: SIM115
    try:
        write(file, name, rows, rest)
        length = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    answer = FileResponse(file, status=status, content_type="application/json")
    answer.headers["Content-Length"] = str(length)
    return answer


def write(file: Written, name: str, rows: Iterable[dict[str, Any]], rest: dict[str, Any]) -> None:
    """Exactly what `text_of` makes of the whole, row by row."""
    colon = ": " if is_readable() else ":"
    mark = f"{json.dumps(name)}{colon}[]".encode()
    before, _, after = text_of({**rest, name: []}).partition(mark)
    file.write(before + mark[:-1])
    some = False
    for row in rows:
        file.write(b"," * some + _line(row))
        some = True
    file.write((b"\n  ]" if some and is_readable() else b"]") + after)


def _line(row: dict[str, Any]) -> bytes:
    text = text_of(row)
    if not is_readable():
        return text
    lines = text.decode().rstrip("\n").split("\n")
    return "".join(f"\n    {line}" for line in lines).encode()
