"""Browsers in which somebody is logged in: on record, shown to them, and ended from afar."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from keys import logins
from keys.models import Login
from projects.models import User
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale

pytestmark = pytest.mark.django_db

PASSWORD = "s3cret-s3cret"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def alice() -> User:
    return make.user("alice", password=PASSWORD)


def through_the_form(person: User) -> Client:
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    sent = {"login": person.username, "password": PASSWORD}
    assert client.post("/accounts/login/", sent).status_code == 302
    return client


def test_a_log_in_is_on_record_with_its_browser_and_address(alice) -> None:
    through_the_form(alice)
    kept = Login.objects.get()
    assert (kept.owner, kept.name, kept.address) == (alice, "Firefox on Linux", "192.0.2.7")
    assert Login.objects.good(alice) == [kept]


@pytest.mark.parametrize(
    ("browser", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/129.0 Safari/537.36 Edg/129.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/17 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/129.0 Mobile Safari/537.36", "Chrome on Android"),
        ("", "an unknown one on an unknown one"),
    ],
)
def test_browsers_have_names(browser: str, name: str) -> None:
    assert Login(browser=browser).name == name


def test_ending_one_logs_out_there_and_nowhere_else(alice) -> None:
    there, here = through_the_form(alice), through_the_form(alice)
    first = Login.objects.order_by("pk")[0]
    first.end(by=alice)
    home = reverse("keys:credentials")
    assert there.get(home).status_code == 302
    assert here.get(home).status_code == 200
    event = Event.objects.get(tag=Tag.LOGIN_ENDED)
    assert event.facts == {"browser": "Firefox on Linux", "address": "192.0.2.7"}
    with pytest.raises(Stale):
        first.end(by=alice)


def test_nobody_ends_that_of_somebody_else(alice) -> None:
    logged_in(alice)
    with pytest.raises(BadInput, match="not yours"):
        Login.objects.get().end(by=make.user())
    assert Session.objects.exists()


def test_a_new_password_ends_the_others_and_this_one_stays_on_record(alice) -> None:
    through_the_form(alice)
    here = through_the_form(alice)
    sent = {"oldpassword": PASSWORD, "password1": "new-s3cret-1", "password2": "new-s3cret-1"}
    assert here.post("/accounts/password/change/", sent).status_code == 302
    person = User.objects.get(pk=alice.pk)
    assert [login.pk for login in Login.objects.good(person)] == [here.session[logins.IN_SESSION]]


def test_logging_out_ends_the_record(alice) -> None:
    client = through_the_form(alice)
    client.post("/accounts/logout/")
    assert not Login.objects.exists()


def test_revoking_everything_takes_them_along(alice) -> None:
    client = through_the_form(alice)
    alice.revoke_credentials(by=make.operator(), reason="Stolen.", switch_off=False)
    assert not Login.objects.exists()
    assert not Session.objects.filter(session_key=client.session.session_key).exists()
    assert Event.objects.get(tag=Tag.CREDENTIALS_REVOKED).facts["browser_sessions"] == 1


def test_what_nobody_can_come_in_by_is_forgotten(alice) -> None:
    logged_in(alice)
    gone = Login.objects.create(owner=alice, session_key="gone")
    assert list(Login.objects.over()) == [gone]
