"""What a child tells: whole lines, and not too often."""

import json

import pytest

from checks.engine import saying
from checks.engine.saying import PROGRESS_EVERY, say, throttled


def test_each_message_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say({"ready": {"text": "a\nb"}})
    say({"result": 1})
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == [{"ready": {"text": "a\nb"}}, {"result": 1}]


def test_progress_is_told_five_times_a_second_at_most(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 1_000.0
    monkeypatch.setattr(saying.time, "monotonic", lambda: at)
    tell = throttled()
    for done in range(3):
        tell("a", done, 10)
    at += PROGRESS_EVERY
    tell("a", 5, 10)
    told = [json.loads(line)["progress"] for line in capsys.readouterr().out.splitlines()]
    assert told == [
        {"unit": "a", "done": 0, "total": 10},
        {"unit": "a", "done": 5, "total": 10},
    ]
