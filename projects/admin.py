"""People, committees and projects for operators. What they change leaves events, as verbs do."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from projects.models import Committee, Cycle, Membership, Policy, Project, User
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused


class ByVerbs(admin.ModelAdmin):
    """Forms whose saving is a verb, or at least leaves an event. What a verb refuses is told.

    Nothing is deleted here: releases and events speak of these rows for ever.
    """

    list_per_page = 50
    show_full_result_count = False
    created: Tag
    changed: Tag
    named_by: tuple[str, ...] = ()  # fields that stay as they were made

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Addresses, the download area and the sealed log name a row by these: a new name would
        move what is published, or give one's acts to whoever takes the old name next."""
        fields = list(super().get_readonly_fields(request, obj))
        return [*fields, *self.named_by] if obj else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        fields = {"fields": sorted(form.changed_data)} if change else {}
        if form.changed_data or not change:
            tag = self.changed if change else self.created
            Event.objects.record(tag, by=_person(request), subject=obj, **fields)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, *args, **kwargs)
        except Refused as error:
            return self.refused(request, object_id, error)

    def refused(self, request: HttpRequest, object_id: str | None, error: Refused) -> HttpResponse:
        """Say no on the page; and on record, because the admin's transaction took the verb's own
        note of it back."""
        person = _person(request)
        known = self.get_object(request, unquote(object_id)) if object_id else None
        Event.objects.record_refusal("admin", by=person, subject=known or person, error=error)
        self.message_user(request, str(error), messages.ERROR)
        return redirect(request.get_full_path())


@admin.register(User)
class PersonAdmin(ByVerbs, UserAdmin):
    """Accounts. One that leaves is switched off, not deleted: its votes and events stay."""

    created = changed = Tag.ACCOUNT_CHANGED
    named_by = ("username",)
    list_display = [
        *("username", "full_name", "email", "is_active", "is_committer"),
        *("is_foundation_member", "is_staff", "last_login"),
    ]
    list_filter = ["is_active", "is_staff", "is_committer", "is_foundation_member"]
    search_fields = ["username", "full_name", "email"]
    date_hierarchy = "date_joined"
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["full_name", "email"]}),
        ("Standing", {"fields": ["is_committer", "is_foundation_member"]}),
        ("Console", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ["user"]
    extra = 1

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Committee)
class CommitteeAdmin(ByVerbs):
    """Committees with their people. Roles are given and taken by the committee's own verbs."""

    created, changed = Tag.COMMITTEE_CREATED, Tag.COMMITTEE_CHANGED
    named_by = ("slug",)
    list_display = ["name", "slug", "is_podling", "parent"]
    list_filter = ["is_podling"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    inlines = [MembershipInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Membership:
            super().save_formset(request, form, formset, change)
            return
        for row in formset.save(commit=False):
            form.instance.add_member(row.user, row.role, by=_person(request))
        for row in formset.deleted_objects:
            form.instance.remove_member(row.user, row.role, by=_person(request))


@admin.register(Membership)
class MembershipAdmin(ByVerbs):
    """Who has which role where. A role is given or taken, never edited into another."""

    list_display = ["user", "role", "committee"]
    list_filter = ["role"]
    list_select_related = ["user", "committee"]
    search_fields = ["user__username", "user__full_name", "committee__slug"]
    autocomplete_fields = ["user", "committee"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # As the stock admin asks; the verb asks again.
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = obj.committee.add_member(obj.user, obj.role, by=_person(request))
        obj.pk = given.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        obj.committee.remove_member(obj.user, obj.role, by=_person(request))

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Membership]) -> None:
        for each in queryset:
            self.delete_model(request, each)


@admin.register(Project)
class ProjectAdmin(ByVerbs):
    created, changed = Tag.PROJECT_CREATED, Tag.PROJECT_CHANGED
    named_by = ("slug",)
    list_display = ["name", "slug", "committee", "status", "created_at"]
    list_filter = ["status"]
    list_select_related = ["committee"]
    search_fields = ["name", "slug", "committee__name"]
    autocomplete_fields = ["committee"]
    date_hierarchy = "created_at"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Cycle)
class CycleAdmin(ByVerbs):
    """Lines that are maintained together. They come with the first release of a line."""

    list_display = ["project", "name", "started_at", "ends_at"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "name"]
    readonly_fields = ["project", "name"]
    date_hierarchy = "started_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save()
        Event.objects.record(
            Tag.PROJECT_CHANGED,
            by=_person(request),
            subject=obj.project,
            cycle=obj.name,
            ends_at=obj.ends_at.isoformat() if obj.ends_at else None,
        )


@admin.register(Policy)
class PolicyAdmin(ByVerbs):
    """Release policies; saved by `Policy.change`, which checks and records."""

    list_display = ["project", "min_hours", "binding_needed", "pause_on_minus_one"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "project__name"]
    autocomplete_fields = ["project"]
    named_by = ("project",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        chosen = form.changed_data if change else list(form.cleaned_data)
        values = {name: form.cleaned_data[name] for name in chosen if name != "project"}
        # The form has written into `obj` already; the verb compares with what was before.
        rules = Policy.objects.get(pk=obj.pk) if change else Policy(project=obj.project)
        rules.change(by=_person(request), **values)
        obj.pk = rules.pk


def _person(request: HttpRequest) -> User:
    """Who is at the console: nobody gets here without an account."""
    return request.user  # type: ignore[return-value]
