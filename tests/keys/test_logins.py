"""When a browser was last used is written down now and then, and costs other requests nothing."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from keys import logins
from keys.models import Login
from projects.models import User
from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

PAGE = "/accounts/credentials/"


@pytest.fixture
def alice() -> User:
    return make.user("alice")


def long_ago() -> None:
    """As if the browser had not been used for an hour, and this process had just begun."""
    logins._known.clear()
    Login.objects.update(seen_at=now() - timedelta(hours=1))


def test_the_first_request_in_a_while_is_written_down(alice) -> None:
    client = logged_in(alice)
    long_ago()
    client.get(PAGE)
    assert Login.objects.get().seen_at > now() - timedelta(minutes=1)


def test_those_that_follow_write_nothing(alice, django_assert_num_queries) -> None:
    client = logged_in(alice)
    client.get(PAGE)
    before = Login.objects.get().seen_at
    client.get(PAGE)
    assert Login.objects.get().seen_at == before


def test_after_ten_minutes_it_is_written_down_again(alice, monkeypatch) -> None:
    client = logged_in(alice)
    client.get(PAGE)
    Login.objects.update(seen_at=now() - timedelta(hours=1))
    later = logins.time.monotonic() + logins.NOT_AGAIN_WITHIN + 1
    monkeypatch.setattr(logins.time, "monotonic", lambda: later)
    client.get(PAGE)
    assert Login.objects.get().seen_at > now() - timedelta(minutes=1)


def test_a_page_that_depends_on_nobody_stays_so(alice) -> None:
    client = logged_in(alice)
    long_ago()
    answer = client.get("/healthz")
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert Login.objects.get().seen_at < now() - timedelta(minutes=30)


def test_what_is_remembered_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(logins, "MOST_KNOWN", 3)
    monkeypatch.setattr(logins, "_known", type(logins._known)())
    assert all(logins._is_news(number, "x") for number in range(10))
    assert list(logins._known) == [7, 8, 9]
