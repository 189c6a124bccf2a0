"""People for operators: who they are, who may come in, and the groups of the console."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from projects import credentials
from projects.admin.forms import ByVerbs, person_at
from projects.models import User
from projects.roles import FORMS, GRANTS, GROUPS
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.admin import LookOnly, in_full
from trusted_releases.lib.admin_acts import Act, ReasonForm

# What makes somebody an operator, and what would let somebody else in as this person.
FOR_SUPERUSERS = ("is_staff", "is_superuser", "groups", "email", "github_id")
CONSOLE = frozenset({"is_staff", "is_superuser", "groups"})


class RevokeForm(ReasonForm):
    """Why, and whether the person is kept out until somebody has talked to them."""

    switch_off = forms.BooleanField(
        label="Switch the account off as well",
        required=False,
        initial=True,
        help_text="Without this, a password reset by mail lets in whoever reads the person's mail, "
        "which may be open on a stolen laptop. Switch it on again when you have talked to them.",
    )
    field_order = ["switch_off", "reason"]


HELP = {
    "username": "People are known by it. It stays as it was made.",
    "is_active": "One switches an account off and on with the button above.",
    "is_staff": "May come into the console, with the rights of the groups below.",
    "is_superuser": "Has the rights of all groups, and says who is in one.",
    "groups": "Each group's rights stand on its page, under Groups.",
}

ACTS = [
    Act(
        name="switch-off",
        label="Switch off",
        perm="projects.switch_account",
        run=User.switch_off,
        will="The person is logged out everywhere with their next click, and cannot come in "
        "again. Their roles, votes and events stay; their votes in open votes do not bind "
        "while the account is off.",
        undo="Switch it on again.",
        fits=lambda person: person.is_active,
    ),
    Act(
        name="switch-on",
        label="Switch on",
        perm="projects.switch_account",
        run=User.switch_on,
        will="The person can log in again, with the roles they had.",
        undo="Switch it off again.",
        fits=lambda person: not person.is_active,
    ),
    Act(
        name="revoke",
        label="Revoke credentials",
        perm="projects.revoke_credentials",
        run=User.revoke_credentials,
        will="For a lost or stolen device. Everything that lets somebody in as this person becomes "
        f"worthless at once: {', '.join(credentials.kinds())}. The person needs a new password, "
        "and sets up new second factors. What an identity provider says about them is not "
        "touched: have it end its own sessions.",
        typed="REVOKE",
        form=RevokeForm,
    ),
]


@admin.register(User)
class PersonAdmin(ByVerbs, UserAdmin):
    """Accounts. One that leaves is switched off, not deleted: its votes and events stay."""

    created = changed = Tag.ACCOUNT_CHANGED
    named_by = ("username", "password")
    has_events = True
    list_display = [
        *("username", "full_name", "email", "is_active", "is_committer"),
        *("is_foundation_member", "is_staff", "last_login"),
    ]
    list_filter = [
        *("is_active", "is_staff", "is_superuser", "is_committer", "is_foundation_member"),
    ]
    search_fields = ["username", "full_name", "email"]
    date_hierarchy = "date_joined"
    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["username", "has_password", "second_factors", "is_active"]}),
        ("Person", {"fields": ["full_name", "email", "github_id"]}),
        ("Standing", {"fields": ["is_committer", "is_foundation_member"]}),
        ("Console", {"fields": ["is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = [
        *("has_password", "second_factors", "is_active", "last_login", "date_joined"),
    ]
    acts = ACTS

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        helped = {"help_texts": HELP, "change": change} | kwargs
        return super().get_form(request, obj, **helped)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As for other rows: whoever may add an account adds one, without the right to change
        others, which Django wants for it."""
        return self.changeform_view(request, None, form_url, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only a superuser makes somebody an operator; nobody does it to their own account. A mail
        address lets in whoever reads its mail, so it is not for everybody to change either."""
        fields = super().get_readonly_fields(request, obj)
        person = person_at(request)
        if obj is None:
            return fields
        if not person.is_superuser:
            return [*fields, *FOR_SUPERUSERS]
        return [*fields, *sorted(CONSOLE)] if person.pk == obj.pk else fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who run the site with all rights are changed by their like."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or person_at(request).is_superuser)

    def user_change_password(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nobody sets another's password: that would be to act in their name without a trace."""
        raise PermissionDenied("People set their passwords themselves. Revoke what they have.")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change and CONSOLE & set(form.changed_data):
            obj.require_console_change(by=person_at(request))
        super().save_model(request, obj, form, change)

    def facts_of(self, obj: Any, form: Any) -> dict[str, Any]:
        told = {"person": obj.username}
        if CONSOLE & set(form.changed_data):
            groups = form.cleaned_data.get("groups", [])
            told |= {
                "is_staff": obj.is_staff,
                "is_superuser": obj.is_superuser,
                "groups": sorted(group.name for group in groups),
            }
        if "github_id" in form.changed_data:
            told["github_id"] = obj.github_id
        return told

    def acts_on(self, request: HttpRequest, row: Any) -> list[dict[str, str]]:
        """None on one's own account, nor on those of superusers by others: each would refuse."""
        person = person_at(request)
        refused = row.pk == person.pk or (row.is_superuser and not person.is_superuser)
        return [] if refused else super().acts_on(request, row)

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        context = super().page_context(request, row)
        theirs = row.is_active and not row.is_of_the_console and row.pk != request.user.pk
        if theirs and request.user.has_perm("projects.act_on_behalf"):
            context["act_for_url"] = reverse("act-on-behalf", args=[row.pk])
        return context

    @admin.display(description="Password")
    def has_password(self, person: User) -> str:
        return "set" if person.has_usable_password() else "none: by single sign-on, or by reset"

    @admin.display(description="Second factors")
    def second_factors(self, person: User) -> SafeString:
        url = reverse("admin:mfa_authenticator_changelist")
        count = Authenticator.objects.filter(user=person).count()
        return format_html('<a href="{}?user__id__exact={}">{}</a>', url, person.pk, count)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(LookOnly):
    """The groups of the console. What each may do stands in the code, in one table; who is in one
    is said on the page of the person, by a superuser."""

    list_display = ["name", "people"]
    fields = ["name", "people", "rights", "opens"]

    @admin.display(description="People")
    def people(self, group: Group) -> SafeString:
        url = reverse("admin:projects_user_changelist")
        count = group.user_set.count()
        return format_html('<a href="{}?groups__id__exact={}">{}</a>', url, group.pk, count)

    @admin.display(description="Rights")
    def rights(self, group: Group) -> SafeString:
        return in_full("\n".join(sorted(_rights(group))))

    @admin.display(description="Forms of the console that these open")
    def opens(self, group: Group) -> SafeString:
        forms = {form for right in _rights(group) for form in FORMS.get(right, ())}
        return in_full("\n".join(sorted(forms)))


def _rights(group: Group) -> frozenset[str]:
    return GRANTS[GROUPS[group.name]] if group.name in GROUPS else frozenset()
