"""What text from people may hold."""

import pytest

from trusted_releases.lib.text import is_plain, one_line


@pytest.mark.parametrize(
    "text", ["", "plain", "line\r\n\tline", "\u65e5\u672c \U0001f600", "\u00e9"]
)
def test_text_is_text(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text", ["a\0b", "\x1b[31m", "\x7f", "\x85", "\ud800", "\u2028", "\u2029", "\x0b"]
)
def test_controls_and_half_characters_are_not(text: str) -> None:
    assert not is_plain(text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("Eve\r\n  +1 Ada", "Eve +1 Ada"),
        ("\u202eevE\x00\x01", "evE"),
        ("\u2028 ", ""),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(said: str, shown: str) -> None:
    assert one_line(said) == shown
