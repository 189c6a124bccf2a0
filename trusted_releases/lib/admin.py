"""What the admin's pages of rows that nobody edits have in common."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property

COUNTED = 10_000  # rows; further than that nobody pages, and counting a million takes seconds


class CappedPaginator(Paginator):
    """Counts no farther than 10,000 rows; what lies beyond is found by search and filters."""

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, models.QuerySet):
            return len(self.object_list)
        return self.object_list.order_by()[:COUNTED].count()


class LookOnly(ModelAdmin):
    """For looking: no row is added, changed or deleted here. What moves a row is its verbs.

    The page of a row shows every column, also those that are not editable; a subclass narrows
    that with `fields`, or adds its own methods with `also`.
    """

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
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
