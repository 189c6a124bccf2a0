"""How allauth makes accounts here."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


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
