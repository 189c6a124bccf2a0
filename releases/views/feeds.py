"""Atom feeds: what was announced, and which votes were called and resolved."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import parse_http_date_safe

from projects.models import Committee, Project
from releases.models import Release, Vote
from releases.phases import Outcome, Phase
from releases.texts import absolute

NEWEST = 50  # entries; readers ask far more often than this many come
FRESH = 300  # seconds that a reader, or a cache between, may keep a feed


class Public(Feed):
    """A feed that anybody may read and keep for some minutes. Its addresses are the site's own."""

    policy = "public"
    feed_type = Atom1Feed

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The feed; 304 for a reader that has this very one, by its digest or its date."""
        response = super().__call__(request, *args, **kwargs)
        response["Cache-Control"] = f"public, max-age={FRESH}"
        digest = hashlib.sha256(response.content).hexdigest()
        response["ETag"] = f'"{digest[:32]}"'
        changed = parse_http_date_safe(response.get("Last-Modified", ""))
        return get_conditional_response(request, response["ETag"], changed, response) or response

    def feed_guid(self, about: Any) -> str:
        """The feed's own address: two feeds about one page are not one."""
        return str(self._get_dynamic_attr("feed_url", about))  # type: ignore[attr-defined]

    def item_guid(self, item: Any) -> str:
        """An address that is this entry's alone, and stays the same whatever becomes of it."""
        return self.item_link(item)


class Announced(Public):
    """Every announced release, newest first."""

    def title(self) -> str:
        return f"{settings.SITE_NAME}: releases"

    def subtitle(self) -> str:
        return "Announced releases: voted on, and published byte for byte as they were voted on."

    def link(self) -> str:
        return absolute(reverse("releases:list"))

    def feed_url(self) -> str:
        return absolute(reverse("releases:feed"))

    def items(self) -> "QuerySet[Release]":
        return _announced()[:NEWEST]

    def item_title(self, item: Release) -> str:
        return f"{item.project.name} {item.version}"

    def item_description(self, item: Release) -> str:
        digest = item.voted.manifest_digest
        return f"{item.committee} has released {item}. What was voted on: {digest}"

    def item_link(self, item: Release) -> str:
        return absolute(reverse("releases:download", args=item.url_args))

    def item_pubdate(self, item: Release) -> datetime | None:
        return item.released_at

    def item_updateddate(self, item: Release) -> datetime | None:
        return item.released_at

    def item_author_name(self, item: Release) -> str:
        return str(item.committee)


class OfProject(Announced):
    """The announced releases of one project."""

    def get_object(self, request: HttpRequest, project: str) -> Project:
        return get_object_or_404(Project, slug=project)

    def title(self, project: Project) -> str:  # type: ignore[override]
        return f"{project.name}: releases"

    def link(self, project: Project) -> str:  # type: ignore[override]
        return absolute(project.get_absolute_url())

    def feed_url(self, project: Project) -> str:  # type: ignore[override]
        return absolute(reverse("releases:project-feed", args=[project.slug]))

    def items(self, project: Project) -> "QuerySet[Release]":  # type: ignore[override]
        return _announced().filter(project=project)[:NEWEST]


class OfCommittee(Announced):
    """The announced releases of all projects of one committee."""

    def get_object(self, request: HttpRequest, committee: str) -> Committee:
        return get_object_or_404(Committee, slug=committee)

    def title(self, committee: Committee) -> str:  # type: ignore[override]
        return f"{committee}: releases"

    def link(self, committee: Committee) -> str:  # type: ignore[override]
        return absolute(committee.get_absolute_url())

    def feed_url(self, committee: Committee) -> str:  # type: ignore[override]
        return absolute(reverse("releases:committee-feed", args=[committee.slug]))

    def items(self, committee: Committee) -> "QuerySet[Release]":  # type: ignore[override]
        return _announced().filter(project__committee=committee)[:NEWEST]


@dataclass(frozen=True)
class News:
    """Something that happened to a vote: it was called, or it was resolved."""

    vote: Vote
    what: str
    at: datetime

    @property
    def told(self) -> str:
        return "called" if self.what == "called" else self.vote.get_outcome_display().lower()


class Votes(Public):
    """Votes that were called, and how they ended, newest first. Each is an entry of its own."""

    def title(self) -> str:
        return f"{settings.SITE_NAME}: votes"

    def subtitle(self) -> str:
        return "Votes that were called, and how they ended."

    def link(self) -> str:
        return absolute(reverse("releases:list"))

    def feed_url(self) -> str:
        return absolute(reverse("releases:votes-feed"))

    def items(self) -> list[News]:
        return _newest(_votes())

    def item_title(self, item: News) -> str:
        return f"{item.vote.release}: vote {item.vote.number} {item.told}"

    def item_description(self, item: News) -> str:
        vote = item.vote
        files = f"Revision {vote.revision.number}, files {vote.manifest_digest}."
        if item.what == "resolved":
            return f"Vote {vote.number} on {vote.release}: {item.told}. {files}"
        until = f"until {vote.ends_at:%Y-%m-%d %H:%M} UTC" if vote.ends_at else "until resolved"
        return (
            f"{vote.called_by.get_full_name()} asks for votes on {vote.release}, {until}. {files}"
        )

    def item_link(self, item: News) -> str:
        return f"{absolute(item.vote.get_absolute_url())}#{item.what}"

    def item_pubdate(self, item: News) -> datetime:
        return item.at

    def item_updateddate(self, item: News) -> datetime:
        return item.at

    def item_author_name(self, item: News) -> str:
        return str(item.vote.committee)


class VotesOfProject(Votes):
    """The votes on the releases of one project."""

    def get_object(self, request: HttpRequest, project: str) -> Project:
        return get_object_or_404(Project, slug=project)

    def title(self, project: Project) -> str:  # type: ignore[override]
        return f"{project.name}: votes"

    def link(self, project: Project) -> str:  # type: ignore[override]
        return absolute(project.get_absolute_url())

    def feed_url(self, project: Project) -> str:  # type: ignore[override]
        return absolute(reverse("releases:project-votes-feed", args=[project.slug]))

    def items(self, project: Project) -> list[News]:  # type: ignore[override]
        return _newest(_votes().filter(release__project=project))


class VotesOfCommittee(Votes):
    """The votes on the releases of all projects of one committee."""

    def get_object(self, request: HttpRequest, committee: str) -> Committee:
        return get_object_or_404(Committee, slug=committee)

    def title(self, committee: Committee) -> str:  # type: ignore[override]
        return f"{committee}: votes"

    def link(self, committee: Committee) -> str:  # type: ignore[override]
        return absolute(committee.get_absolute_url())

    def feed_url(self, committee: Committee) -> str:  # type: ignore[override]
        return absolute(reverse("releases:committee-votes-feed", args=[committee.slug]))

    def items(self, committee: Committee) -> list[News]:  # type: ignore[override]
        return _newest(_votes().filter(release__project__committee=committee))


def _announced() -> "QuerySet[Release]":
    released = Release.objects.in_phase(Phase.RELEASED).visible_to(AnonymousUser())
    return released.order_by("-released_at", "-pk").select_related(
        "project__committee", "candidate"
    )


def _votes() -> "QuerySet[Vote]":
    public = Vote.objects.public()
    return public.select_related("release__project__committee", "revision", "called_by")


def _newest(votes: "QuerySet[Vote]") -> list[News]:
    called = votes.order_by("-called_at")[:NEWEST]
    resolved = votes.filter(~Q(outcome=Outcome.OPEN)).order_by("-resolved_at")[:NEWEST]
    news = [*_news(called, "called"), *_news(resolved, "resolved")]
    return sorted(news, key=lambda each: each.at, reverse=True)[:NEWEST]


def _news(votes: Iterable[Vote], what: str) -> Iterable[News]:
    for vote in votes:
        at = vote.called_at if what == "called" else vote.resolved_at
        if at is not None:
            yield News(vote, what, at)
