"""What the script adds: live parts keep the reader's place, and say when news stop."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.django_db(transaction=True),
]

LIVE = """<div id="live" hx-get="/part/" hx-trigger="every 200ms" hx-swap="outerHTML">
<details><summary>More</summary><p>Inside</p></details><button type="button">Go</button>
<time datetime="2026-06-01T12:00:00+00:00" title="2026-06-01 12:00:00 UTC">then</time></div>"""


@pytest.fixture
def live(browser_page: Page) -> Page:
    """A page with a part that renews itself five times a second; `answers` counts them."""
    page = browser_page
    page.route("**/part/", lambda route: route.fulfill(body=LIVE, content_type="text/html"))
    page.goto("/docs/components/")
    page.evaluate(
        """(part) => {
          const main = document.querySelector("main");
          main.innerHTML = part;
          htmx.process(main);
        }""",
        LIVE,
    )
    return page


def renewed(page: Page) -> None:
    """Wait until the part is another one than now."""
    page.evaluate("document.getElementById('live').dataset.old = ''")
    expect(page.locator("#live[data-old]")).to_have_count(0)
    expect(page.locator("#live")).to_have_count(1)


def test_what_is_open_and_the_place_of_the_keyboard_outlive_the_news(live: Page) -> None:
    live.click("#live summary")
    live.focus("#live button")
    renewed(live)
    expect(live.locator("#live details")).to_have_attribute("open", "")
    expect(live.locator("#live button")).to_be_focused()


def test_what_is_closed_again_stays_closed(live: Page) -> None:
    live.click("#live summary")
    renewed(live)
    live.click("#live summary")
    renewed(live)
    assert live.locator("#live details").get_attribute("open") is None


def test_when_news_stop_that_is_said_and_when_they_come_it_goes(live: Page) -> None:
    renewed(live)
    live.route("**/part/", lambda route: route.abort())
    expect(live.locator("#lost")).to_contain_text("The server does not answer; trying again")
    expect(live.locator("#lost")).to_contain_text("What you see is from")
    live.unroute("**/part/")
    live.route("**/part/", lambda route: route.fulfill(body=LIVE, content_type="text/html"))
    expect(live.locator("#lost")).to_be_empty()


def test_what_may_not_be_seen_any_more_is_not_asked_for_patience(live: Page) -> None:
    live.route("**/part/", lambda route: route.fulfill(status=404, body="gone"))
    expect(live.locator("#lost")).to_contain_text("cannot be renewed any more (404)")


def test_times_are_the_readers_with_their_zone_and_utc_on_hover(live: Page) -> None:
    renewed(live)
    time = live.locator("#live time")
    expect(time).to_contain_text("2026")
    expect(time).to_have_attribute("title", "2026-06-01 12:00:00 UTC")
    expect(time).to_have_attribute("datetime", "2026-06-01T12:00:00+00:00")
    zone = live.evaluate(
        """new Intl.DateTimeFormat(undefined, {timeZoneName: "short"})
           .formatToParts(new Date("2026-06-01T12:00:00Z"))
           .find((part) => part.type === "timeZoneName").value"""
    )
    expect(time).to_contain_text(zone)


def test_what_was_copied_is_told(browser_page: Page) -> None:
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/docs/components/")
    page.click("#command button.copy")
    expect(page.locator("#told")).to_have_text("Copied the command.")
    assert "gpg --verify" in page.evaluate("navigator.clipboard.readText()")


def test_what_is_limited_is_said_in_place_of_the_page(live: Page) -> None:
    page = "<main id='main'><h1>This was too often</h1></main>"
    headers = {"HX-Retarget": "main", "HX-Reselect": "main", "HX-Reswap": "outerHTML"}
    live.unroute("**/part/")
    live.route(
        "**/part/",
        lambda route: route.fulfill(
            status=429, body=page, headers=headers, content_type="text/html"
        ),
    )
    expect(live.locator("main h1")).to_have_text("This was too often")
    expect(live.locator("main")).to_have_count(1)
    expect(live.locator("#live")).to_have_count(0)
    expect(live.locator("#lost")).to_be_empty()
