"""What went wrong is told in our words, with a way on."""

from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from tests import make
from tests.visitors import logged_in
from trusted_releases.views import errors, home

pytestmark = pytest.mark.django_db


def breaking(error: Exception) -> Any:
    def get(*args: Any, **kwargs: Any) -> None:
        raise error

    return get


@pytest.fixture
def patient() -> Client:
    """A client that shows the page of an error instead of raising it."""
    return Client(raise_request_exception=False)


def test_an_error_of_ours_says_so_and_asks_no_database(rf: RequestFactory, settings: Any) -> None:
    answer = errors.broken(rf.get("/"))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()
    assert settings.SITE_NAME in answer.content.decode()


def test_what_is_not_understood_says_what_to_do(rf: RequestFactory) -> None:
    answer = errors.not_understood(rf.get("/"), SuspiciousOperation("x"))
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.content.decode()


def test_a_view_that_breaks_gets_the_page(patient: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(home.Home, "get", breaking(ValueError("secret")))
    answer = patient.get("/")
    assert answer.status_code == 500
    assert b"Something broke on our side" in answer.content
    assert b"secret" not in answer.content


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ValueError("secret"), 500, b"Something broke on our side"),
        (SuspiciousOperation("secret"), 400, b"This cannot be taken"),
    ],
)
def test_a_demo_shows_our_pages_although_it_debugs(
    patient: Client, monkeypatch: Any, settings: Any, error: Exception, status: int, words: bytes
) -> None:
    settings.DEBUG = settings.DEMO = True
    settings.DEFAULT_EXCEPTION_REPORTER = "trusted_releases.views.errors.DemoReporter"
    monkeypatch.setattr(home.Home, "get", breaking(error))
    answer = patient.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert words in answer.content
    assert b"secret" not in answer.content


def test_what_is_not_there_offers_to_search_and_to_log_in(client: Client) -> None:
    page = client.get("/nowhere/").content.decode()
    assert 'action="/search/"' in page
    assert "?next=/nowhere/" in page
    assert 'rel="canonical"' not in page
    assert "noindex" in page


def test_who_is_logged_in_is_offered_another_account() -> None:
    page = logged_in(make.user(username="erin")).get("/nowhere/").content.decode()
    assert "You are logged in as <b>erin</b>" in page
    assert f'value="{reverse("account_login")}?next=/nowhere/"' in page


def test_a_form_that_is_too_old_says_so() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("account_login"), {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert b"This form was too old" in answer.content


def test_too_many_attempts_are_told_with_a_way_on(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = make.user()
    page = render_to_string("429.html", request=request)
    assert "Wait some minutes" in page
    assert reverse("account_reset_password") in page
