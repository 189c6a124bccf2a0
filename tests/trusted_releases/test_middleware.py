"""What every answer carries."""

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
