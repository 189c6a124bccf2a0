"""Committees, projects and their rules, for operators."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from projects.admin.forms import ByVerbs, person_at
from projects.models import Banner, Committee, Cycle, Membership, Policy, Project, Workflow
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.admin import LookOnly
from trusted_releases.lib.admin_acts import Act
from trusted_releases.lib.admin_filters import asked
from trusted_releases.lib.admin_forms import Light


@admin.register(Committee)
class CommitteeAdmin(ByVerbs):
    """Committees with their people. Roles are given and taken by the committee's own verbs."""

    created, changed = Tag.COMMITTEE_CREATED, Tag.COMMITTEE_CHANGED
    named_by = ("slug",)
    has_events = True
    list_display = ["name", "slug", "is_podling", "parent"]
    list_filter = ["is_podling"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    readonly_fields = ["roster"]
    columns = ("slug", "name", "is_podling", "parent")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A committee has its people on a list of their own: there may be hundreds."""
        return [*self.columns, "roster"] if obj else self.columns

    @admin.display(description="People")
    def roster(self, committee: Committee) -> SafeString:
        url = f"{reverse('admin:projects_membership_changelist')}?"
        url += urlencode({"committee__id__exact": committee.pk})
        return format_html('<a href="{}">{} roles</a>', url, committee.memberships.count())

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        context = super().page_context(request, row)
        if self.admin_site.get_model_admin(Membership).has_add_permission(request):
            url = f"{reverse('admin:projects_membership_add')}?{urlencode({'committee': row.slug})}"
            context["acts"].append({"label": "Give a role", "url": url})
        return context


@admin.register(Membership)
class MembershipAdmin(ByVerbs):
    """Who has which role where. A role is given or taken, never edited into another."""

    list_display = ["user", "role", "committee"]
    list_filter = ["role"]
    list_select_related = ["user", "committee"]
    search_fields = ["user__username", "user__full_name", "committee__slug"]
    autocomplete_fields = ["user", "committee"]
    page_of = staticmethod(lambda row: row.committee)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # As the stock admin asks; the verb asks again.
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = obj.committee.add_member(obj.user, obj.role, by=person_at(request))
        obj.pk = given.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        obj.committee.remove_member(obj.user, obj.role, by=person_at(request))

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Membership]) -> None:
        for each in queryset:
            self.delete_model(request, each)


@admin.register(Project)
class ProjectAdmin(ByVerbs):
    """Projects with their metadata; an officer stops one here, and lets it go on."""

    created, changed = Tag.PROJECT_CREATED, Tag.PROJECT_CHANGED
    named_by = ("slug",)
    has_events = True
    list_display = ["name", "slug", "committee", "status", "held", "created_at"]
    list_filter = [
        "status",
        asked("held", "held", yes=("Held", lambda rows: rows.filter(held_at__isnull=False))),
    ]
    list_select_related = ["committee"]
    search_fields = ["name", "slug", "committee__name"]
    autocomplete_fields = ["committee"]
    readonly_fields = ["held_at", "held_reason", "held_by"]
    date_hierarchy = "created_at"
    formfield_overrides = {  # type: ignore[misc]  # so does Django, and means the class
        **Light.formfield_overrides,
        models.URLField: {"assume_scheme": "https"},
    }
    acts = [
        Act(
            name="hold",
            label="Hold",
            perm="projects.hold_project",
            run=Project.hold,
            will="From now on the project starts no release, calls no vote, publishes and "
            "announces nothing. Its pages say that it is held, since when, and the reason you "
            "give here: everybody reads it. Votes that run go on; what is published stays.",
            undo="Let it go on.",
            fits=lambda project: not project.is_held,
        ),
        Act(
            name="unhold",
            label="Let it go on",
            perm="projects.hold_project",
            run=Project.unhold,
            will="The project may start, vote on, publish and announce releases again.",
            undo="Hold it again.",
            fits=lambda project: project.is_held,
        ),
    ]

    def facts_of(self, obj: Any, form: Any) -> dict[str, Any]:
        if "upload_quota" in form.changed_data:
            return {"upload_quota": obj.upload_quota}
        return {}

    @admin.display(boolean=True, description="Held")
    def held(self, project: Project) -> bool:
        return project.is_held


@admin.register(Cycle)
class CycleAdmin(ByVerbs):
    """Lines that are maintained together. They come with the first release of a line."""

    list_display = ["project", "name", "started_at", "ends_at"]
    list_select_related = ["project"]
    search_fields = ["project__slug", "name"]
    readonly_fields = ["project", "name"]
    page_of = staticmethod(lambda cycle: cycle.project)
    date_hierarchy = "started_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save()
        Event.objects.record(
            Tag.PROJECT_CHANGED,
            by=person_at(request),
            subject=obj.project,
            cycle=obj.name,
            ends_at=obj.ends_at.isoformat() if obj.ends_at else None,
        )


@admin.register(Policy)
class PolicyAdmin(ByVerbs):
    """Release policies; saved by `Policy.change`, which checks and records."""

    list_display = ["__str__", "vote_mode", "min_hours", "binding_needed", "pause_on_minus_one"]
    list_select_related = ["project", "committee", "release__project"]
    search_fields = ["project__slug", "project__name", "committee__slug"]
    autocomplete_fields = ["project", "committee"]
    named_by = ("project", "committee", "is_foundation")
    page_of = staticmethod(lambda policy: policy.place)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        chosen = form.changed_data if change else list(form.cleaned_data)
        values = {name: form.cleaned_data[name] for name in chosen if name not in self.named_by}
        # The form has written into `obj` already; the verb compares with what was before.
        made = {name: getattr(obj, name) for name in self.named_by}
        rules = Policy.objects.get(pk=obj.pk) if change else Policy(**made)
        rules.change(by=person_at(request), **values)
        obj.pk = rules.pk


@admin.register(Workflow)
class WorkflowAdmin(LookOnly):
    """Which workflows act for which projects. People of a project grant them on its own page."""

    has_events = True
    page_of = staticmethod(lambda grant: grant)
    list_display = ["repository", "path", "phase", "project", "granted_by", "granted_at"]
    list_filter = ["phase"]
    list_select_related = ["project", "granted_by"]
    search_fields = ["repository__icontains", "path__icontains", "project__slug__exact"]
    acts = [
        Act(
            name="revoke",
            label="Take back",
            perm="projects.change_policy",
            run=Workflow.revoke,
            will="Runs of this workflow are refused from this moment on.",
            undo="The project's people grant it again, on its page of workflows.",
        )
    ]


@admin.register(Banner)
class BannerAdmin(ByVerbs):
    """A few sentences on top of every page, for everybody. It shows within seconds."""

    created = changed = Tag.BANNER_CHANGED
    has_events = True
    list_display = ["__str__", "level", "in_force", "starts_at", "ends_at", "made_by"]
    list_filter = [asked("time", "time", now=("In force", lambda rows: rows.in_force()))]
    list_select_related = ["made_by"]
    readonly_fields = ["made_by", "made_at"]

    @admin.display(boolean=True, description="In force")
    def in_force(self, banner: Banner) -> bool:
        return banner.is_in_force()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.made_by = person_at(request)
        super().save_model(request, obj, form, change)

    def facts_of(self, obj: Any, form: Any) -> dict[str, Any]:
        return {
            "text": obj.text,
            "level": obj.level,
            "starts_at": obj.starts_at,
            "ends_at": obj.ends_at,
        }
