"""The pages of SSH keys: listed, added, removed; the owner's alone."""

import pytest
from django.test import Client

from keys.models import SshKey
from projects.models import User
from tests import make, ssh
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

LIST, ADD = "/accounts/credentials/", "/accounts/ssh-keys/add/"
KEYS = "/accounts/ssh-keys/"
PASSWORD = "s3cret-s3cret"


@pytest.fixture
def alice() -> User:
    return make.user("alice", password=PASSWORD)


def proven(person: User) -> Client:
    """Somebody who has just given their password again."""
    client = logged_in(person)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": ADD})
    return client


def test_who_has_none_is_told_what_they_are_for(alice) -> None:
    text = logged_in(alice).get(LIST).content.decode()
    assert "You have no SSH keys." in text
    assert ADD in text


def test_a_key_is_added_and_listed_with_its_fingerprint(alice) -> None:
    client = proven(alice)
    answer = client.post(ADD, {"text": ssh.ed25519_key() + "\n"})
    assert (answer.status_code, answer.headers["Location"]) == (303, LIST + "#ssh-keys")
    kept = SshKey.objects.get()
    text = client.get(LIST).content.decode()
    assert kept.fingerprint in text
    assert "alice@laptop" in text


def test_the_password_is_asked_for_before_one_is_added(alice) -> None:
    for answer in (logged_in(alice).get(ADD), logged_in(alice).post(ADD, {"text": "x y"})):
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not SshKey.objects.exists()


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("", 422, "This field is required"),
        ("nonsense", 422, "Invalid SSH key format"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nsecret", 422, "PRIVATE KEY"),
        ("x" * 9000, 422, "at most 8000 characters"),
    ],
)
def test_what_is_no_key_is_told_and_not_repeated(alice, text: str, status: int, said: str) -> None:
    answer = proven(alice).post(ADD, {"text": text})
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert "\nsecret" not in answer.content.decode()
    assert not SshKey.objects.exists()


def test_a_key_that_is_known_is_a_conflict(alice) -> None:
    line = ssh.ed25519_key()
    SshKey.objects.add(line, by=make.user())
    answer = proven(alice).post(ADD, {"text": line})
    assert answer.status_code == 409
    assert "is known already" in answer.content.decode()


def test_removing_asks_first(alice) -> None:
    key = SshKey.objects.add(ssh.ed25519_key(), by=alice)
    client = logged_in(alice)
    page = f"{KEYS}{key.pk}/remove/"
    assert key.fingerprint in client.get(page).content.decode()
    assert SshKey.objects.exists()
    assert client.post(page).headers["Location"] == LIST
    assert not SshKey.objects.exists()


def test_that_of_somebody_else_is_not_found(alice) -> None:
    key = SshKey.objects.add(ssh.ed25519_key(), by=make.user())
    for method in ("get", "post"):
        assert getattr(logged_in(alice), method)(f"{KEYS}{key.pk}/remove/").status_code == 404
    assert key.fingerprint not in logged_in(alice).get(LIST).content.decode()
    assert SshKey.objects.exists()


@pytest.mark.parametrize("page", [LIST, ADD, f"{KEYS}1/remove/"])
def test_who_is_not_logged_in_is_asked_to(page: str) -> None:
    assert Client().get(page).headers["Location"].startswith("/accounts/login/")
