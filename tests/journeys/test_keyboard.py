"""Everything by keyboard: reached by Tab in the order of reading, and seen where one is."""

from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests import pages
from tests.journeys.site import NARROW, WIDE, Site
from tests.journeys.test_pages import nothing

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

MAIN = [
    "home-member",
    "releases-member",
    "project-member",
    "compose-ready",
    "findings",
    "call-vote",
    "vote-member",
    "resolve",
    "announce",
    "download",
    "login",
    "not-found",
]
MOST = 400  # presses of Tab

# What one can act on and see, in the order of the page. One radio button stands for its group,
# and what scrolls is reached too: otherwise its end is not to be seen without a mouse.
WANTED = """() => {
  const groups = new Set();
  const shown = (each) => each.checkVisibility({ visibilityProperty: true })
    && !each.closest("[inert], fieldset:disabled");
  const first = (each) => {
    if (each.type !== "radio") return true;
    const key = (each.form?.action ?? "") + each.name;
    const checked = document.querySelector(`input[type=radio][name="${each.name}"]:checked`);
    if (checked && checked !== each) return false;
    return !groups.has(key) && groups.add(key);
  };
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  return [...document.querySelectorAll(kinds)]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && shown(each) && first(each))
    .map((each, place) => { each.dataset.tabPlace = place; return each.outerHTML.slice(0, 120); });
}"""
HERE = """() => {
  const each = document.activeElement;
  if (!each || each === document.body || each === document.documentElement) return null;
  const style = getComputedStyle(each);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return {
    place: each.dataset.tabPlace === undefined ? null : Number(each.dataset.tabPlace),
    visible: ring || style.boxShadow !== "none",
    source: each.outerHTML.slice(0, 120),
  };
}"""

# Not as an element: the policy stops that.
HIDE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { outline: none !important; box-shadow: none !important }");
  document.adoptedStyleSheets = [sheet];
}"""


def stops(tab: Tab) -> list[dict[str, Any]]:
    """Where Tab leads, from the top of the page to where it leaves the page or begins anew."""
    found: list[dict[str, Any]] = []
    for _ in range(MOST):
        tab.keyboard.press("Tab")
        here = tab.evaluate(HERE)
        if here is None or (found and here["place"] == found[0]["place"]):
            return found
        found.append(here)
    raise AssertionError("Tab does not come to the end of the page.")


def tabbed_through(tab: Tab) -> list[str]:
    """What is wrong with going through the page by Tab."""
    tab.evaluate("() => document.activeElement?.blur()")
    wanted = tab.evaluate(WANTED)
    found = [each for each in stops(tab) if each["place"] is not None]
    places = [each["place"] for each in found]
    wrong = [f"not reached: {wanted[n]}" for n in range(len(wanted)) if n not in places]
    wrong += [f"not seen: {each['source']}" for each in found if not each["visible"]]
    if places != sorted(places):
        wrong.append(f"out of order: {places}")
    return wrong


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_all_is_reached_by_tab_in_order_and_seen(site: Site, width: int) -> None:
    wrong = []
    listed = {page.name: page for page in pages.pages(site.world)}
    seats: dict[str, list[pages.Page]] = {}
    for name in MAIN:
        seats.setdefault(listed[name].by, []).append(listed[name])
    for by, there in seats.items():
        with site.seat(by, width=width) as seat:
            for page in there:
                seat.page.goto(page.path)
                wrong += [f"{page.name}: {each}" for each in tabbed_through(seat.page)]
    nothing(wrong)


def test_a_page_that_hides_its_focus_would_be_found(site: Site) -> None:
    with site.seat() as seat:
        seat.page.goto("/")
        seat.page.evaluate(HIDE)
        assert any("not seen" in each for each in tabbed_through(seat.page))


@pytest.mark.parametrize("path", ["/", "/releases/", "/accounts/login/", "/nothing/"])
def test_the_first_tab_leads_past_the_head_of_the_page(site: Site, path: str) -> None:
    with site.seat() as seat:
        page = seat.page
        page.goto(path)
        page.evaluate("() => document.activeElement?.blur()")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()


def test_the_console_has_its_own_way_past_its_head(site: Site) -> None:
    with site.seat("admin") as seat:
        page = seat.page
        page.goto("/admin/")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to main content")
        expect(skip).to_be_focused()
        page.keyboard.press("Enter")
        assert page.url.endswith("#content-start")
