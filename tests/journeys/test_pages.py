"""Every page of the product, held against what all pages promise.

Each page is opened once, by the person the list names, and measured; the tests below look at
the measurements, and a failure names each page with what is wrong on it.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pytest

from tests import pages
from tests.journeys import looks
from tests.journeys.console import console_pages
from tests.journeys.looks import Look
from tests.journeys.site import Seat, Site

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

BUDGET = 150 * 1024  # bytes of HTML, CSS and JavaScript, before compression


@pytest.fixture(scope="module")
def seen(site: Site) -> list[Look]:
    with ExitStack() as stack:
        seats: dict[str, Seat] = {}
        found = []
        for page in [*pages.pages(site.world), *console_pages(site.world)]:
            if page.by not in seats:
                seats[page.by] = stack.enter_context(site.seat(page.by))
            each = looks.look(seats[page.by], page)
            each.unfit = looks.examine(seats[page.by].page)
            found.append(each)
        return found


def nothing(wrong: Iterable[str]) -> None:
    """No line is there: each would name a page, and what is wrong on it."""
    lines = list(wrong)
    assert not lines, "\n" + "\n".join(lines)


def of_each(seen: list[Look], part: str) -> Iterator[str]:
    for each in seen:
        for line in getattr(each, part):
            yield f"{each.page.name}: {line}"


def test_each_page_answers_as_listed(seen):
    assert len(seen) > 60
    nothing(f"{each.page.name}: {each.status}" for each in seen if each.status != each.page.status)


def test_axe_finds_nothing_at_either_width_in_either_scheme(seen):
    nothing(of_each(seen, "unfit"))


def test_the_browser_has_nothing_to_complain_about(seen):
    nothing(of_each(seen, "complaints"))


def test_nothing_is_inline_that_the_policy_would_stop(seen):
    nothing(f"{each.page.name}: {line}" for each in seen for line in each.markup.forbidden)


def test_no_page_asks_another_host(seen, site):
    ours = {site.url.split("//")[1]}
    nothing(f"{each.page.name}: {each.hosts - ours}" for each in seen if each.hosts != ours)


def test_no_page_is_heavier_than_the_budget(seen):
    assert all(len(each.weights) > 1 for each in seen), "the browser told no sizes"
    heavy = [each for each in seen if sum(each.weights.values()) >= BUDGET]
    nothing(f"{each.page.name}: {sum(each.weights.values())}: {each.weights}" for each in heavy)


def test_nothing_sticks_out_on_a_phone(seen):
    nothing(of_each(seen, "sticking_out"))


def test_nothing_moves_for_those_who_asked_for_stillness(seen):
    nothing(of_each(seen, "moving"))


def test_each_page_has_one_heading_and_a_title(seen):
    named = [(each.page.name, each.markup.h1, each.markup.title.strip()) for each in seen]
    nothing(
        f"{name}: {h1} {title!r}"
        for name, h1, title in named
        if len(h1) != 1 or not h1[0].strip() or not title
    )


def test_no_id_is_given_twice(seen):
    for each in seen:
        ids = each.markup.ids
        assert sorted(name for name in set(ids) if ids.count(name) > 1) == [], each.page.name
