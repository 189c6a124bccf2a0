"""Lines of 72 columns that readers join again: nothing is lost between writer and reader."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trusted_releases.lib.flowed import COLUMNS, SIGNATURE, flow, unflow

pytestmark = pytest.mark.once

TEXT = st.text(
    st.sampled_from("ab \n>-FromÄ") | st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")),
    max_size=400,
)


def as_written(text: str) -> str:
    """Spaces at the ends of lines are nobody's; only a signature's own stays."""
    lines = [line if line == SIGNATURE else line.rstrip(" ") for line in text.split("\n")]
    return "\n".join(lines)


@given(TEXT)
def test_what_readers_show_is_what_was_written(text: str) -> None:
    assert unflow(flow(text)) == as_written(text)


@given(TEXT)
def test_no_line_is_longer_than_it_must_be(text: str) -> None:
    for line in flow(text).split("\n"):
        if len(line) > COLUMNS + 1 and not line.startswith(">"):
            assert not re.search(r"\S +\S", line[1 : COLUMNS - 1])


def test_a_long_paragraph_is_broken_at_spaces() -> None:
    words = "word " * 40
    told = flow(words)
    assert max(map(len, told.split("\n"))) <= COLUMNS
    assert all(line.endswith(" ") for line in told.split("\n")[:-1])


def test_addresses_stay_whole_and_quotes_as_they_are() -> None:
    address = "https://example.org/" + "a" * 90
    quote = "> " + "word " * 30
    assert address in flow(f"See {address} there.").replace("\n", "\n")
    assert flow(quote).count("\n") == 0


@pytest.mark.parametrize("line", ["From here", " indented", "> is quoted not"])
def test_what_a_server_would_change_is_stuffed(line: str) -> None:
    told = flow(line)
    assert told == line if line.startswith(">") else told == f" {line}"
    assert unflow(told) == line
