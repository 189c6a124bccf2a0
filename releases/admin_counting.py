"""More of the console, for looking: what votes were counted from, recorded sources, uploads
that have not ended."""

from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from releases.models import Embargo, KeptMail, Numbers, OpenFile, OpenUpload, Reading, Source, Usage
from releases.models.usage import allowed_to
from trusted_releases.lib.admin import LookOnly
from trusted_releases.lib.sizes import size_in_words


@admin.register(Reading)
class ReadingAdmin(LookOnly):
    list_display = ["__str__", "state", "asked_by", "asked_at", "read_at", "problem"]
    list_filter = ["state"]
    list_select_related = ["vote__release__project", "asked_by"]
    fields = ["vote", "state", "problem", "asked_by", "asked_at", "read_at", "archive"]
    ordering = ["-pk"]
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reading]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.defer("mails", "directory", "terms", "counted")


@admin.register(KeptMail)
class KeptMailAdmin(LookOnly):
    list_display = ["digest"]
    fields = ["digest"]
    search_fields = ["digest__exact"]
    search_help_text = "A digest (sha256:…) in full."
    ordering = ["-pk"]
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeptMail]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.defer("packed")


@admin.register(Source)
class SourceAdmin(LookOnly):
    list_display = ["__str__", "release", "state", "recorded_by", "recorded_at", "fetched_at"]
    list_filter = ["state"]
    list_select_related = ["release__project", "recorded_by"]
    search_fields = ["commit__exact", "found__exact", "release__project__slug__exact"]
    search_help_text = "A commit or a project, in full."
    ordering = ["-pk"]
    sortable_by = ()
    page_of = staticmethod(attrgetter("release"))


@admin.register(Numbers)
class NumbersAdmin(LookOnly):
    """The last numbers given out, so that none is used twice."""

    list_display = ["project", "version", "revision", "vote"]
    list_select_related = ["project"]
    search_fields = ["project__slug__startswith", "version__exact"]
    page_of = staticmethod(lambda numbers: numbers.project)


@admin.register(Usage)
class UsageAdmin(LookOnly):
    """How much each project holds. How much it may stands on the page of the project."""

    list_display = ["project", "held", "allowed", "counted_at"]
    list_select_related = ["project"]
    search_fields = ["project__slug__startswith"]
    ordering = ["-size"]
    sortable_by = ()
    page_of = staticmethod(lambda usage: usage.project)

    @admin.display(description="Held")
    def held(self, usage: Usage) -> str:
        return size_in_words(usage.size)

    @admin.display(description="May hold")
    def allowed(self, usage: Usage) -> str:
        return size_in_words(allowed_to(usage.project))


@admin.register(OpenUpload)
class OpenUploadAdmin(LookOnly):
    list_display = ["__str__", "begun_by", "way", "size", "begun_at", "touched_at", "ended_at"]
    list_filter = ["way"]
    list_select_related = ["release__project", "begun_by"]
    search_fields = ["release__project__slug__exact", "begun_by__username__exact"]
    search_help_text = "A project or an account, in full."
    exclude = ["key"]
    ordering = ["-pk"]
    sortable_by = ()


@admin.register(OpenFile)
class OpenFileAdmin(LookOnly):
    list_display = ["path", "upload", "size", "sha256"]
    list_select_related = ["upload__release__project"]
    search_fields = ["path__exact", "sha256__exact"]
    search_help_text = "A path or a SHA-256, in full."
    ordering = ["-pk"]
    sortable_by = ()


@admin.register(Embargo)
class EmbargoAdmin(LookOnly):
    """The embargoes in force, those of deleted drafts too."""

    list_display = ["project", "release_key"]
    list_select_related = ["project"]
    search_fields = ["project__slug__startswith", "release_key__exact"]
    page_of = staticmethod(lambda embargo: embargo.project)
