"""How accounts come to be."""

import time

import pytest
from allauth.core.context import request_context
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core import mail
from django.core.cache import cache
from django.test import Client

from projects.accounts import AccountAdapter, ProviderAdapter
from projects.models import User
from tests import make
from trusted_releases.ledger.limits import LIMITS, Limit
from trusted_releases.ledger.models import Spending


def test_sign_up_is_closed_unless_the_installation_opens_it(rf, settings) -> None:
    adapter = AccountAdapter()
    assert not adapter.is_open_for_signup(rf.get("/"))
    settings.SIGNUP_OPEN = True
    assert adapter.is_open_for_signup(rf.get("/"))


@pytest.mark.django_db
def test_the_sign_up_page_says_that_it_is_closed(client) -> None:
    form = {"username": "eve", "email": "eve@example.org", "password1": "x-Y-7-long"}
    client.post("/accounts/signup/", form | {"password2": form["password1"]})
    assert not User.objects.exists()
    page = client.get("/accounts/signup/").content.decode()
    assert "No accounts are made here" in page
    assert "/accounts/login/" in page.partition("<main")[2]


@pytest.mark.django_db
def test_mails_about_accounts_name_the_site(rf, settings) -> None:
    settings.SITE_NAME = "Our Releases"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    request = rf.get("/")
    with request_context(request):
        AccountAdapter(request).send_mail(
            "account/email/password_reset_key",
            "eve@example.org",
            {"password_reset_url": "https://example.org/reset", "request": request},
        )
    assert "Our Releases" in mail.outbox[0].body


@pytest.mark.django_db
def test_a_name_of_the_provider_is_one_line_that_fits(rf) -> None:
    said = {"username": "eve", "email": "eve@example.org", "name": "Eve\n\x00 +1 Ada" + "x" * 200}
    login = SocialLogin(user=User(), account=SocialAccount(provider="oidc", uid="1"))
    person = ProviderAdapter().populate_user(rf.get("/"), login, said)
    assert person.full_name.startswith("Eve +1 Adax")
    assert len(person.full_name) == 150


def log_in(name: str, password: str, address: str = "192.0.2.1") -> int:
    """What the page answers: 302 when somebody is in, 200 with the form when not."""
    sent = {"login": name, "password": password}
    return Client().post("/accounts/login/", sent, REMOTE_ADDR=address).status_code


@pytest.fixture
def three_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "sign-in", Limit(3, "failing to log in"))
    monkeypatch.setitem(LIMITS, "sign-in.any", Limit(5, "failing to log in"))


@pytest.mark.django_db
def test_guesses_are_counted_by_account_and_address(three_at_once) -> None:
    make.user("alice", password="right-1-Horse")
    for _ in range(3):
        assert log_in("alice", "wrong") == 200
        cache.clear()  # allauth's own count, which is one of each process
    assert log_in("alice", "right-1-Horse") == 429
    assert log_in("ALICE", "right-1-Horse") == 429
    assert log_in("alice", "right-1-Horse", "192.0.2.2") == 302  # nobody locks out somebody else


@pytest.mark.django_db
def test_whoever_tries_many_accounts_is_stopped_as_well(three_at_once) -> None:
    codes = []
    for n in range(6):
        codes.append(log_in(f"person{n}", "wrong"))
        cache.clear()
    assert codes == [200] * 5 + [429]


@pytest.mark.django_db
def test_logging_in_costs_nothing(three_at_once) -> None:
    make.user("alice", password="right-1-Horse")
    for _ in range(8):
        assert log_in("alice", "right-1-Horse") == 302
    assert Spending.objects.over(time.time()).count() == Spending.objects.count() == 2
