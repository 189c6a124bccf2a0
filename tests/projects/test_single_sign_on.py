"""Log-in through an OpenID Connect provider: a real one, on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from projects.models import User
from tests import make, oidc

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/oidc/oidc/login/"
GRACE = {
    "sub": "42",
    "preferred_username": "grace",
    "name": "Grace Hopper",
    "email": "grace@example.org",
    "email_verified": True,
}


@pytest.fixture(name="provider")
def provider_of_this_test(settings: Any) -> Iterator[oidc.Provider]:
    with oidc.serving() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = provider.settings()
        provider.person = dict(GRACE)
        yield provider


def log_in(client: Client, provider: oidc.Provider) -> Any:
    asked = client.post(LOGIN)
    assert asked.status_code == 302, asked.content
    return client.get(provider.consent(asked["Location"]))


def who(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_the_first_log_in_makes_an_account_without_any_role(
    client: Client, provider: oidc.Provider
) -> None:
    log_in(client, provider)
    grace = who(client)
    assert grace is not None
    assert (grace.username, grace.full_name, grace.email) == (
        "grace",
        "Grace Hopper",
        "grace@example.org",
    )
    assert not grace.memberships.exists()
    assert not grace.is_committer
    assert not grace.is_superuser


def test_the_second_log_in_finds_the_same_account(client: Client, provider: oidc.Provider) -> None:
    log_in(client, provider)
    first = who(client)
    client.logout()
    log_in(client, provider)
    assert who(client) == first
    assert User.objects.count() == 1


def test_an_account_of_the_same_name_or_address_is_not_taken_over(
    client: Client, provider: oidc.Provider
) -> None:
    local = make.user("grace", email="grace@example.org", is_superuser=True)
    log_in(client, provider)
    assert who(client) != local


def test_a_forged_state_does_not_log_in(client: Client, provider: oidc.Provider) -> None:
    asked = client.post(LOGIN)
    back = provider.consent(asked["Location"])
    client.get(back.rpartition("state=")[0] + "state=forged")
    assert who(client) is None


def test_a_code_of_another_log_in_is_useless(client: Client, provider: oidc.Provider) -> None:
    """PKCE: the code was given out for another challenge."""
    stolen = provider.consent(Client().post(LOGIN)["Location"])
    code = stolen.split("code=")[1].split("&")[0]
    mine = provider.consent(client.post(LOGIN)["Location"])
    client.get(mine.replace("code=code-1", f"code={code}"))
    assert who(client) is None


def test_an_account_that_was_switched_off_stays_out(
    client: Client, provider: oidc.Provider
) -> None:
    log_in(client, provider)
    User.objects.update(is_active=False)
    client.logout()
    log_in(client, provider)
    assert who(client) is None
