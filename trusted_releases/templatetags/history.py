"""What happened, as sentences that link to what they speak of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from releases.models import Release
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.templatetags.told import sentence

register = template.Library()


@dataclass(frozen=True)
class Line:
    """One event: the sentence, where it leads, and the release it belongs to while there is one."""

    event: Event
    sentence: str
    url: str
    release: Release | None


@dataclass(frozen=True)
class Day:
    """The events of one day, in UTC."""

    date: date
    lines: list[Line]


@register.simple_tag
def event_lines(events: Iterable[Event]) -> list[Line]:
    """The events as lines, in one question to the database for all their releases."""
    events = list(events)
    keys = {int(event.release) for event in events if event.release.isdecimal()}
    found = Release.objects.select_related("project").in_bulk(keys) if keys else {}
    releases = {str(pk): release for pk, release in found.items()}
    return [_line(event, releases.get(event.release)) for event in events]


@register.simple_tag
def event_days(events: Iterable[Event]) -> list[Day]:
    """The same, a list for each day."""
    grouped = groupby(event_lines(events), key=lambda line: line.event.at.date())
    return [Day(day, list(lines)) for day, lines in grouped]


def _line(event: Event, release: Release | None) -> Line:
    return Line(event, sentence(event), _url(event, release), release)


def _url(event: Event, release: Release | None) -> str:
    """Where one sees what the event speaks of; "" when it is gone, or has no page."""
    of_release = _OF_RELEASE.get(event.tag)
    try:
        if of_release is not None:
            return of_release(event, release) if release is not None else ""
        elsewhere = _ELSEWHERE.get(event.tag)
        return elsewhere(event) if elsewhere is not None else ""
    except (KeyError, NoReverseMatch):  # an old event that lacks a fact
        return ""


def _page(event: Event, release: Release) -> str:
    return release.get_absolute_url()


def _revision(event: Event, release: Release) -> str:
    return reverse("releases:revision", args=[*release.url_args, event.facts["revision"]])


def _findings(event: Event, release: Release) -> str:
    page = reverse("checks:findings", args=release.url_args)
    return f"{page}?revision={event.facts['revision']}"


def _vote(event: Event, release: Release) -> str:
    return reverse("releases:one-vote", args=[*release.url_args, event.facts["vote"]])


def _ballot(event: Event, release: Release) -> str:
    return f"{_vote(event, release)}#ballot-{event.key}"


def _committee(event: Event) -> str:
    return reverse("projects:committee", args=[event.committee])


def _keys(event: Event) -> str:
    return reverse("keys:committee", args=[event.committee])


def _key(event: Event) -> str:
    return reverse("keys:detail", args=[event.facts["fingerprint"]])


def _project(event: Event) -> str:
    return reverse("projects:project", args=[event.project])


def _policy(event: Event) -> str:
    return reverse("projects:policy", args=[event.project])


_OF_RELEASE: dict[str, Callable[[Event, Release], str]] = {
    Tag.RELEASE_STARTED: _page,
    Tag.EMBARGO_LIFTED: _page,
    Tag.SOURCE_RECORDED: _page,
    Tag.SOURCE_FORGOTTEN: _page,
    Tag.SOURCE_FETCHED: _page,
    Tag.SOURCE_FAILED: _page,
    Tag.REVISION_MADE: _revision,
    Tag.SBOM_ASKED: _page,
    Tag.SBOM_MADE: _revision,
    Tag.SBOM_FAILED: _page,
    Tag.SCAN_ASKED: _page,
    Tag.SCAN_DONE: _page,
    Tag.SCAN_FAILED: _page,
    Tag.CHECKS_ASKED: _findings,
    Tag.CHECKS_FINISHED: _findings,
    Tag.VOTE_CALLED: _vote,
    Tag.BALLOT_CAST: _ballot,
    Tag.VOTE_PASSED: _vote,
    Tag.ROUNDS_PASSED: _vote,
    Tag.VOTE_FAILED: _vote,
    Tag.VOTE_CANCELLED: _vote,
    Tag.PUBLICATION_STARTED: _page,
    Tag.RELEASE_PUBLISHED: _page,
    Tag.PUBLICATION_FAILED: _page,
    Tag.RELEASE_ANNOUNCED: _page,
    Tag.MAIL_SENT: _page,
    Tag.JOB_FAILED: _page,
    Tag.JOB_RETRIED: _page,
    Tag.JOB_GIVEN_UP: _page,
}
_ELSEWHERE: dict[str, Callable[[Event], Any]] = {
    Tag.COMMITTEE_CREATED: _committee,
    Tag.COMMITTEE_CHANGED: _committee,
    Tag.MEMBER_ADDED: _committee,
    Tag.MEMBER_REMOVED: _committee,
    Tag.PROJECT_CREATED: _project,
    Tag.PROJECT_CHANGED: _project,
    Tag.PROJECT_HELD: _project,
    Tag.PROJECT_UNHELD: _project,
    Tag.POLICY_CHANGED: _policy,
    Tag.KEYS_IMPORTED: _keys,
    Tag.KEY_UNLINKED: _key,
}
