import io

import pytest

from checks.laptop import bar
from checks.laptop.bar import CLEAR, Bar
from tests.checks.laptop.made import Terminal


@pytest.fixture(autouse=True)
def always(monkeypatch):
    monkeypatch.setattr(bar, "EVERY", 0)
    monkeypatch.setenv("COLUMNS", "80")


def test_it_says_how_far_it_is_by_bytes():
    screen = Terminal()
    Bar(screen).show("checking a.zip", 500_000, 2_000_000)
    assert screen.getvalue() == f"{CLEAR}[{'#' * 6}{'.' * 18}]  25% of 2.0 MB  checking a.zip"


def test_it_fits_into_the_line(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    screen = Terminal()
    Bar(screen).show("checking " + "x" * 100, 1, 1)
    assert len(screen.getvalue()) == len(CLEAR) + 39


def test_nothing_to_read_is_all_read_and_more_than_all_is_all():
    screen = Terminal()
    shown = Bar(screen)
    shown.show("", 0, 0)
    shown.show("", 9, 3)
    assert screen.getvalue().count("100%") == 2


def test_it_is_drawn_no_more_often_than_anybody_can_see(monkeypatch):
    monkeypatch.setattr(bar, "EVERY", 60)
    screen = Terminal()
    shown = Bar(screen)
    shown.show("first", 0, 1)
    shown.show("second", 1, 1)
    assert "second" not in screen.getvalue()


def test_it_is_taken_away_once():
    screen = Terminal()
    shown = Bar(screen)
    shown.clear()
    assert screen.getvalue() == ""
    shown.show("", 0, 1)
    shown.clear()
    shown.clear()
    assert screen.getvalue().count(CLEAR) == 2


def test_a_file_gets_nothing():
    file = io.StringIO()
    shown = Bar(file)
    shown.show("", 0, 1)
    shown.clear()
    assert file.getvalue() == ""
