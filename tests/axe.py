"""Accessibility as axe-core sees it: what it finds on a page, as lines one can act on."""

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL = {"type": "tag", "values": TAGS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LONGEST = 160  # characters of an element's source in a line
SHOWN = 3  # elements of one violation; more of the same says no more

# Colours are looked at when they have stopped changing, and only what was violated comes back:
# the results hold every rule's every element.
RUN = """async (only) => {
  await Promise.allSettled(document.getAnimations().map((each) => each.finished));
  return (await axe.run({ resultTypes: ["violations"], runOnly: only })).violations;
}"""


def inject(page: Page) -> None:
    """Put axe into the page as it is now; a navigation takes it away again.

    Through the debugger, which no content security policy stops. What the browser says about
    the policy afterwards is about axe, not about the page: collect complaints before.
    """
    page.evaluate(AXE_SCRIPT)


def violations(page: Page, only: dict[str, Any] = ALL) -> list[str]:
    """Rule, element and reason of each violation, with the page's present width and scheme."""
    return [line for each in page.evaluate(RUN, only) for line in _lines(each)]


def _lines(violation: dict[str, Any]) -> Iterator[str]:
    for node in violation["nodes"][:SHOWN]:
        where = " ".join(str(part) for part in node["target"])
        why = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
        source = " ".join(node["html"].split())[:LONGEST]
        yield f"{violation['id']}: {where}: {'; '.join(why) or violation['help']} {source}"
    if (more := len(violation["nodes"]) - SHOWN) > 0:
        yield f"{violation['id']}: and {more} more"
