"""Checks for operators: to look at. A worker writes these rows, nobody else."""

from django.contrib import admin

from checks.models import Finding, Result, Run
from trusted_releases.lib.admin import LookOnly


@admin.register(Run)
class RunAdmin(LookOnly):
    list_display = ["revision", "state", "units_done", "units_total", "units_reused", "finished_at"]
    list_filter = ["state"]
    list_select_related = ["revision__release__project"]
    search_fields = ["revision__release__version", "revision__release__project__slug"]
    date_hierarchy = "started_at"


@admin.register(Result)
class ResultAdmin(LookOnly):
    """One that has an error is our fault, and is tried again with the next revision."""

    list_display = ["path", "rules", "took_ms", "made_at", "failed"]
    list_filter = [("error", admin.EmptyFieldListFilter)]
    search_fields = ["path", "=key", "error"]
    date_hierarchy = "made_at"

    @admin.display(boolean=True, description="Failed")
    def failed(self, result: Result) -> bool:
        return bool(result.error)


@admin.register(Finding)
class FindingAdmin(LookOnly):
    list_display = ["level", "rule", "path", "member", "message"]
    list_display_links = ["message"]
    list_filter = ["level", "rule"]
    search_fields = ["path", "message"]
