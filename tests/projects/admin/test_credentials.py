"""Credentials in the console: that they are there, never what they are."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils.timezone import now

from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

SECRET = "hunter2-the-secret"
MODELS = [Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, LogEntry]


@pytest.fixture
def console():
    return logged_in(make.operator())


@pytest.fixture
def rows():
    """One row of each, with a secret in everything that could hold one."""
    person = make.user()
    Authenticator.objects.create(user=person, type="totp", data={"secret": SECRET})
    EmailAddress.objects.create(user=person, email=person.email)
    account = SocialAccount.objects.create(
        user=person, provider="oidc", uid="1", extra_data={"token": SECRET}
    )
    app = SocialApp.objects.create(provider="oidc", name="x", client_id="c", secret=SECRET)
    SocialToken.objects.create(account=account, app=app, token=SECRET, token_secret=SECRET)
    Session.objects.create(
        session_key=SECRET, session_data=SECRET, expire_date=now() + timedelta(days=1)
    )
    LogEntry.objects.create(user=person, object_repr="x", action_flag=1)


def address(model, view: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


@pytest.mark.parametrize("model", [*MODELS, Session])
def test_no_list_and_no_page_shows_a_secret(console, rows, model) -> None:
    page = console.get(address(model, "changelist"))
    assert page.status_code == 200
    assert SECRET not in page.content.decode()
    if model is not Session:
        page = console.get(address(model, "change", model.objects.first().pk))
        assert page.status_code == 200
        assert SECRET not in page.content.decode()


@pytest.mark.parametrize("model", [*MODELS, Session])
def test_none_of_them_is_edited_not_even_by_a_superuser(console, rows, model) -> None:
    pk = model.objects.first().pk
    assert console.get(address(model, "add")).status_code in (403, 404)
    assert console.post(address(model, "change", pk), {}).status_code in (403, 404)
    assert console.post(address(model, "delete", pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        *((Authenticator, "data__icontains"), (SocialToken, "token__startswith")),
        *((SocialApp, "secret__startswith"), (Session, "session_key__startswith")),
    ],
)
def test_secrets_are_not_guessed_by_filters(console, rows, model, lookup: str) -> None:
    answer = console.get(address(model, "changelist"), {lookup: "hunter"})
    assert answer.status_code in (302, 400)


def test_a_session_has_no_page_and_no_key_in_any_address(console, rows) -> None:
    assert console.get(address(Session, "change", SECRET)).status_code == 404
    assert (
        console.session.session_key
        not in console.get(address(Session, "changelist")).content.decode()
    )


def test_second_factors_of_one_person_are_found_from_their_page(console, rows) -> None:
    person = Authenticator.objects.get().user
    url = address(Authenticator, "changelist") + f"?user__id__exact={person.pk}"
    assert url in console.get(address(type(person), "change", person.pk)).content.decode()
    assert len(console.get(url).context["cl"].result_list) == 1


def test_every_model_that_lets_people_in_is_here() -> None:
    apart = {"auth.Permission"}
    for label in ("account", "mfa", "socialaccount", "sessions", "auth"):
        for model in apps.get_app_config(label).get_models():
            if model._meta.label not in apart and model._meta.label != "account.EmailConfirmation":
                assert admin.site.is_registered(model), model
