"""A whole folder of a draft moves: by keyboard alone, and without scripts."""

import pytest
from playwright.sync_api import expect

from releases.models import Release
from tests import axe, make
from tests.journeys.site import NARROW, WIDE, Site
from tests.journeys.steps import tool
from tests.journeys.test_pages import nothing

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

FILES = {"docs/a.txt": "a", "docs/b/c.jar": "c", "docs/b/c.jar.asc": "s", "README": "r"}


def draft(site: Site, version: str) -> Release:
    alice = site.people["alice"]
    made = Release.objects.start(tool(site.people), version, by=alice)
    made.add_files({path: make.blob(text) for path, text in FILES.items()}, by=alice)
    return made


def test_a_folder_moves_by_keyboard_without_scripts_after_a_look(site: Site) -> None:
    made = draft(site, "7.1")
    with site.seat("alice", scripts=False) as seat:
        page = seat.page
        page.goto(made.get_absolute_url())
        page.get_by_role("link", name="Move a folder").press("Enter")
        page.get_by_role("checkbox", name="docs/b/").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.type("lib")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("cell", name="lib/b/c.jar.asc")).to_be_visible()
        expect(page.get_by_role("checkbox", name="docs/b/")).to_be_checked()
        page.get_by_role("button", name="Move 2 files").press("Enter")
        expect(page.get_by_text("Moved 2 files to lib.")).to_be_visible()
        nothing(seat.complaints)
    made.refresh_from_db()
    assert {each.path for each in made.newest.entries} == {
        *("docs/a.txt", "lib/b/c.jar", "lib/b/c.jar.asc", "README"),
    }


@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_choosing_looking_and_colliding_are_for_everybody_to_use(
    site: Site, width: int, scheme: str
) -> None:
    made = draft(site, f"7.{width}")
    with site.seat("alice", width=width, scheme=scheme) as seat:
        for query in ("", "?folder=x", "?paths=docs/&folder=lib", "?paths=docs/&folder=docs/b"):
            seat.page.goto(f"/releases/tool/{made.version}/move-files/{query}")
            axe.inject(seat.page)
            nothing(axe.violations(seat.page))
            wide = seat.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width
