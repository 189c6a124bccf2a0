"""The pages about one key: what it is, what it signed, what there is to do; and the key itself."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.views.generic import DetailView, View

from keys import timeline
from keys.care import care_for
from keys.life import life_of
from keys.models import Certificate
from keys.views.keys_file import attached
from projects.models import Committee
from projects.roles import roles_granting
from trusted_releases.ledger.models import Event
from trusted_releases.lib.views import PER_PAGE, granted

EVENTS_SHOWN = 20


class KeyDetail(DetailView):
    """One key: what it is, whose releases it may sign, and what happened to it."""

    policy: ClassVar[str] = "public"
    template_name = "keys/detail.html"
    context_object_name = "certificate"

    def get_object(self, queryset: Any = None) -> Certificate:
        known = Certificate.objects.select_related("owner")
        return get_object_or_404(known, fingerprint=self.kwargs["fingerprint"].lower())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        key, at = self.object, now()
        links = list(key.links.select_related("committee", "added_by").order_by("committee__name"))
        former = list(key.former_links.select_related("committee")[:PER_PAGE])
        parts = timeline.parts_of(key)
        frame = {
            "links": links,
            "may_link": self._may_link([link for link in links if not link.is_retired]),
            "may_import": self._may_import(links),
            "parts": timeline.of_keys(parts, at),
            "identities": timeline.of_identities(key, at),
            "page_obj": Paginator(key.uses.all(), PER_PAGE).get_page(self.request.GET.get("page")),
            "events": Event.objects.about(key).accepted()[:EVENTS_SHOWN],
            "life": life_of(key, at, parts=parts, links=links, former=former),
            "care": care_for(key, at),
            "now": at,
        }
        return super().get_context_data(**kwargs) | frame

    def _may_import(self, links: list[Any]) -> list[Committee]:
        """The committees with this key that the person may bring a new version of it into."""
        person = self.request.user
        theirs = (link.committee for link in links if not link.is_retired)
        return [each for each in theirs if granted(person, "keys.add_keys", each)]

    def _may_link(self, links: list[Any]) -> Any:
        """The committees that the person may let it sign for, of those that do not."""
        person = self.request.user
        if not person.is_authenticated:
            return Committee.objects.none()
        roles = roles_granting("keys.add_keys")
        theirs = Committee.objects.filter(memberships__user=person.pk, memberships__role__in=roles)
        known = [link.committee_id for link in links]
        return theirs.exclude(pk__in=known).distinct().order_by("name")[:PER_PAGE]


class KeyFile(View):
    """One key as a file to save, and to give to `gpg --import`: the stored bytes."""

    policy: ClassVar[str] = "public"

    def get(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        key = get_object_or_404(Certificate, fingerprint=fingerprint.lower())
        return attached(key.armored.encode(), f"{key}.asc")
