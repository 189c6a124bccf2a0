"""How accounts come to be."""

import pytest
from allauth.core.context import request_context
from django.core import mail

from projects.accounts import AccountAdapter
from projects.models import User


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
