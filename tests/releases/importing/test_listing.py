"""What a directory listing says, and what it cannot make us ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.importing.address import Problem
from releases.importing.listing import MOST_LINKS, children, name_of

pytestmark = pytest.mark.once

BASE = "https://dist.apache.org/dev/tool/"


def page(*links: str) -> bytes:
    return "".join(f'<a href="{link}">x</a>' for link in links).encode()


def test_files_and_folders_below_are_found_however_they_are_written() -> None:
    found = children(page("a.zip", "./b.zip", BASE + "c.zip", "/dev/tool/docs/", "d%20e"), BASE)
    assert found == [BASE + each for each in ("a.zip", "b.zip", "c.zip", "d%20e", "docs/")]
    assert name_of(found[3]) == "d e"
    assert name_of(found[4]) == "docs"


@pytest.mark.parametrize(
    "link",
    [
        *("../", "/", "", ".", "./", BASE, "?C=N;O=D", "a?x", "a#b", "a/b", "..%2fx"),
        *("https://example.org/dev/tool/x", "http://dist.apache.org/dev/tool/x"),
        *("//example.org/dev/tool/x", "javascript:alert(1)", "file:///etc/passwd", "mailto:a@b.c"),
        *("https://dist.apache.org@example.org/dev/tool/x", "https://[", "%2e%2e", "x/../../y"),
    ],
)
def test_whatever_leads_elsewhere_is_passed_over(link: str) -> None:
    assert children(page(link), BASE) == []


@given(st.binary(max_size=300))
def test_any_bytes_give_children_or_nothing(content: bytes) -> None:
    assert all(each.startswith(BASE) for each in children(content, BASE))


def test_a_listing_without_an_end_is_refused() -> None:
    with pytest.raises(Problem, match="more links"):
        children(page(*(["x"] * (MOST_LINKS + 1))), BASE)
