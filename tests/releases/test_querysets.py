"""The questions about releases."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils.timezone import now

from projects.models import Membership
from projects.roles import Role
from releases.models import Release, Vote
from releases.phases import Phase
from tests import make

pytestmark = pytest.mark.django_db


def test_drafts_are_seen_by_committers_and_their_own_people_only() -> None:
    draft, voted = make.release(), make.vote().release
    insider = make.member(draft, Role.PARTICIPANT)
    Membership.objects.create(committee=draft.committee, user=insider, role=Role.MEMBER)
    seen = {
        "nobody": AnonymousUser(),
        "visitor": make.user(),
        "stranger": make.member(make.project()),
        "switched off": make.member(draft, is_active=False),
    }
    for who, person in seen.items():
        assert list(Release.objects.visible_to(person)) == [voted], who
    for person in (insider, make.user(is_committer=True), make.operator()):
        assert set(Release.objects.visible_to(person)) == {draft, voted}


def test_releases_are_found_by_project_and_version_and_phase() -> None:
    draft, voted = make.release(), make.vote().release
    assert list(Release.objects.of_key(*draft.url_args)) == [draft]
    assert list(Release.objects.in_phase(Phase.VOTE)) == [voted]
    assert set(Release.objects.unfinished()) == {draft, voted}


def test_a_list_takes_one_query(django_assert_num_queries) -> None:
    made = [make.release(), make.vote().release]
    with django_assert_num_queries(1):
        listed = [(each, each.committee, each.candidate) for each in Release.objects.for_listing()]
    assert [each[0] for each in listed] == made[::-1]


def test_open_votes_are_over_when_their_time_is() -> None:
    vote = make.vote(hours=72)
    forever = make.vote()
    assert set(Vote.objects.open()) == {vote, forever}
    assert not Vote.objects.over().exists()
    assert list(Vote.objects.over(now() + timedelta(hours=73))) == [vote]


def test_an_entry_is_there_from_since_until_before_until() -> None:
    release = make.release(files={"a": "1"})
    by = make.member(release)
    release.add_files({"b": make.blob()}, by=by)
    release.delete_files(["a"], by=by)
    paths = [[e.path for e in release.entries.at(n).with_blobs()] for n in range(1, 4)]
    assert paths == [["a"], ["a", "b"], ["b"]]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="few rows: PostgreSQL sorts them anyway")
@pytest.mark.parametrize("order", ["-created_at", "-released_at"])
def test_the_newest_are_found_without_sorting_all(order: str) -> None:
    visible = Release.objects.visible_to(AnonymousUser())
    released = visible.in_phase(Phase.RELEASED).order_by(order)
    plans = [each[:10].explain() for each in (visible.for_listing(), released)]
    assert [plan for plan in plans if "TEMP B-TREE" in plan] == []


def test_an_account_of_many_committees_asks_once_for_what_it_may_see() -> None:
    person = make.user()
    for _ in range(3):
        Membership.objects.create(committee=make.release().committee, user=person, role=Role.MEMBER)
    seen = Release.objects.visible_to(person)
    assert (seen.count(), seen.query.distinct) == (3, False)


@pytest.mark.parametrize(
    ("pages", "api", "seen"),
    [(False, True, (0, 1)), (False, False, (0, 0)), (True, False, (1, 1)), (True, True, (1, 1))],
)
def test_pages_and_the_api_show_drafts_to_everybody_where_they_are_told(
    settings, pages: bool, api: bool, seen: tuple[int, int]
) -> None:
    make.release()
    settings.PUBLIC_DRAFTS, settings.API_SHOWS_DRAFTS = pages, api
    rows = Release.objects
    nobody = AnonymousUser()
    assert (rows.visible_to(nobody).count(), rows.readable_by(nobody).count()) == seen


def test_an_installation_may_show_drafts_to_everybody(settings) -> None:
    draft = make.release()
    assert not Release.objects.visible_to(AnonymousUser()).exists()
    settings.PUBLIC_DRAFTS = True
    assert Release.objects.visible_to(AnonymousUser()).get() == draft
