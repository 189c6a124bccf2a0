"""Credentials for operators: tokens to look at, to revoke, and to make for machines; SSH keys and
browsers. No secret is here: none is kept."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_protect

from keys import admin_certificates  # noqa: F401  what is about OpenPGP keys
from keys.forms import SystemTokenForm
from keys.models import (
    AccessToken,
    Login,
    SigningKey,
    SpentToken,
    SshKey,
    UploadTicket,
    WorkflowPass,
    WorkflowSshKey,
)
from trusted_releases.lib.admin import LookOnly
from trusted_releases.lib.admin_acts import Act
from trusted_releases.lib.admin_filters import asked
from trusted_releases.lib.errors import Refused


@admin.register(AccessToken)
class AccessTokenAdmin(LookOnly):
    """Whose programs may come in, and with what. Of the secrets only digests are kept, and those
    are not shown either."""

    change_list_template = "admin/keys/tokens.html"
    has_events = True
    page_of = staticmethod(lambda token: None)
    list_display = [
        *("label", "owner", "is_system", "reach", "network", "last_used_at", "expires_at"),
        "revoked_at",
    ]
    list_filter = [
        asked(
            "state",
            "state",
            good=("Good", lambda rows: rows.good()),
            ended=("Expired or revoked", lambda rows: rows.ended()),
        ),
        *("is_system", "reach"),
    ]
    list_select_related = ["owner"]
    search_fields = ["owner__username__exact", "label__icontains"]
    fields = [
        *("id", "label", "owner", "is_system", "reach", "network", "made_by", "made_at"),
        *("expires_at", "last_used_at", "revoked_at", "revoked_by"),
    ]
    acts = [
        Act(
            name="revoke",
            label="Revoke",
            perm="keys.revoke_tokens",
            run=AccessToken.revoke,
            will="Programs that use it are refused from this moment on. The owner gets a mail.",
            typed="REVOKE",
            fits=lambda token: token.is_good(),
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessToken]:
        return super().get_queryset(request).defer("digest")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Digests are not guessed at by filters either."""
        return not lookup.startswith("digest") and super().lookup_allowed(lookup, value, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        may = {"may_make_system": request.user.has_perm("keys.make_system_tokens")}
        return super().changelist_view(request, may | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        make = self.admin_site.admin_view(csrf_protect(self.make_system))
        return [path("make-system/", make, name="keys_make_system"), *super().get_urls()]

    def make_system(self, request: HttpRequest) -> HttpResponse:
        """A token for a machine. The door has asked for the second factor; the verb judges."""
        if not request.user.has_perm("keys.make_system_tokens"):
            raise PermissionDenied("This takes the right “keys.make_system_tokens”.")
        form = SystemTokenForm(request.POST or None, label_suffix="")
        made: dict[str, Any] = {}
        if form.is_valid():
            try:
                person: Any = request.user
                token, secret = AccessToken.objects.make_system(by=person, **form.cleaned_data)
                made = {"token": token, "secret": secret}
            except Refused as error:
                form.add_error(None, str(error))
        context = {
            **self.admin_site.each_context(request),
            "title": "Make a system token",
            "opts": self.opts,
            "form": form,
            **made,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/keys/make_system.html", context, status=status)


@admin.register(SigningKey)
class SigningKeyAdmin(LookOnly):
    """The keys of short tokens, the newest of which counts. What they are made of is not shown."""

    has_events = True
    list_display = ["number", "made_at"]
    fields = ["id", "number", "made_at"]
    acts = [
        Act(
            name="rotate",
            label="Change the signing key",
            perm="keys.rotate_signing_key",
            run=SigningKey.rotate,
            will="Every short token of the API is worthless at once. Programs exchange their "
            "access token again; what was stolen of short tokens opens nothing any more.",
            typed="CHANGE",
            several=False,
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SigningKey]:
        return super().get_queryset(request).defer("salt")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return not lookup.startswith("salt") and super().lookup_allowed(lookup, value, request)


@admin.register(SpentToken)
class SpentTokenAdmin(LookOnly):
    """Tokens of workflows that have been used, until they would have expired. By digest."""

    list_display = ["__str__", "expires_at"]
    search_fields = ["digest__exact"]


@admin.register(SshKey)
class SshKeyAdmin(LookOnly):
    """Whose keys come in by SSH. A security officer who revokes somebody's credentials removes
    them with all else."""

    list_display = ["fingerprint", "owner", "kind", "comment", "added_at", "last_used_at"]
    list_select_related = ["owner"]
    search_fields = ["fingerprint__exact", "owner__username__exact"]
    search_help_text = "A fingerprint as OpenSSH shows it, or the name of an account."
    page_of = staticmethod(lambda key: None)
    fields = ["id", "fingerprint", "key", "owner", "added_at", "last_used_at"]


class WorkflowPassAdmin(LookOnly):
    """What both kinds of what runs of workflows upload with have in common."""

    has_events = True
    list_filter = [
        asked(
            "state",
            "state",
            good=("Good", lambda rows: rows.good()),
            revoked=("Revoked", lambda rows: rows.exclude(revoked_at=None)),
        ),
    ]
    list_select_related = ["owner", "project", "grant"]
    search_fields = ["project__slug__exact", "owner__username__exact", "repository__icontains"]
    search_help_text = "The key of a project, the name of an account, or a repository."
    page_of = staticmethod(lambda given: given)
    acts = [
        Act(
            name="revoke",
            label="Revoke",
            perm="keys.revoke_tokens",
            run=WorkflowPass.revoke,
            will="The run uploads nothing from this moment on; what it is sending is not taken.",
            typed="REVOKE",
            fits=lambda given: given.is_good,
        )
    ]
    _FIELDS = (
        *("project", "owner", "repository", "path", "phase", "run_id", "actor_id", "grant"),
        *("claims", "made_at", "expires_at", "last_used_at", "revoked_at", "revoked_by"),
    )


@admin.register(WorkflowSshKey)
class WorkflowSshKeyAdmin(WorkflowPassAdmin):
    """SSH keys that runs of workflows have registered. Each is good for twenty minutes."""

    list_display = ["fingerprint", "project", "repository", "owner", "expires_at", "revoked_at"]
    search_fields = [*WorkflowPassAdmin.search_fields, "fingerprint__exact"]
    fields = ["id", "fingerprint", "key", *WorkflowPassAdmin._FIELDS]


@admin.register(UploadTicket)
class UploadTicketAdmin(WorkflowPassAdmin):
    """Tickets by which runs of workflows upload once. Of the secrets only digests are kept."""

    list_display = ["__str__", "project", "repository", "owner", "expires_at", "last_used_at"]
    fields = ["id", "version", *WorkflowPassAdmin._FIELDS]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UploadTicket]:
        return super().get_queryset(request).defer("digest")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return not lookup.startswith("digest") and super().lookup_allowed(lookup, value, request)


@admin.register(Login)
class LoginAdmin(LookOnly):
    """In which browsers somebody is logged in. The key of the session itself is not here."""

    list_display = ["owner", "name", "address", "began_at", "seen_at"]
    list_select_related = ["owner"]
    search_fields = ["owner__username__exact", "address__exact"]
    search_help_text = "The name of an account, or an address."
    page_of = staticmethod(lambda login: None)
    fields = ["id", "owner", "name", "browser", "address", "began_at", "seen_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Login]:
        return super().get_queryset(request).defer("session_key")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nor is it guessed at by filters."""
        return not lookup.startswith("session_key") and super().lookup_allowed(
            lookup, value, request
        )
