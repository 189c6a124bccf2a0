"""Releases for operators: to look at. A release moves by its verbs, which the admin has not."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from releases.models import (
    Ballot,
    Blob,
    Entry,
    Message,
    Numbers,
    Publication,
    Release,
    Revision,
    Vote,
)
from trusted_releases.lib.admin import LookOnly


class Rows(admin.TabularInline):
    """Rows below another, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VoteRows(Rows):
    model = Vote
    fields = ["number", "revision", "outcome", "called_at", "ends_at", "resolved_at"]


class BallotRows(Rows):
    model = Ballot
    fields = ["voter", "choice", "binding_when_cast", "cast_at", "comment"]


@admin.register(Release)
class ReleaseAdmin(LookOnly):
    list_display = ["__str__", "phase", "last_revision", "last_vote", "created_at", "released_at"]
    list_filter = ["phase"]
    list_select_related = ["project"]
    search_fields = ["version", "project__slug", "project__name"]
    date_hierarchy = "created_at"
    inlines = [VoteRows]


@admin.register(Revision)
class RevisionAdmin(LookOnly):
    list_display = ["__str__", "verdict", "file_count", "total_size", "made_by", "made_at"]
    list_filter = ["verdict"]
    list_select_related = ["release__project", "made_by"]
    search_fields = ["manifest_digest", "release__version", "release__project__slug"]
    date_hierarchy = "made_at"


@admin.register(Entry)
class EntryAdmin(LookOnly):
    list_display = ["path", "release", "blob", "since", "until", "uploaded_by"]
    list_select_related = ["release__project", "blob", "uploaded_by"]
    search_fields = ["path", "=blob__sha256", "=blob__sha512"]


@admin.register(Blob)
class BlobAdmin(LookOnly):
    list_display = ["sha256", "size", "created_at"]
    search_fields = ["=sha256", "=sha512"]
    date_hierarchy = "created_at"


@admin.register(Vote)
class VoteAdmin(LookOnly):
    list_display = ["__str__", "revision", "outcome", "called_by", "called_at", "ends_at"]
    list_filter = ["outcome", "ends_at"]
    list_select_related = ["release__project", "revision__release__project", "called_by"]
    search_fields = ["manifest_digest", "release__version", "release__project__slug", "subject"]
    date_hierarchy = "called_at"
    inlines = [BallotRows]


@admin.register(Ballot)
class BallotAdmin(LookOnly):
    list_display = ["vote", "voter", "choice", "binding_when_cast", "cast_at"]
    list_filter = ["choice", "binding_when_cast"]
    list_select_related = ["vote__release__project", "voter"]
    search_fields = ["=voter__username", "vote__release__project__slug", "manifest_digest"]
    date_hierarchy = "cast_at"


@admin.register(Publication)
class PublicationAdmin(LookOnly):
    list_display = ["release", "state", "location", "requested_by", "requested_at", "published_at"]
    list_filter = ["state"]
    list_select_related = ["release__project", "requested_by"]
    search_fields = ["location", "manifest_digest", "error"]
    date_hierarchy = "requested_at"


@admin.register(Message)
class MessageAdmin(LookOnly):
    list_display = ["subject", "release", "created_at", "sent_at"]
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    list_select_related = ["release__project"]
    search_fields = ["subject", "=message_id", "release__project__slug"]
    date_hierarchy = "created_at"


@admin.register(Numbers)
class NumbersAdmin(LookOnly):
    """The last numbers given out, so that none is used twice."""

    list_display = ["project", "version", "revision", "vote"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "version"]
