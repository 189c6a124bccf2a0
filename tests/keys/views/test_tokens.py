"""The pages of access tokens: shown once, listed, revoked; the owner's alone."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from keys import token_text
from keys.models import AccessToken
from projects.models import User
from tests import make
from tests.api import token
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

LIST, MAKE = "/accounts/credentials/", "/accounts/tokens/make/"
PASSWORD = "s3cret-s3cret"
FORM = {"label": "script", "reach": "compose", "days": "30", "network": ""}


@pytest.fixture
def alice() -> User:
    return make.user("alice", password=PASSWORD)


def proven(person: User) -> Client:
    """Somebody who has just given their password again."""
    client = logged_in(person)
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": MAKE})
    assert answer.headers["Location"] == MAKE
    return client


def test_who_has_none_is_told_what_they_are_for(alice) -> None:
    text = logged_in(alice).get(LIST).content.decode()
    assert "You have no access tokens." in text
    assert MAKE in text


def test_the_secret_is_shown_once(alice) -> None:
    client = proven(alice)
    answer = client.post(MAKE, FORM)
    secret = token_text.PATTERN.search(answer.content.decode())[0]
    kept = AccessToken.objects.get()
    assert kept.digest == token_text.digest(secret)
    assert (kept.owner, kept.reach) == (alice, "compose")
    assert answer.headers["Cache-Control"] == "no-store"
    for page in (LIST, MAKE):
        assert secret not in client.get(page).content.decode()
    assert "script" in client.get(LIST).content.decode()


def test_the_password_is_asked_for_before_a_token_is_made(alice) -> None:
    for answer in (logged_in(alice).get(MAKE), logged_in(alice).post(MAKE, FORM)):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": ""}, "This field is required"),
        ({"reach": "wide"}, "Select a valid choice"),
        ({"days": "3650"}, "Select a valid choice"),
        ({"network": "home"}, "is no IP address"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field(alice, wrong, said: str) -> None:
    answer = proven(alice).post(MAKE, FORM | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not AccessToken.objects.exists()


def test_what_a_rule_refuses_is_told_too(alice, monkeypatch) -> None:
    monkeypatch.setattr("keys.models.token.MOST_TOKENS", 0)
    answer = proven(alice).post(MAKE, FORM)
    assert answer.status_code == 409
    assert "Revoke those that nothing uses any more" in answer.content.decode()


def test_one_is_revoked_after_asking(alice) -> None:
    known = token(alice)
    page = reverse("keys:revoke-token", args=[known.pk])
    client = logged_in(alice)
    assert "cannot be undone" in client.get(page).content.decode()
    assert AccessToken.objects.get().is_good()
    answer = client.post(page)
    assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
    assert not AccessToken.objects.get().is_good()
    assert "revoked" in client.get(LIST).content.decode()
    assert client.post(page).status_code == 409


def test_those_of_others_are_not_there(alice) -> None:
    known = token(make.user("bob"))
    client = logged_in(alice)
    assert client.get(reverse("keys:revoke-token", args=[known.pk])).status_code == 404
    assert client.post(reverse("keys:revoke-token", args=[known.pk])).status_code == 404
    assert "You have no access tokens." in client.get(LIST).content.decode()


def test_who_is_nobody_is_sent_to_log_in(alice) -> None:
    revoke = reverse("keys:revoke-token", args=[token(alice).pk])
    for page in (LIST, MAKE, revoke):
        for answer in (Client().get(page), Client().post(page)):
            assert answer.status_code in (302, 405)
            assert answer.headers.get("Location", "/accounts/login/").startswith("/accounts/login/")


def test_states_are_words(alice) -> None:
    with time_machine.travel("2026-01-01", tick=False):
        token(alice, label="old", days=1)
    token(alice, label="new")
    text = logged_in(alice).get(LIST).content.decode()
    assert "old: expired" in text
    assert text.count("Revoke</a>") == 1
