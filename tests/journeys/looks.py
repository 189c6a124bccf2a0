"""One look at one page, with all that is to be measured on it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Page as Tab

from tests import axe
from tests.journeys.markup import Markup
from tests.journeys.site import HEIGHT, NARROW, WIDE, Seat
from tests.pages import Page

# The scheme changes nothing but colours; the width changes what is there, and its place.
VIEWS: list[tuple[int, Literal["light", "dark"], dict[str, Any]]] = [
    (WIDE, "light", axe.ALL),
    (WIDE, "dark", axe.COLOURS),
    (NARROW, "dark", axe.COLOURS),
    (NARROW, "light", axe.ALL),
]
SMALLEST = 320
# Parts that stick out at the right. What scrolls by itself may hold something wider.
OVERFLOW = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= window.innerWidth) return [];
  const scrolls = (each) => each && (
    /auto|scroll|hidden/.test(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
  const out = [...document.body.querySelectorAll("*")].filter(
    (each) => each.getBoundingClientRect().right > window.innerWidth + 1
      && !scrolls(each.parentElement));
  return [`${root.scrollWidth} of ${window.innerWidth}: `
          + out.slice(0, 3).map((each) => each.outerHTML.slice(0, 120)).join(" | ")];
}"""
# What the browser has read for this page, also where it lay in its cache.
WEIGHT = """() => Object.fromEntries(
  performance.getEntriesByType("resource")
    .filter((each) => /[.](css|m?js)([?]|$)/.test(each.name))
    .map((each) => [each.name, each.decodedBodySize]))"""
MOVING = """() => {
  const long = (times) => times.split(",").some((time) => parseFloat(time) > 0.02);
  const moves = (style) => long(style.transitionDuration)
    || (style.animationName !== "none" && long(style.animationDuration));
  const found = [...document.querySelectorAll("*")].filter(
    (each) => moves(getComputedStyle(each)));
  if (!found.length) return [];
  return [`${found.length} elements, such as ${found[0].outerHTML.slice(0, 120)}`];
}"""


@dataclass
class Look:
    """What one page turned out to be."""

    page: Page
    status: int
    markup: Markup
    weights: dict[str, int] = field(default_factory=dict)
    sticking_out: list[str] = field(default_factory=list)
    moving: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    unfit: list[str] = field(default_factory=list)


def look(seat: Seat, page: Page) -> Look:
    """Open the page and measure it."""
    tab = seat.page
    seat.complaints.clear()
    seat.complaints.hosts.clear()
    tab.set_viewport_size({"width": WIDE, "height": HEIGHT})
    answer = tab.goto(page.path)
    assert answer is not None
    body = answer.body()
    seen = Look(page, answer.status, Markup(body.decode()))
    seen.weights = {page.path: len(body), **tab.evaluate(WEIGHT)}
    tab.emulate_media(reduced_motion="reduce")
    seen.moving = tab.evaluate(MOVING)
    for width in (NARROW, SMALLEST):
        tab.set_viewport_size({"width": width, "height": HEIGHT})
        seen.sticking_out += tab.evaluate(OVERFLOW)
    seen.complaints, seen.hosts = list(seat.complaints), set(seat.complaints.hosts)
    return seen


def examine(tab: Tab) -> list[str]:
    """What axe finds in the page that is open, each with the views in which it does."""
    found: dict[str, list[str]] = {}
    axe.inject(tab)
    for width, scheme, rules in VIEWS:
        tab.set_viewport_size({"width": width, "height": HEIGHT})
        tab.emulate_media(color_scheme=scheme)
        for line in axe.violations(tab, rules):
            found.setdefault(line, []).append(f"{width} {scheme}")
    return list(_told(found))


def _told(found: dict[str, list[str]]) -> Iterator[str]:
    for line, views in found.items():
        yield line if len(views) == len(VIEWS) else f"{', '.join(views)}: {line}"
