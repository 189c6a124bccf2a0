"""How allauth makes accounts here."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from projects.models import User
from trusted_releases.ledger.limits import actor_of, give_back, network_of, spend
from trusted_releases.lib.addresses import address_of
from trusted_releases.lib.text import one_line

LONGEST_NAME = 150  # characters, as the column has


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

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Who has this password. What fails is counted, in all processes together: by account and
        address, so that nobody locks somebody else out, and by address alone."""
        address = address_of(request)
        name = str(credentials.get("email") or credentials.get("username") or "").casefold()
        tried = {
            f"{name}@{network_of(address)}": "sign-in",
            actor_of(None, address): "sign-in.any",
        }
        for actor, action in tried.items():
            spend(actor, action)
        found = super().authenticate(request, **credentials)
        if found is not None:
            for actor, action in tried.items():
                give_back(actor, action)
        return found

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
        said = data.get("name") or " ".join(name for name in names if name)
        person.full_name = one_line(said)[:LONGEST_NAME]
        return person
