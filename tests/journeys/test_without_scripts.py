"""Without JavaScript: nothing is offered that then does nothing, and nothing is out of reach."""

from typing import Any

import pytest
from playwright.sync_api import Locator

from tests import pages
from tests.journeys.site import Site
from tests.journeys.test_pages import nothing

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

# Shown, and without an effect of its own: what sends no form, opens nothing, and leads nowhere.
IDLE = """() => {
  const shown = (each) => each.checkVisibility({ visibilityProperty: true });
  const works = (each) => {
    if (each.matches("[popovertarget], [command]")) return true;
    if (each.matches("button, input[type=submit]")) return each.type !== "button" && !!each.form;
    if (each.matches("a")) return each.hasAttribute("href") && each.getAttribute("href") !== "#";
    if (each.matches("input, select, textarea")) return !!each.form;
    return false;
  };
  const sends = (form) => [...form.elements].some((each) => each.type === "submit" && shown(each));
  const kinds = "button, a, input:not([type=hidden]), select, textarea, [role=button]";
  const idle = [...document.querySelectorAll(kinds)].filter((each) => shown(each) && !works(each));
  const stuck = [...document.forms].filter((form) => shown(form) && !sends(form)
    && form.querySelector("input:not([type=hidden]), select, textarea"));
  return [...new Set([...idle, ...stuck])].map((each) => each.outerHTML.slice(0, 160));
}"""


@pytest.fixture(scope="module")
def plain(site: Site) -> dict[str, list[str]]:
    """What stands idle on each page when no script runs."""
    found: dict[str, list[str]] = {}
    by: dict[str, list[pages.Page]] = {}
    for page in pages.pages(site.world):
        by.setdefault(page.by, []).append(page)
    for name, there in by.items():
        with site.seat(name, scripts=False) as seat:
            for page in there:
                seat.page.goto(page.path)
                found[page.name] = seat.page.evaluate(IDLE)
    return found


def test_no_page_offers_what_does_nothing(plain: dict[str, list[str]]) -> None:
    assert len(plain) > 50
    nothing(f"{name}: {line}" for name, lines in plain.items() for line in lines)


@pytest.mark.parametrize(
    "idle",
    [
        "<button type='button'>Copy</button>",
        "<a href='#'>More</a>",
        "<form><input name='q'></form>",
        "<button hx-get='/x/'>Load</button>",
    ],
)
def test_such_a_thing_would_be_found(site: Site, idle: str) -> None:
    with site.seat(scripts=False) as seat:
        seat.page.set_content(f"<main>{idle}</main>")
        assert len(seat.page.evaluate(IDLE)) >= 1


def test_what_works_without_scripts_is_left_alone(site: Site) -> None:
    with site.seat(scripts=False) as seat:
        seat.page.set_content(
            "<form><input name='q'><button>Go</button></form><a href='/'>Home</a>"
            "<button type='button' hidden>Copy</button>"
        )
        assert seat.page.evaluate(IDLE) == []


def test_scripts_are_really_off(site: Site) -> None:
    with site.seat(scripts=False) as seat:
        seat.page.goto("/")
        times: Locator = seat.page.locator("time[data-local]")
        assert times.count() == 0
        state: Any = seat.page.evaluate("typeof window.htmx")
        assert state == "undefined"
