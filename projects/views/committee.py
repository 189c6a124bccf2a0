"""A committee: its people, its projects; who may manage it gives and takes roles here."""

from typing import Any

from django.apps import apps
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from projects.forms import Member
from projects.models import Committee, User
from projects.roster import people_of
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.views import VerbView, rights

NEWEST_EVENTS = 8
RELEASES_SHOWN = 10


class CommitteePage(VerbView):
    """A committee: its people, its projects; who may manage it gives and takes roles here."""

    policy = "projects.manage_committee"
    form_class = Member
    template_name = "projects/committee.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.render_to_response(self.get_context_data())

    def get_object(self, queryset: QuerySet[Committee] | None = None) -> Committee:
        found = Committee.objects.select_related("parent").prefetch_related(
            "projects", Prefetch("podlings", Committee.objects.order_by("name"))
        )
        return get_object_or_404(found, slug=self.kwargs["committee"])

    def run(self, username: str, role: str, take: bool) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise BadInput(
                f"There is no account “{username}”. They have to log in once, then you can give "
                "them the role."
            )
        if take:
            self.object.remove_member(person, role, by=self.request.user)
            self.done = f"{person} has this role no more. Give it again to undo this."
        else:
            self.object.add_member(person, role, by=self.request.user)
            self.done = f"{person} has the role now. Take it away to undo this."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        committee, person = self.object, self.request.user
        # Their model lies above this app.
        releases = apps.get_model("releases", "Release").objects.visible_to(person)
        ours = releases.filter(project__committee=committee).for_listing()
        return super().get_context_data(**kwargs) | {
            "committee": committee,
            "people": (page := people_of(committee, self.request.GET.get("page"))).object_list,
            "page_obj": page,
            "may": rights(person, committee, self.policy, "keys.manage_keys", "keys.add_keys"),
            "key_count": committee.key_links.count(),
            "releases": ours[:RELEASES_SHOWN],
            "events": Event.objects.of_committee(committee.slug)
            .accepted()
            .filter(release="")[:NEWEST_EVENTS],
        }
