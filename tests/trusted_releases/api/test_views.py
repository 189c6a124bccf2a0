"""The page of the API: vendored, under the same strict policy as every page."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.api import refused


def test_the_page_says_what_to_do_without_javascript() -> None:
    answer = Client().get("/api/docs")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="/api/openapi.json"' in text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.parametrize("path", ["/api/docs", "/api/openapi.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_it_is_to_be_read_and_says_so_as_all_of_the_api_does(path: str, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert refused(answer, 405) == f'Method "{method}" not allowed.'
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.browser
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_one_reads_and_tries_an_endpoint_there(browser_page: Page) -> None:
    said: list[str] = []
    foreign: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    browser_page.on("pageerror", lambda error: said.append(str(error)))
    browser_page.on(
        "request",
        lambda request: foreign.append(request.url) if "localhost" not in request.url else None,
    )
    browser_page.goto("/api/docs")
    browser_page.locator("#operations-project-projects_list").get_by_role("button").first.click()
    browser_page.get_by_role("button", name="Try it out").click()
    browser_page.get_by_role("button", name="Execute").click()
    expect(browser_page.locator(".live-responses-table")).to_contain_text("/projects/list")
    refused = [line for line in said if "Content Security Policy" in line or "Error" in line]
    assert refused == []
    assert [url for url in foreign if not url.startswith(("data:", "blob:"))] == []
