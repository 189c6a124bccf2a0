from django.contrib import admin

from keys.models import Certificate, KeyLink
from trusted_releases.lib.admin import LookOnly


@admin.register(Certificate)
class CertificateAdmin(LookOnly):
    """For looking. Keys come in by import, and are taken from a committee by unlinking."""

    list_display = ["__str__", "user_id", "algorithm", "length", "expires_at", "revoked"]
    list_filter = ["revoked", "weakly_bound", "algorithm"]
    list_select_related = ["owner"]
    search_fields = ["fingerprint", "key_id", "user_ids"]
    date_hierarchy = "added_at"


@admin.register(KeyLink)
class KeyLinkAdmin(LookOnly):
    list_display = ["certificate", "committee", "added_by", "added_at"]
    list_filter = ["committee"]
    list_select_related = ["certificate", "committee", "added_by"]
    search_fields = ["certificate__fingerprint", "committee__slug"]
    date_hierarchy = "added_at"
