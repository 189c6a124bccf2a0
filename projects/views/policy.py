"""The rules of the foundation, of a committee and of a project: read by all, changed by theirs."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.generic import TemplateView

from projects.forms_policy import ChangePolicy
from projects.models import VARIABLES, Committee, Policy, Rules
from projects.models.rules import rules_of_committee, rules_of_foundation
from projects.terms import terms_of
from projects.views.project import OneProject
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused, Stale
from trusted_releases.lib.views import SeeOther, VerbView, granted


class OfPlace:
    """Finds the place of the address, and what holds there."""

    request: HttpRequest
    kwargs: dict[str, Any]
    object: Any
    right: ClassVar[str] = "projects.change_policy"
    elsewhere = "projects/policy_elsewhere.html"
    names: ClassVar[tuple[str, str, str]]  # of its page, of the form, of the form's preview

    def get_object(self, queryset: Any = None) -> Any:
        raise NotImplementedError

    def get_rules(self) -> Rules:
        return self.object.rules

    def url(self, which: int) -> str:
        return reverse(self.names[which], kwargs=self.kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = self.get_rules()
        return super().get_context_data(**kwargs) | {  # type: ignore[misc]
            "place": rules.own.place or "the foundation",
            "rules": rules,
            "may_change": granted(self.request.user, self.right, self.object),
            "policy_url": self.url(0),
            "change_url": self.url(1),
            "preview_url": self.url(2),
        }


class InProject(OneProject, OfPlace):
    names = ("projects:policy", "projects:change-policy", "projects:preview-policy")
    tab = "policy"


class InCommittee(OfPlace):
    names = (
        *("projects:committee-policy", "projects:change-committee-policy"),
        "projects:preview-committee-policy",
    )

    def get_object(self, queryset: Any = None) -> Committee:
        return get_object_or_404(Committee, slug=self.kwargs["committee"])

    def get_rules(self) -> Rules:
        return rules_of_committee(self.object)


class InFoundation(OfPlace):
    right = "projects.manage_projects"
    names = (
        *("projects:foundation-policy", "projects:change-foundation-policy"),
        "projects:preview-foundation-policy",
    )

    def get_object(self, queryset: Any = None) -> Policy:
        return rules_of_foundation().own

    def get_rules(self) -> Rules:
        return rules_of_foundation()


class Page(TemplateView):
    """The rules in words, for everybody: what holds, and where it comes from."""

    policy: ClassVar[str] = "public"
    template_name = "projects/policy_elsewhere.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()  # type: ignore[attr-defined]
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules: Rules = self.get_rules()  # type: ignore[attr-defined]
        right = self.right  # type: ignore[attr-defined]
        terms = terms_of(rules, members=granted(self.request.user, right, self.object))
        told = {"terms": terms.items(), "changed": last_change(rules.own)}
        return super().get_context_data(**kwargs) | told


class Change(VerbView):
    """What one place says about votes and releases; for votes called from now on."""

    form_class: type[Any] = ChangePolicy
    template_name = "projects/change_policy_elsewhere.html"
    done = "The policy is changed. Votes that run keep the rules they began with."
    whole: ClassVar[bool] = True

    def get_form_kwargs(self) -> dict[str, Any]:
        # A copy: the form writes into its instance, and the verb compares with what was before.
        rules: Rules = self.get_rules()  # type: ignore[attr-defined]
        names = [field.attname for field in Policy._meta.concrete_fields]
        copy = Policy(**{name: getattr(rules.own, name) for name in names})
        more = {"instance": copy, "rules": rules, "whole": self.whole}
        return super().get_form_kwargs() | more

    def run(self, *, seen: int | None = None, **data: Any) -> None:
        self.get_rules().change(by=self.request.user, seen=seen, **data)  # type: ignore[attr-defined]

    def form_refused(self, form: Any, error: Refused) -> HttpResponse:
        """What was typed stays; beside it stands what somebody else has saved meanwhile."""
        if isinstance(error, Stale):
            own = Policy.objects.filter(pk=form.instance.pk).first() or form.instance
            form.data = form.data.copy()
            form.data["seen"] = str(own.version)
            form.clash = [
                {"label": form.fields[name].label, "now": _shown(own, name), "yours": field.value()}
                for name, field in ((name, form[name]) for name in form.fields if name != "seen")
                if form.cleaned_data.get(name) != getattr(own, name)
            ]
            form.changed_by = last_change(own)
        return super().form_refused(form, error)

    def get_success_url(self) -> str:
        return self.url(0)  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"variables": VARIABLES}


class Preview:
    """The mails as they would read, while they are typed. It changes nothing.

    With JavaScript it answers with the mails alone; without, the page with the form as it was
    filled in. Before a `Change`.
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return SeeOther(self.url(1))  # type: ignore[attr-defined]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not granted(request.user, self.policy, self.object):  # type: ignore[attr-defined]
            return self.turned_away()  # type: ignore[attr-defined]
        form = self.get_form()  # type: ignore[attr-defined]
        if getattr(request, "htmx", False):
            return render(request, "projects/_previews.html", {"form": form})
        context = self.get_context_data(form=form, previewed=True)  # type: ignore[attr-defined]
        return self.render_to_response(context)  # type: ignore[attr-defined]


class PolicyPage(InProject, Page):
    template_name = "projects/policy.html"


class ChangePolicyPage(InProject, Change):
    policy = "projects.change_policy"
    template_name = "projects/change_policy.html"


class PreviewPolicy(Preview, ChangePolicyPage):
    """The mails of a project."""


class CommitteePolicyPage(InCommittee, Page):
    """What holds in all projects of a committee that say nothing themselves."""


class ChangeCommitteePolicy(InCommittee, Change):
    policy = "projects.change_policy"


class PreviewCommitteePolicy(Preview, ChangeCommitteePolicy):
    """The mails of a committee."""


class FoundationPolicyPage(InFoundation, Page):
    """What holds everywhere, where nobody says anything else."""


class ChangeFoundationPolicy(InFoundation, Change):
    policy = "projects.manage_projects"


class PreviewFoundationPolicy(Preview, ChangeFoundationPolicy):
    """The mails of the foundation."""


def last_change(own: Policy) -> Event | None:
    """Who changed this very policy last, and when."""
    place = own.place or own
    if place.pk is None:
        return None
    events = Event.objects.filter(kind=place._meta.label_lower, key=str(place.pk))
    return events.filter(tag=Tag.POLICY_CHANGED).order_by("-pk").first()


def _shown(policy: Policy, name: str) -> str:
    value = getattr(policy, name)
    return "nothing" if value in (None, "") else str(value)
