"""Forms of the console whose saving is a verb, or leaves an event, as verbs do."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from projects.models import User
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.admin import Findable
from trusted_releases.lib.errors import Refused
from trusted_releases.lib.text import is_plain


class ByVerbs(Findable):
    """Forms whose saving is a verb, or at least leaves an event. What a verb refuses is told.

    Nothing is deleted here: releases and events speak of these rows for ever.
    """

    created: Tag
    changed: Tag
    named_by: tuple[str, ...] = ()  # fields that stay as they were made

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Addresses, the download area and the sealed log name a row by these: a new name would
        move what is published, or give one's acts to whoever takes the old name next."""
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, *self.named_by] if obj else fields

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What is typed here stands in mails, feeds and pages: text, without control characters."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.CharField):
            field.validators = [*field.validators, plain_text]
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        facts = {"fields": sorted(form.changed_data)} if change else {}
        if form.changed_data or not change:
            tag = self.changed if change else self.created
            told = self.facts_of(obj, form)
            Event.objects.record(tag, by=person_at(request), subject=obj, **facts, **told)

    def facts_of(self, obj: Any, form: Any) -> dict[str, Any]:
        """What the event tells beyond the names of the fields that were changed."""
        return {}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, *args, **kwargs)
            return answer
        except PermissionDenied as error:
            if said := str(error):  # of a verb; what the admin itself refuses says nothing
                self._record(request, object_id, PermissionDenied(said))
            raise
        except Refused as error:
            return self.refused(request, object_id, error)

    def refused(self, request: HttpRequest, object_id: str | None, error: Refused) -> HttpResponse:
        """Say no on the page; and on record, because the admin's transaction took the verb's own
        note of it back."""
        self._record(request, object_id, error)
        self.message_user(request, str(error), messages.ERROR)
        return redirect(request.get_full_path())

    def _record(self, request: HttpRequest, object_id: str | None, error: Exception) -> None:
        person = person_at(request)
        known = self.get_object(request, unquote(object_id)) if object_id else None
        Event.objects.record_refusal("admin", by=person, subject=known or person, error=error)


def plain_text(text: str) -> None:
    if not is_plain(text):
        raise ValidationError("Control characters are not allowed. Remove them, and save again.")


def person_at(request: HttpRequest) -> User:
    """Who is at the console: nobody gets here without an account."""
    return request.user  # type: ignore[return-value]
