"""What the admin's pages have in common: where a row leads to, counts that cost little, acts."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin, ShowFacets
from django.contrib.admin.utils import unquote
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from trusted_releases.lib.admin_acts import Acts
from trusted_releases.lib.admin_forms import Light
from trusted_releases.lib.paging import CappedPaginator


class Findable(Acts, Light, ModelAdmin):
    """A list that stays quick on a million rows, whose rows lead to their pages and events.

    `page_of` says whose public page is that of the row: itself, or what it belongs to.
    `has_events` is for rows that events are about: theirs are one link away.
    """

    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each would be a count over the whole table
    paginator = CappedPaginator
    page_of: Callable[[Any], Any] = staticmethod(lambda row: row)
    has_events = False  # whether events are about such rows themselves

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        leads = self.has_events or hasattr(self.model, "get_absolute_url")
        more = ["elsewhere"] if leads or type(self).page_of is not Findable.page_of else []
        return [*super().get_list_display(request), *more]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def view_on_site(self, row: Any) -> str | None:
        """The public page of the row, or of what it belongs to; none where it is under embargo:
        operators are no members, and would find nothing there."""
        place = type(self).page_of(row)
        if getattr(getattr(place, "release", place), "embargoed", False):
            return None
        return place.get_absolute_url() if hasattr(place, "get_absolute_url") else None

    def events_of(self, row: Any) -> str:
        """Where the events about this very row are listed, if there are any such events."""
        if not self.has_events:
            return ""
        return f"{reverse('admin:ledger_event_changelist')}?" + urlencode(
            {"kind__exact": row._meta.label_lower, "key__exact": row.pk}
        )

    @admin.display(description="See")
    def elsewhere(self, row: Any) -> SafeString:
        links = [("page", self.view_on_site(row)), ("events", self.events_of(row))]
        found = [(url, f"{word} of {row}", word) for word, url in links if url]
        return format_html_join(" ", '<a href="{}" aria-label="{}">{}</a>', found)

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of a row has beside its fields: its acts, and the way to its events."""
        title = capfirst(self.opts.verbose_name)
        return {
            "title": title,
            "events_url": self.events_of(row),
            "acts": self.acts_on(request, row),
        }

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        more = self.page_context(request, row) if row is not None else {}
        return super().changeform_view(request, object_id, form_url, more | (extra_context or {}))


class LookOnly(Findable):
    """For looking: no row is added, changed or deleted here. What moves a row is its verbs.

    The page of a row shows every column, also those that are not editable; a subclass narrows
    that with `fields`, or adds its own methods with `also`.
    """

    also: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.fields:
            return self.fields
        return [field.name for field in self.opts.concrete_fields] + list(self.also)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)


class NewestFirst(LookOnly):
    """Many rows, in the one order that no database has to sort them for."""

    ordering = ["-pk"]
    sortable_by = ()


def link_to(kind: str, key: object, words: str = "") -> SafeString | str:
    """The page that a row of this kind has in the console, or just its words if it has none."""
    with suppress(LookupError):
        words = words or f"{capfirst(apps.get_model(kind)._meta.verbose_name)} {key}"
    try:
        url = reverse(f"admin:{kind.replace('.', '_')}_change", args=[key])
    except NoReverseMatch:
        return words or f"{kind} {key}"
    return format_html('<a href="{}">{}</a>', url, words)


def in_full(text: str) -> SafeString:
    """A text as it is, over as many lines as it has."""
    return format_html('<pre tabindex="0">{}</pre>', text or "-")
