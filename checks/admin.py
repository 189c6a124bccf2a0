"""Checks for operators: to look at. A worker writes these rows, nobody else."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from checks.models import (
    Comparison,
    Finding,
    Ignore,
    KnownVulnerability,
    MemberChange,
    Result,
    Review,
    Run,
    Sbom,
    SbomComponent,
    SbomVulnerability,
    Scan,
)
from checks.rules import ALL
from checks.sbom.severity import SEVERITIES
from releases.admin import Requested
from trusted_releases.lib.admin import NewestFirst
from trusted_releases.lib.admin_filters import asked, one_of


@admin.register(Run)
class RunAdmin(NewestFirst):
    list_display = ["revision", "state", "units_done", "units_total", "units_reused", "finished_at"]
    list_filter = ["state"]
    list_select_related = ["revision__release__project"]
    search_fields = [
        *("revision__release__project__slug__startswith", "revision__release__version__exact"),
    ]
    search_help_text = "The beginning of a project's name, a version in full, or both."
    page_of = staticmethod(lambda run: run.revision)
    fields = [
        *("revision", "state", "attempt", "note", "started_at", "finished_at"),
        *("units_total", "units_done", "units_reused", "bytes_total", "bytes_done"),
    ]


@admin.register(Result)
class ResultAdmin(NewestFirst):
    """One that has an error is our fault, and is tried again with the next revision."""

    list_display = ["path", "rules", "took_ms", "made_at", "failed", "its_findings"]
    list_filter = [
        asked("outcome", "outcome", failed=("Failed", lambda rows: rows.exclude(error=""))),
    ]
    search_fields = ["key__exact"]
    search_help_text = "The key of a result, in full."

    @admin.display(boolean=True, description="Failed")
    def failed(self, result: Result) -> bool:
        return bool(result.error)

    @admin.display(description="Findings")
    def its_findings(self, result: Result) -> SafeString:
        url = f"{reverse('admin:checks_finding_changelist')}?result__exact={result.pk}"
        return format_html('<a href="{}" aria-label="Findings of {}">findings</a>', url, result)


@admin.register(Finding)
class FindingAdmin(NewestFirst):
    """A million rows: found by level and rule, which have an index, and from their result."""

    list_display = ["level", "rule", "path", "member", "message"]
    list_display_links = ["message"]
    list_filter = ["level", one_of("rule", "rule", lambda: sorted(rule.slug for rule in ALL))]
    search_fields = ["result__key__exact"]
    search_help_text = "The key of a result, in full."


@admin.register(Ignore)
class IgnoreAdmin(NewestFirst):
    """What committees have decided not to read again. They set and lift it on their pages."""

    list_display = ["pk", "project", "rule", "path", "member", "set_by", "set_at", "holds"]
    list_filter = [
        asked("state", "state", in_force=("In force", lambda rows: rows.in_force())),
    ]
    list_select_related = ["project", "set_by", "lifted_by"]
    search_fields = ["project__slug__startswith", "reason"]
    search_help_text = "The beginning of a project's name, or words of the reason."
    date_hierarchy = "set_at"
    page_of = staticmethod(lambda ignore: ignore.project)

    @admin.display(boolean=True, description="In force")
    def holds(self, ignore: Ignore) -> bool:
        return ignore.in_force


@admin.register(Sbom)
class SbomAdmin(NewestFirst):
    """What a worker read of a document. Its pages show it better: they are found by its release."""

    list_display = ["result", "components_count", "vulnerabilities_count"]
    list_select_related = ["result"]
    search_fields = ["result__key__exact"]
    search_help_text = "The key of a result, in full."


class OfSbom(NewestFirst):
    """Ten thousand rows a document: found from its result."""

    list_select_related = ["sbom__result"]
    search_fields = ["sbom__result__key__exact"]
    search_help_text = "The key of a result, in full."


@admin.register(SbomComponent)
class SbomComponentAdmin(OfSbom):
    list_display = ["name", "version", "licence", "category", "sbom"]


@admin.register(SbomVulnerability)
class SbomVulnerabilityAdmin(OfSbom):
    list_display = ["id_text", "severity", "score", "source", "sbom"]


@admin.register(Scan)
class ScanAdmin(Requested):
    """Each question to the service that is set, by whom, and what became of it."""

    list_display = [*Requested.list_display, "service"]


@admin.register(KnownVulnerability)
class KnownVulnerabilityAdmin(NewestFirst):
    list_display = ["ident", "severity", "score", "summary", "scan"]
    list_filter = [one_of("severity", "severity", lambda: SEVERITIES)]
    list_select_related = ["scan__release__project"]
    search_fields = ["ident__exact"]
    search_help_text = "An id, in full."
    page_of = staticmethod(lambda found: found.scan.release)


@admin.register(Comparison)
class ComparisonAdmin(NewestFirst):
    """Two archives by their bytes: whichever releases they are in, they are compared once."""

    list_display = ["pk", "old", "new", "format", "state", "asked_at", "settled_at"]
    list_filter = ["state"]
    list_select_related = ["old", "new"]
    search_fields = ["old__sha256__exact", "new__sha256__exact"]
    search_help_text = "The SHA-256 of one of the archives, in full."


@admin.register(MemberChange)
class MemberChangeAdmin(NewestFirst):
    """Twenty thousand rows a comparison: found from the archives."""

    list_display = ["path", "change", "was", "comparison"]
    list_select_related = ["comparison__old", "comparison__new"]
    search_fields = ["comparison__old__sha256__exact", "comparison__new__sha256__exact"]
    search_help_text = "The SHA-256 of one of the archives, in full."


@admin.register(Review)
class ReviewAdmin(NewestFirst):
    """That somebody has a candidate checked, and how that goes: what is in it is theirs alone."""

    list_display = ["pk", "owner", "state", "file_count", "size", "asked_at", "expires_at"]
    list_filter = ["state"]
    list_select_related = ["owner"]
    search_fields = ["owner__username__startswith"]
    search_help_text = "The beginning of an account's name."
    date_hierarchy = "asked_at"
    has_events = True
    fields = [
        *("owner", "state", "file_count", "size", "bytes_done", "bytes_total"),
        *("asked_at", "settled_at", "expires_at"),
    ]
