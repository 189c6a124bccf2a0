"""Pages that nobody wants to see: they say what happened and lead on, for everybody."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests import pages
from tests.journeys import looks
from tests.journeys.site import Site
from trusted_releases.views.home import Home

pytestmark = [
    pytest.mark.once,
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(120),
    # A page that raises is told on the console of the server, as it must.
    pytest.mark.filterwarnings("ignore"),
]


def broken(error: Exception) -> Callable[..., Any]:
    def get(*args: Any, **kwargs: Any) -> Any:
        raise error

    return get


def leads_on(tab: Tab) -> None:
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    assert tab.get_by_role("main").get_by_role("link").count() > 0


@pytest.mark.parametrize("by", [pages.NOBODY, "alice"], ids=["anonymous", "alice"])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ZeroDivisionError("as if something had broken"), 500),
        (PermissionDenied("This is for operators."), 403),
        (SuspiciousOperation("odd"), 400),
    ],
    ids=["500", "403", "400"],
)
def test_an_error_page_is_a_page_like_all_others(
    site: Site, monkeypatch: pytest.MonkeyPatch, by: str, error: Exception, status: int
) -> None:
    monkeypatch.setattr(Home, "get", broken(error))
    with site.seat(by) as seat:
        seen = looks.look(seat, pages.Page("error", "/", by, status))
        assert seen.status == status
        assert seen.complaints == []
        assert seen.markup.forbidden == []
        assert len(seen.markup.h1) == 1
        assert seen.markup.title.strip()
        assert seen.sticking_out == []
        leads_on(seat.page)
        assert looks.examine(seat.page) == []


def test_a_form_that_has_lain_too_long_says_what_to_do(site: Site) -> None:
    """The token of a form goes with its cookie: a browser that dropped it is told so."""
    with site.seat() as seat:
        seat.page.goto("/accounts/login/")
        form = seat.page.get_by_role("main")
        form.get_by_role("textbox").first.fill("alice")
        form.get_by_label(re.compile("^password", re.IGNORECASE)).fill("something")
        seat.context.clear_cookies()
        form.get_by_role("button", name="Log in", exact=True).click()
        leads_on(seat.page)
        assert looks.examine(seat.page) == []
        assert seat.complaints == []
