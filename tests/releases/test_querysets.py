"""The questions about releases."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
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
