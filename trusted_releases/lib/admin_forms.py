"""Fields of the console's forms: light, without a library of scripts, and usable without any.

The stock widgets for rows, moments and groups take jQuery and select2, 170 KB of them.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

MINUTES = "%Y-%m-%dT%H:%M"  # as browsers write a moment


class Called(forms.ModelChoiceField):
    """A row by the name that people know it by, typed in full; the browser suggests names."""

    default_error_messages = {"invalid_choice": "There is none of this name: “%(value)s”."}

    def prepare_value(self, value: Any) -> Any:
        """The name, also for a row or the key that a form begins with."""
        if isinstance(value, int):
            name = self.to_field_name or "pk"
            rows = self.queryset
            known = [] if rows is None else rows.filter(pk=value).values_list(name, flat=True)
            return next(iter(known), None)
        return super().prepare_value(value)


class Suggested(forms.TextInput):
    """A name with suggestions, from an address that answers with names."""

    class Media:
        js = ["site/suggest.js"]

    def __init__(self, address: str) -> None:
        super().__init__(
            {"class": "vTextField", "data-suggest": address, "autocomplete": "off", "size": 40}
        )


class Moment(forms.DateTimeField):
    """A moment by the browser's own field. The whole site is in UTC, and so is this."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES)

    def __init__(self, **kwargs: Any) -> None:
        said = str(kwargs.pop("help_text", "") or "")
        super().__init__(help_text=f"{said} In UTC.".strip(), **kwargs)


class Day(forms.DateInput):
    """A day by the browser's own field."""

    def __init__(self) -> None:
        super().__init__({"type": "date"}, format="%Y-%m-%d")


class Light:
    """For a ModelAdmin or an inline: its fields as above, and nothing that opens a window."""

    formfield_overrides: Any = {
        models.DateTimeField: {"form_class": Moment, "widget": Moment.widget},
        models.DateField: {"widget": Day},
        models.TextField: {"widget": AdminTextareaWidget({"rows": 4})},
    }
    media = forms.Media()

    admin_site: Any
    get_autocomplete_fields: Any

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["form_class"] = Called
            kwargs["widget"] = Suggested(_suggestions(db_field))
            field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
            name = field.to_field_name = name_of(self.admin_site, db_field.related_model)
            field.help_text = field.help_text or f"Its {name}, in full."
            return field
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The few rows there are, each with its box."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class Suggestions(AutocompleteJsonView):
    """Names of rows that a search finds, for who may look at these rows."""

    policy = "projects.use_console"

    def serialize_result(self, row: Any, to_field_name: str) -> dict[str, str]:
        return {"name": getattr(row, name_of(self.admin_site, type(row))), "says": str(row)}


def name_of(site: Any, model: type[models.Model]) -> str:
    """The field that people call rows of this kind by: the first that is fixed for good."""
    console: ModelAdmin[Any] = site.get_model_admin(model)
    names: Sequence[str] = getattr(console, "named_by", ()) or ("pk",)
    return names[0]


def _suggestions(field: Any) -> str:
    asked = {"app_label": field.model._meta.app_label, "model_name": field.model._meta.model_name}
    return f"{reverse('admin:autocomplete')}?{urlencode(asked | {'field_name': field.name})}"
