"""Answers that are written row by row."""

import io
import json

import pytest

from trusted_releases.api.bodies import text_of
from trusted_releases.api.streaming import IN_MEMORY, stream, write

ROWS = [{"b": 1, "a": ["x", {"z": None}]}, {"a": 'quoted "rows": []', "b": 2.5}]


@pytest.mark.parametrize("readable", [False, True])
@pytest.mark.parametrize("rows", [[], ROWS[:1], ROWS])
def test_it_is_the_very_text_of_the_whole(settings, readable: bool, rows: list) -> None:
    settings.DEBUG = readable
    rest = {"endpoint": "/x", "z": '"rows": []', "a": {"rows": 1}}
    file = io.BytesIO()
    write(file, "rows", iter(rows), rest)
    assert file.getvalue() == text_of({**rest, "rows": rows})


def test_the_length_is_known_and_long_ones_lie_on_the_disk(settings, tmp_path) -> None:
    settings.SCRATCH_DIR = tmp_path
    answer = stream("rows", ({"text": "x" * 1000} for _ in range(2000)), endpoint="/x")
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer.headers["Content-Length"]) > IN_MEMORY
    assert answer.headers["Content-Type"] == "application/json"
    assert len(json.loads(content)["rows"]) == 2000


def test_an_error_in_the_middle_is_an_error() -> None:
    def rows():
        yield {}
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stream("rows", rows(), endpoint="/x")
