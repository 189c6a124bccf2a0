"""Filters of the admin's lists whose choices cost no question to the database."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

# Of rows with questions of their own, such as `expiring()`, which the plain type does not know.
Question = Callable[[Any], Any]

PERIODS = {
    "hour": ("the last hour", timedelta(hours=1)),
    "day": ("the last 24 hours", timedelta(days=1)),
    "week": ("the last 7 days", timedelta(days=7)),
    "month": ("the last 30 days", timedelta(days=30)),
    "year": ("the last 365 days", timedelta(days=365)),
}


def since(field: str, name: str) -> type[SimpleListFilter]:
    """Rows whose moment lies within the last hour, day and so on. The field has an index."""

    class Since(SimpleListFilter):
        title = name
        parameter_name = "since"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(key, words) for key, (words, _) in PERIODS.items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if (period := PERIODS.get(self.value() or "")) is None:
                return queryset
            return queryset.filter(**{f"{field}__gte": now() - period[1]})

    return Since


def asked(name: str, parameter: str, **questions: tuple[str, Question]) -> type[SimpleListFilter]:
    """A few questions about rows, each with its words: `late=("Late", lambda rows: …)`."""

    class Asked(SimpleListFilter):
        title = name
        parameter_name = parameter

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(key, words) for key, (words, _) in questions.items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            question = questions.get(self.value() or "")
            return question[1](queryset) if question else queryset

    return Asked


def one_of(field: str, name: str, values: Callable[[], Iterable[str]]) -> type[SimpleListFilter]:
    """The values that the code knows, instead of those that a million rows have."""

    class OneOf(SimpleListFilter):
        title = name
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(value, value) for value in values()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return OneOf
