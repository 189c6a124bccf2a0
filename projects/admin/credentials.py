"""What lets people in, for operators: to look at, without the secrets, and never to edit.

Whatever is wrong with it is mended by revoking a person's credentials.
"""

from hashlib import sha256
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from trusted_releases.lib.admin import LookOnly
from trusted_releases.lib.admin_filters import since

for model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Authenticator)
class AuthenticatorAdmin(LookOnly):
    """Second factors. Seeds, keys and recovery codes are not read from the database for it."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__username__exact"]
    fields = ["id", "user", "type", "created_at", "last_used_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Authenticator]:
        return super().get_queryset(request).defer("data")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The data is not guessed at by filters either."""
        return not lookup.startswith("data") and super().lookup_allowed(lookup, value, request)


@admin.register(EmailAddress)
class EmailAddressAdmin(LookOnly):
    """Mail addresses, of which a verified one can reset the password."""

    list_display = ["email", "user", "verified", "primary"]
    list_filter = ["verified", "primary"]
    list_select_related = ["user"]
    search_fields = ["email__iexact", "user__username__exact"]


@admin.register(SocialAccount)
class SocialAccountAdmin(LookOnly):
    """Which account of the identity provider belongs to whom."""

    list_display = ["user", "provider", "uid", "last_login", "date_joined"]
    list_select_related = ["user"]
    search_fields = ["user__username__exact", "uid__exact"]
    fields = ["id", "user", "provider", "uid", "last_login", "date_joined"]


@admin.register(SocialApp)
class SocialAppAdmin(LookOnly):
    """Empty: the identity provider is set in the environment. Secrets would not be shown."""

    list_display = ["name", "provider", "provider_id"]
    fields = ["id", "name", "provider", "provider_id"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in ("id", "id__exact")


@admin.register(SocialToken)
class SocialTokenAdmin(LookOnly):
    """Tokens of the identity provider, should any be kept: that they are there, not what they
    are."""

    list_display = ["account", "expires_at"]
    list_select_related = ["account__user"]
    fields = ["id", "account", "expires_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SocialToken]:
        return super().get_queryset(request).defer("token", "token_secret")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in ("id", "id__exact")


@admin.register(Session)
class SessionAdmin(LookOnly):
    """How many sessions there are, and until when. The key of one lets its holder in, so it is in
    no list and in no address: a digest tells them apart."""

    list_display = ["known_as", "expire_date"]
    list_display_links = None
    ordering = ["-expire_date"]
    sortable_by = ()
    acts = ()

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return list(self.list_display)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).defer("session_data")

    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404("A session has no page: its address would be its secret.")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return False

    @admin.display(description="SHA-256 of the key, its beginning")
    def known_as(self, session: Session) -> str:
        return sha256(session.session_key.encode()).hexdigest()[:12]


@admin.register(LogEntry)
class LogEntryAdmin(LookOnly):
    """What Django's own admin notes about its forms. The log that proves anything is Events."""

    list_display = ["action_time", "user", "content_type", "object_repr", "action_flag"]
    list_filter = [since("action_time", "done within")]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__username__exact"]
    sortable_by = ()
