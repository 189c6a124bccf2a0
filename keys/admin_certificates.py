"""OpenPGP keys for operators: found by whatever of them somebody has, and taken from committees."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from keys.models import Certificate, FormerLink, FormerVersion, KeyLink, KeysFile, KeyUse, PublicKey
from trusted_releases.lib.admin import LookOnly
from trusted_releases.lib.admin_acts import Act
from trusted_releases.lib.admin_filters import asked

FIND = "A fingerprint or key id, with or without 0x and spaces, or part of a user id or address."


@admin.register(Certificate)
class CertificateAdmin(LookOnly):
    """For looking. Keys come in by import, and are taken from a committee by unlinking."""

    has_events = True
    list_display = ["__str__", "user_id", "algorithm", "length", "expires_at", "revoked", "owner"]
    list_filter = [
        asked(
            "expiry",
            "expires",
            soon=(
                "Within 90 days, and the committee has released within a year",
                lambda rows: rows.expiring(timedelta(days=90)).of_busy_committees(),
            ),
            within90=("Within 90 days", lambda rows: rows.expiring(timedelta(days=90))),
            past=("Expired", lambda rows: rows.filter(expires_at__lte=now())),
        ),
        *("revoked", "weakly_bound"),
    ]
    list_select_related = ["owner"]
    search_fields = ["fingerprint"]  # what is searched is said below; this shows the field
    search_help_text = FIND

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Found as on the pages: a fingerprint in groups of four is one thing, not ten words."""
        term = search_term.replace("\0", "").strip()[:200]
        return (queryset.known_as(term) if term else queryset), False  # type: ignore[attr-defined]


@admin.register(KeyLink)
class KeyLinkAdmin(LookOnly):
    list_display = ["certificate", "whose", "committee", "added_by", "added_at", "retired_at"]
    list_select_related = ["certificate__owner", "committee", "added_by"]
    search_fields = ["committee__slug"]
    search_help_text = f"The name of a committee in addresses. Or: {FIND[0].lower()}{FIND[1:]}"
    ordering = ["-pk"]
    acts = [
        Act(
            name="unlink",
            label="Unlink",
            perm="keys.manage_keys",
            run=KeyLink.unlink,
            will="Signatures by the key count for the committee's releases no more, and drafts "
            "that it signed are checked again. It leaves the KEYS file, unless a published "
            "release rests on it: then it stays there, marked as one that signs no more.",
            undo="Whoever works on the committee's projects lets it sign again, on the key's page.",
            fits=lambda link: not link.is_retired,
        )
    ]

    @admin.display(description="Whose")
    def whose(self, link: KeyLink) -> str:
        return link.certificate.user_id

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.replace("\0", "").strip()[:200]
        if not term:
            return queryset, False
        keys = Certificate.objects.known_as(term)
        of_committee = queryset.filter(committee__slug=term.lower())
        return (of_committee | queryset.filter(certificate__in=keys)), False


@admin.register(KeysFile)
class KeysFileAdmin(LookOnly):
    """Where committees' KEYS files come from, and which of those elsewhere cannot be imported."""

    list_display = ["committee", "mode", "address", "imported_at", "failing_since"]
    list_filter = ["mode"]
    list_select_related = ["committee"]
    search_fields = ["committee__slug__startswith", "address__icontains"]
    acts = [
        Act(
            name="publish",
            label="Generate KEYS anew",
            perm="keys.manage_keys",
            run=KeysFile.publish,
            will="The public file is written again, with the keys that the committee has at this "
            "moment. That mends a file that was damaged in the download area.",
            undo="The file as it was stands in its history.",
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """A committee that has said nothing has a file too: it is listed with the others."""
        KeysFile.objects.complete()
        return super().get_queryset(request)


@admin.register(PublicKey)
class PublicKeyAdmin(LookOnly):
    """Primary keys and subkeys, each with the time in which it may be used."""

    list_display = ["__str__", "certificate", "is_primary", "algorithm", "length", "expires_at"]
    list_filter = ["is_primary", "revoked"]
    list_select_related = ["certificate"]
    search_fields = ["fingerprint__exact", "key_id__exact"]
    search_help_text = "A fingerprint or key id in lower case and in full."
    page_of = staticmethod(lambda part: part.certificate)
    ordering = ["-pk"]


@admin.register(KeyUse)
class KeyUseAdmin(LookOnly):
    """Which keys published releases rest on."""

    list_display = ["path", "project", "version", "certificate", "signed_at", "published_at"]
    list_select_related = ["certificate", "committee"]
    search_fields = ["certificate__fingerprint__exact", "project__exact", "sha256__exact"]
    page_of = staticmethod(lambda use: use.certificate)
    ordering = ["-pk"]


@admin.register(FormerLink)
class FormerLinkAdmin(LookOnly):
    """Keys that stood in a KEYS file once."""

    list_display = ["certificate", "committee", "since", "until", "ended_by"]
    list_select_related = ["certificate", "committee", "ended_by"]
    search_fields = ["certificate__fingerprint__exact", "committee__slug__startswith"]
    page_of = staticmethod(lambda link: link.certificate)
    ordering = ["-pk"]


@admin.register(FormerVersion)
class FormerVersionAdmin(LookOnly):
    """Keys as they were before they took something in."""

    list_display = ["certificate", "since", "until"]
    list_select_related = ["certificate"]
    search_fields = ["certificate__fingerprint__exact"]
    page_of = staticmethod(lambda version: version.certificate)
    ordering = ["-pk"]
