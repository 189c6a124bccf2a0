"""What every answer carries."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests import make
from trusted_releases.middleware import NoStore


def answer(response: HttpResponse) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        return response

    return NoStore(view)(RequestFactory().get("/"))


def test_a_page_is_not_kept_by_caches() -> None:
    assert answer(HttpResponse("page"))["Cache-Control"] == "no-store"


def test_a_view_may_say_otherwise() -> None:
    response = HttpResponse("public", headers={"Cache-Control": "public, max-age=60"})
    assert answer(response)["Cache-Control"] == "public, max-age=60"


@pytest.mark.django_db
def test_it_is_in_force_for_pages_of_people(client: Client) -> None:
    client.force_login(make.user())
    assert client.get("/")["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nowhere/", "/projects/none/"])
def test_a_demo_shows_our_page_for_what_is_not_there(settings: Any, address: str) -> None:
    settings.DEBUG = settings.DEMO = True
    answer = Client().get(address)
    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.content


@pytest.mark.django_db
def test_a_developer_keeps_the_page_that_lists_addresses(settings: Any) -> None:
    settings.DEBUG, settings.DEMO = True, False
    answer = Client().get("/nowhere/")
    assert b"URLconf" in answer.content


@pytest.mark.django_db
def test_a_demo_still_mends_addresses_without_their_slash(settings: Any) -> None:
    settings.DEBUG = settings.DEMO = True
    assert Client().get("/projects").status_code == 301
