"""Tokens and signing keys in the console: what is seen, and what operators do."""

import pytest
from django.urls import reverse

from keys import token_text
from keys.models import AccessToken, SigningKey
from tests import make
from tests.api import token
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

LIST = "/admin/keys/accesstoken/"
MAKE = "/admin/keys/accesstoken/make-system/"
FORM = {"label": "metadata", "days": "30", "network": "", "reason": "Reads metadata."}


def test_metadata_is_seen_and_no_digest() -> None:
    known = token(make.user("alice"), label="my-laptop")
    client = logged_in(make.staff("auditor"))
    one = reverse("admin:keys_accesstoken_change", args=[known.pk])
    for page in (LIST, one, f"{LIST}?state=good", f"{LIST}?q=alice"):
        text = client.get(page).content.decode()
        assert "my-laptop" in text
        assert known.digest not in text
    assert "my-laptop" not in client.get(f"{LIST}?state=ended").content.decode()
    assert client.get(f"{LIST}?digest__startswith=a").status_code in (302, 400)


def test_an_operator_revokes_with_a_reason_and_the_word() -> None:
    known = token(make.user("alice"))
    address = reverse("admin:keys_accesstoken_act", args=[known.pk, "revoke"])
    client = logged_in(make.staff("operator"))
    sent = {"confirmed": "yes", "reason": "In a repository."}
    assert client.post(address, sent).status_code == 422
    assert AccessToken.objects.get().is_good()
    assert client.post(address, sent | {"typed": "REVOKE"}).status_code == 302
    assert not AccessToken.objects.get().is_good()
    assert Event.objects.get(tag=Tag.TOKEN_REVOKED).facts["reason"] == "In a repository."


def test_a_system_token_is_made_and_shown_once() -> None:
    client = logged_in(make.staff("operator"))
    assert MAKE in client.get(LIST).content.decode()
    assert client.get(MAKE).status_code == 200
    text = client.post(MAKE, FORM).content.decode()
    secret = token_text.PATTERN.search(text)[0]
    assert AccessToken.objects.get().digest == token_text.digest(secret)
    assert AccessToken.objects.get().is_system
    assert secret not in client.get(LIST).content.decode()


def test_nothing_is_made_of_a_form_that_says_too_little() -> None:
    client = logged_in(make.staff("operator"))
    for wrong in ({"reason": ""}, {"days": "3"}, {"network": "home"}):
        assert client.post(MAKE, FORM | wrong).status_code == 422
    make.user("system", password="s3cret-s3cret")
    answer = client.post(MAKE, FORM)
    assert answer.status_code == 422
    assert "is a person" in answer.content.decode()
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("group", ["auditor", "security officer"])
def test_others_of_the_console_make_none(group: str) -> None:
    client = logged_in(make.staff(group))
    assert MAKE not in client.get(LIST).content.decode()
    assert client.post(MAKE, FORM).status_code == 403
    assert not AccessToken.objects.exists()


def test_without_a_second_factor_nobody_makes_one(settings) -> None:
    settings.ADMIN_MFA = True
    answer = logged_in(make.staff("operator")).post(MAKE, FORM)
    assert answer.status_code in (302, 403)
    assert not AccessToken.objects.exists()


def test_a_security_officer_changes_the_signing_key() -> None:
    key = SigningKey.objects.current()
    address = reverse("admin:keys_signingkey_act", args=[key.pk, "rotate"])
    client = logged_in(make.staff("security officer"))
    text = client.get(reverse("admin:keys_signingkey_change", args=[key.pk])).content.decode()
    assert key.salt not in text
    sent = {"confirmed": "yes", "reason": "A laptop was lost.", "typed": "CHANGE"}
    assert client.post(address, sent).status_code == 302
    assert SigningKey.objects.current().number == 2
