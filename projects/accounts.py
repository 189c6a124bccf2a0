"""How allauth makes accounts here."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest

from projects.models import User


@dataclass(frozen=True)
class Site:
    """What allauth's mails call us by; its own answer is the host of the request."""

    name: str
    domain: str


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed unless the installation opens it: accounts come from the identity
    provider, or from an operator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP_OPEN

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = Site(settings.SITE_NAME, urlsplit(settings.SITE_URL).netloc)
        super().send_mail(template_prefix, email, {**context, "current_site": site})


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Whoever the configured identity provider vouches for gets an account at the first log-in.

    Only that: no role follows from it, and an account that exists here under the same name or
    address is never taken over. The owner connects the two from inside.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        person: User = super().populate_user(request, sociallogin, data)
        names = (data.get("first_name"), data.get("last_name"))
        person.full_name = data.get("name") or " ".join(name for name in names if name)
        return person
