"""Pages of projects, committees and policies."""

from typing import Any, ClassVar

from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import DetailView

from projects.forms import ChangePolicy, Member
from projects.models import VARIABLES, Committee, Membership, Policy, Project, User
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.views import Listing, VerbView, rights

NEWEST_EVENTS = 8
RELEASES_SHOWN = 50


class ProjectList(Listing):
    policy = "public"
    template_name = "projects/list.html"
    context_object_name = "projects"

    def get_queryset(self) -> QuerySet[Project]:
        found = Project.objects.for_listing()
        for word in self.request.GET.get("q", "").replace("\0", "").split()[:5]:
            named = Q(name__icontains=word) | Q(slug__icontains=word)
            found = found.filter(named | Q(committee__name__icontains=word))
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"asked": self.request.GET.get("q", "")}


class CommitteeList(Listing):
    policy = "public"
    template_name = "projects/committees.html"
    context_object_name = "committees"

    def get_queryset(self) -> QuerySet[Committee]:
        return Committee.objects.for_listing()


class ProjectPage(DetailView):
    """A project: its releases, its rules, its people, what happened."""

    policy: ClassVar[str] = "public"
    template_name = "projects/project.html"
    context_object_name = "project"
    queryset = Project.objects.select_related("committee__parent", "policy")

    def get_object(self, queryset: QuerySet[Project] | None = None) -> Project:
        return get_object_or_404(self.get_queryset(), slug=self.kwargs["project"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        project = self.object
        person = self.request.user
        releases = project.releases.visible_to(person).for_listing()
        return super().get_context_data(**kwargs) | {
            "releases": releases[:RELEASES_SHOWN],
            "rules": project.rules,
            "obstacles": list(project.start_obstacles()),
            "cycles": project.cycles.all(),
            "may": rights(person, project, "releases.start_release", "projects.change_policy"),
            # Events of drafts are for those who may see drafts; those of the project for all.
            "events": _public_events(project, person)[:NEWEST_EVENTS],
        }


class CommitteePage(VerbView):
    """A committee: its people, its projects; who may manage it gives and takes roles here."""

    policy = "projects.manage_committee"
    form_class = Member
    template_name = "projects/committee.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.render_to_response(self.get_context_data())

    def get_object(self, queryset: QuerySet[Committee] | None = None) -> Committee:
        people = Membership.objects.select_related("user").order_by("role", "user__username")
        found = Committee.objects.select_related("parent").prefetch_related(
            Prefetch("memberships", people), "projects", "podlings"
        )
        return get_object_or_404(found, slug=self.kwargs["committee"])

    def run(self, username: str, role: str, take: bool) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise BadInput(f"There is no account {username!r}. They have to log in once first.")
        if take:
            self.object.remove_member(person, role, by=self.request.user)
            self.done = f"{person} has this role no more."
        else:
            self.object.add_member(person, role, by=self.request.user)
            self.done = f"{person} has the role now."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "committee": self.object,
            "people": self.object.memberships.all(),
            "may": rights(self.request.user, self.object, self.policy, "keys.manage_keys"),
            "events": Event.objects.of_committee(self.object.slug)
            .accepted()
            .filter(release="")[:NEWEST_EVENTS],
        }


class ChangePolicyPage(VerbView):
    """The rules by which a project votes and releases; for votes called from now on."""

    policy = "projects.change_policy"
    form_class: type[Any] = ChangePolicy
    template_name = "projects/policy.html"
    done = "The policy is changed. Votes that run keep the rules they began with."

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Everybody may read the rules; the form is for those who may change them."""
        return self.render_to_response(self.get_context_data())

    def get_object(self, queryset: QuerySet[Project] | None = None) -> Project:
        found = Project.objects.select_related("committee", "policy")
        return get_object_or_404(found, slug=self.kwargs["project"])

    def get_form_kwargs(self) -> dict[str, Any]:
        # A copy: the form writes into its instance, and the verb compares with what was before.
        rules = self.object.rules
        copy = Policy(**{field.attname: getattr(rules, field.attname) for field in _columns()})
        return super().get_form_kwargs() | {"instance": copy}

    def run(self, **data: Any) -> None:
        self.object.rules.change(by=self.request.user, **data)

    def get_success_url(self) -> str:
        return reverse("projects:policy", args=[self.object.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = [(field.label, field.value()) for field in context["form"]]
        return context | {
            "project": self.object,
            "variables": VARIABLES,
            "values": rows,
            "may": rights(self.request.user, self.object, self.policy),
        }


def _columns() -> Any:
    return Policy._meta.concrete_fields


def _public_events(project: Project, person: Any) -> QuerySet[Event]:
    visible = project.releases.visible_to(person).values_list("pk", flat=True)
    keys = ["", *(str(pk) for pk in visible.order_by("-pk")[:RELEASES_SHOWN])]
    return Event.objects.of_project(project.slug).accepted().filter(release__in=keys)
