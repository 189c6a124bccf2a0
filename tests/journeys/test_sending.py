"""Forms that send files in one request say how far they are, and can be stopped."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from checks.models import Review
from tests import axe
from tests.journeys.site import Site
from tests.journeys.test_pages import nothing

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

SLOW = 200 << 10  # bytes a second


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "apache-tool-1.0.tar.gz"
    path.write_bytes(bytes(3 << 20))
    return path


def choose(page: Page, path: Path) -> None:
    page.get_by_label("Files", exact=True).set_input_files(path)
    page.get_by_role("button", name="Send and check").click()


def test_a_candidate_on_its_way_is_seen_stopped_and_sent_again(site: Site, large: Path) -> None:
    with site.seat("bob") as seat:
        page = seat.page
        page.goto("/reviews/upload/")
        line = seat.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
        line.send("Network.emulateNetworkConditions", slow)
        choose(page, large)
        expect(page.locator(".pace")).to_contain_text("of 3.0 MB")
        expect(page.locator(".pace")).to_contain_text("left")
        axe.inject(page)
        nothing(axe.violations(page))
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(".pace")).to_have_text("Cancelled. Nothing was kept.")
        assert not Review.objects.filter(owner=site.people["bob"]).exists()
        line.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
        page.get_by_role("button", name="Send and check").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(large.name)
        nothing(seat.complaints)
    assert Review.objects.get(owner=site.people["bob"]).file_count == 1


def test_a_refusal_is_shown_in_place_and_a_broken_line_said(site: Site, large: Path) -> None:
    with site.seat("carol") as seat:
        page = seat.page
        page.goto("/signatures/")
        page.locator("input[type=file]").first.set_input_files(large)
        page.get_by_role("button", name="Tell me").click()
        expect(page.get_by_role("main").get_by_role("alert").first).to_be_visible()
        axe.inject(page)
        nothing(axe.violations(page))
        nothing(seat.complaints)
        page.route(
            "**/reviews/upload/",
            lambda route: route.abort() if (route.request.method == "POST") else route.continue_(),
        )
        page.goto("/reviews/upload/")
        choose(page, large)
        expect(page.locator(".pace")).to_have_text(
            "The connection broke. Nothing was kept: send it again."
        )
