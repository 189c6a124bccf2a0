"""Releases for operators: to look at, and to repair. Whatever else moves them is not here."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.models import (
    Arrival,
    ArrivedFile,
    Ballot,
    Blob,
    Delivery,
    Entry,
    Generated,
    Import,
    Message,
    Publication,
    Release,
    Revision,
    Vote,
)
from releases.phases import Phase
from trusted_releases.lib.admin import LookOnly, NewestFirst
from trusted_releases.lib.admin_acts import Act
from trusted_releases.lib.admin_filters import asked, since
from trusted_releases.lib.admin_forms import Light


def release_of(row: Any) -> Release:
    release: Release = row.release
    return release


class OfRelease(NewestFirst):
    """A row below a release: the page of the site that shows it is that of the release."""

    page_of = staticmethod(release_of)


class Requested(OfRelease):
    """What somebody has asked a worker for, and what became of it."""

    has_events = True
    list_display = ["path", "release", "state", "asked_by", "asked_at"]
    list_filter = ["state"]
    list_select_related = ["release__project", "asked_by"]
    search_fields = ["release__project__slug__startswith", "release__version__exact"]
    search_help_text = "The beginning of a project's name, a version in full, or both."


class Rows(Light, admin.TabularInline):
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

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("revision__release__project")


class BallotRows(Rows):
    model = Ballot
    fields = ["voter", "choice", "binding_when_cast", "cast_at", "comment"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("voter", "vote__release__project")


@admin.register(Release)
class ReleaseAdmin(LookOnly):
    """For looking, and for what operators repair. All else moves by its verbs, on its own page."""

    has_events = True
    list_display = ["__str__", "phase", "last_revision", "last_vote", "created_at", "released_at"]
    list_filter = ["phase", "embargoed", since("created_at", "started within")]
    list_select_related = ["project"]
    search_fields = ["version__exact", "project__slug__startswith", "project__name__istartswith"]
    search_help_text = "The beginning of a project's name, a version in full, or both."
    inlines = [VoteRows]
    acts = [
        Act(
            name="recheck",
            label="Check again",
            perm="releases.recheck",
            run=Release.recheck,
            will="The newest revision of the draft is checked again. Checks that failed are tried "
            "again; findings on unchanged files stay as they are, because they follow from the "
            "files alone.",
            undo="Nothing to undo: no file and no vote changes.",
            fits=lambda release: release.phase == Phase.COMPOSE and release.last_revision > 0,
        ),
        Act(
            name="cancel-vote",
            label="Cancel the vote",
            perm="releases.cancel_vote",
            run=Release.cancel_vote,
            will="The open vote ends without a result, the release goes back to composing, and a "
            "mail to the list of the committee says so. The ballots stay on record.",
            typed="CANCEL",
            fits=lambda release: release.phase == Phase.VOTE,
        ),
        Act(
            name="retry-publication",
            label="Publish again",
            perm="releases.retry_publication",
            run=Release.retry_publication,
            will="A worker publishes the voted files once more. What lies in the download area "
            "already is compared, never overwritten.",
            undo="Nothing to undo: what goes out is what was voted on, or nothing.",
            fits=lambda release: (
                release.phase == Phase.FINISH and next(release.retry_obstacles(), None) is None
            ),
        ),
    ]


@admin.register(Revision)
class RevisionAdmin(NewestFirst):
    has_events = True
    list_display = ["__str__", "verdict", "file_count", "total_size", "made_by", "made_at"]
    list_filter = ["verdict"]
    list_select_related = ["release__project", "made_by"]
    search_fields = ["manifest_digest__exact", "release__project__slug__exact"]
    search_help_text = "A manifest digest (sha256:…) or a project, in full."


@admin.register(Arrival)
class ArrivalAdmin(OfRelease):
    list_display = ["title", "release", "way", "state", "sent_by", "sent_at", "problem"]
    list_filter = ["state", "way"]
    list_select_related = ["release__project", "sent_by"]
    search_fields = ["release__project__slug__exact", "files__path__exact"]
    search_help_text = "A project or a path, in full."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Arrival]:
        return super().get_queryset(request).prefetch_related("files")


@admin.register(ArrivedFile)
class ArrivedFileAdmin(NewestFirst):
    list_display = ["path", "arrival", "blob", "problem"]
    list_select_related = ["blob"]
    search_fields = ["path__exact", "blob__sha256__exact"]
    search_help_text = "A path or a SHA-256, in full."

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArrivedFile]:
        files = super().get_queryset(request)
        return files.prefetch_related("arrival__release__project", "arrival__files")


@admin.register(Entry)
class EntryAdmin(OfRelease):
    list_display = ["path", "release", "blob", "since", "until", "uploaded_by"]
    list_select_related = ["release__project", "blob", "uploaded_by"]
    search_fields = [
        *("blob__sha256__exact", "blob__sha512__exact", "release__project__slug__exact"),
    ]
    search_help_text = "A SHA-256, a SHA-512 or a project, in full."


@admin.register(Blob)
class BlobAdmin(LookOnly):
    list_display = ["sha256", "size", "created_at", "verified_at"]
    search_fields = ["sha256__exact", "sha512__exact"]
    search_help_text = "A SHA-256 or a SHA-512, in full."
    ordering = ["-pk"]
    sortable_by = ["verified_at"]


@admin.register(Vote)
class VoteAdmin(NewestFirst):
    list_display = ["__str__", "revision", "outcome", "called_by", "called_at", "ends_at"]
    list_filter = [
        "outcome",
        asked(
            "time",
            "ends",
            today=("Open, and ends today", lambda votes: votes.ending_today()),
            overdue=("Over, and not resolved", lambda votes: votes.over()),
        ),
    ]
    list_select_related = ["release__project", "revision__release__project", "called_by"]
    search_fields = ["manifest_digest__exact", "release__project__slug__startswith"]
    search_help_text = "The beginning of a project's name, or a manifest digest in full."
    inlines = [BallotRows]


@admin.register(Ballot)
class BallotAdmin(NewestFirst):
    has_events = True
    list_display = ["vote", "voter", "choice", "binding_when_cast", "cast_at"]
    list_filter = ["choice", "binding_when_cast"]
    list_select_related = ["vote__release__project", "voter"]
    search_fields = ["voter__username__exact", "vote__release__project__slug__exact"]
    search_help_text = "A voter or a project, in full."
    page_of = staticmethod(lambda ballot: ballot.vote)


@admin.register(Publication)
class PublicationAdmin(OfRelease):
    has_events = True
    list_display = ["release", "state", "location", "requested_by", "requested_at", "published_at"]
    list_filter = ["state"]
    list_select_related = ["release__project", "requested_by"]
    search_fields = ["release__project__slug__startswith", "manifest_digest__exact"]


@admin.register(Generated)
class GeneratedAdmin(Requested):
    """Bills of materials that workers made, from which bytes and for whom."""

    list_display = [*Requested.list_display, "revision"]


@admin.register(Import)
class ImportAdmin(Requested):
    """Files that workers fetched from elsewhere, for whom, and what became of them."""

    list_display = ["url", "release", "state", "asked_by", "asked_at", "revision"]


@admin.register(Message)
class MessageAdmin(OfRelease):
    """Mails about releases. One that could not be sent is sent when its job is run again."""

    list_display = ["subject", "release", "sender", "created_at", "sent_at", "its_job"]
    list_filter = [
        asked("sent", "sent", no=("Not sent yet", lambda rows: rows.filter(sent_at=None))),
    ]
    list_select_related = ["release__project"]
    search_fields = ["message_id__exact", "release__project__slug__exact"]
    search_help_text = "A Message-ID or a project, in full."

    has_events = True
    acts = [
        Act(
            name="resend",
            label="Send again",
            perm="releases.resend_mail",
            run=Message.resend,
            will="It is sent to those who did not get it, with the same Message-ID, and to nobody "
            "else.",
            undo="A mail cannot be called back.",
        )
    ]

    @admin.display(description="Job")
    def its_job(self, message: Message) -> SafeString | str:
        if message.sent_at is not None:
            return ""
        query = urlencode({"name": "releases.send_mail", "release__exact": message.release_id})
        url = f"{reverse('admin:ledger_job_changelist')}?{query}"
        return format_html('<a href="{}" aria-label="Jobs of {}">its job</a>', url, message)


@admin.register(Delivery)
class DeliveryAdmin(LookOnly):
    """What became of each mail for each recipient."""

    list_display = ["address", "message", "state", "said", "attempts", "since"]
    list_filter = ["state"]
    list_select_related = ["message__release__project"]
    search_fields = ["address__exact", "message__message_id__exact"]
    search_help_text = "An address or a Message-ID, in full."
    ordering = ["-pk"]
    sortable_by = ()
    page_of = staticmethod(release_of)


from releases import admin_counting  # noqa: E402,F401  its models are of the console too
