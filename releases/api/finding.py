"""Finding what an address of the API names, among what whoever asks may see."""

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet, Subquery

from keys import passes
from releases.api.items import number_of
from releases.models import Arrival, Release, Revision, Vote
from releases.models.rounds import FIRST
from trusted_releases.api.endpoint import Endpoint
from trusted_releases.api.errors import Missing


def find_release(endpoint: Endpoint, project: str, version: str) -> Release:
    """Among those that whoever asks may see: what is hidden and what is not there look the same.

    Looking takes no token where the contract says so; who acts must be one who may see it. Who
    comes by an upload ticket finds its one release.
    """
    passes.require_for(endpoint.request.auth, project, version)
    person = endpoint.request.user
    rows = Release.objects
    seen = rows.readable_by(person) if endpoint.is_open else rows.visible_to(person)
    found: Release | None = with_all(seen.of_key(project, version)).first()
    if found is None:
        raise Missing(f"Release {project}-{version} not found")
    return found


def find_revision(release: Release, number: str) -> Revision:
    """The revision of this number; without one, what is or was voted on, else the newest."""
    rows = revisions_of(release)
    if number:
        found = rows.filter(number=int(number)).first()
    elif release.candidate_id:
        found = rows.filter(pk=release.candidate_id).first()
    else:
        found = rows.filter(number=release.last_revision).first()
    if found is None:
        named = f"Revision {number_of(int(number))}" if number else "A revision"
        raise Missing(f"{named} of release {release.slug} not found")
    return found


def with_all(rows: QuerySet[Release]) -> QuerySet[Release]:
    """All that an item shows, in two queries however many there are."""
    last = Vote.objects.filter(number=F("release__last_vote"))
    first = Vote.objects.filter(release=OuterRef("pk"), round=FIRST)
    revised = Revision.objects.filter(release=OuterRef("pk"), number=OuterRef("last_revision"))
    return (
        rows.select_related("project__policy", "cycle")
        .annotate(
            revised_at=Subquery(revised.values("made_at")),
            first_links=Subquery(first.order_by("-number").values("links")[:1]),
        )
        .prefetch_related(Prefetch("votes", queryset=last, to_attr="last_votes"))
    )


def revisions_of(release: Release) -> QuerySet[Revision]:
    """With all that an item shows, in one query."""
    before = Revision.objects.filter(release=OuterRef("release"), number=OuterRef("number") - 1)
    rows = release.revisions.select_related("made_by", "release__project")
    came = Arrival.objects.filter(release=OuterRef("release"), revision=OuterRef("number"))
    found: QuerySet[Revision] = rows.annotate(
        has_parent=Exists(before), was_quarantined=Exists(came)
    )
    return found
