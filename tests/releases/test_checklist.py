"""The points of a checklist, as voters tick them."""

import pytest

from releases.checklist import LONGEST_ITEM, MOST_ITEMS, items_of


@pytest.mark.parametrize(
    ("markdown", "items"),
    [
        ("", []),
        ("Please look at everything.", []),
        ("- one\n* two\n+ three\n1. four\n2) five", ["one", "two", "three", "four", "five"]),
        ("- [ ] open\n- [x] done", ["open", "done"]),
        ("  - inner", ["inner"]),
        ("- run `make test`\n- **read** the [NOTICE](https://example.org/n)", None),
        ("- same\n- same", ["same"]),
        ("```\n- in code\n```\n- out of it", ["out of it"]),
        ("---\n-nothing\n1.5 is no point", []),
    ],
)
def test_points_of_lists_are_items_and_nothing_else_is(markdown, items):
    found = items_of(markdown)
    assert found == (["run make test", "read the NOTICE"] if items is None else items)


def test_there_are_not_more_and_no_longer_ones_than_a_form_can_show():
    found = items_of("\n".join(f"- {number} {'x' * 2000}" for number in range(500)))
    assert len(found) == MOST_ITEMS
    assert max(map(len, found)) == LONGEST_ITEM


def test_a_hostile_text_costs_no_time():
    assert items_of("- " + "[" * 20_000) == ["[" * LONGEST_ITEM]
    assert items_of(" " * 20_000 + "\n" + "- **" * 5_000)
