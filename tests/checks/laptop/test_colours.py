import io

import pytest

from checks.laptop.colours import paint_for
from tests.checks.laptop.made import Terminal


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_is_painted_and_a_file_is_not():
    paint = paint_for(Terminal())
    assert paint is not None
    assert paint("concern", "Hm.") == "\x1b[33mHm.\x1b[0m"
    assert paint("unknown", "Hm.") == "Hm."
    assert paint_for(io.StringIO()) is None


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_the_environment_can_say_no_and_the_person_has_the_last_word(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert paint_for(Terminal()) is None
    assert paint_for(Terminal(), "always") is not None


def test_an_empty_no_color_means_nothing(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "")
    assert paint_for(Terminal()) is not None


def test_colours_can_be_asked_for_and_refused():
    assert paint_for(io.StringIO(), "always") is not None
    assert paint_for(Terminal(), "never") is None
