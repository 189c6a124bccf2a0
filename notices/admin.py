"""Notices for operators: what was told to whom, and how."""

from django.contrib import admin

from notices.models import Notice, Preference
from trusted_releases.lib.admin import LookOnly


@admin.register(Notice)
class NoticeAdmin(LookOnly):
    """What people were told, and whether a mail of it went out."""

    list_display = ["text", "person", "kind", "how", "created_at", "mailed_at"]
    list_filter = ["kind", "how"]
    list_select_related = ["person"]
    search_fields = ["person__username__exact"]
    search_help_text = "An account's name, in full."
    ordering = ["-pk"]
    sortable_by = ()


@admin.register(Preference)
class PreferenceAdmin(LookOnly):
    """How people want to hear of what."""

    list_display = ["person", "kind", "project", "how"]
    list_filter = ["kind", "how"]
    list_select_related = ["person", "project"]
    search_fields = ["person__username__exact"]
    search_help_text = "An account's name, in full."
    sortable_by = ()
