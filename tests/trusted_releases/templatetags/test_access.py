"""Who finds the way to all events."""

import pytest
from django.contrib.auth.models import AnonymousUser

from projects.roles import Role
from tests import make
from trusted_releases.templatetags.access import may_search_events

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.MEMBER, True), (Role.RELEASE_MANAGER, False), (Role.PARTICIPANT, False)],
)
def test_members_of_any_committee_may_and_other_roles_do_not(role, may):
    assert may_search_events(make.member(make.committee(), role)) is may


def test_standing_is_enough_and_an_account_is_not():
    assert may_search_events(make.user(is_foundation_member=True))
    assert may_search_events(make.operator())
    assert not may_search_events(make.user(is_committer=True))
    assert not may_search_events(AnonymousUser())


def test_an_account_that_is_switched_off_may_not():
    person = make.member(make.committee(), Role.MEMBER)
    person.is_active = False
    assert not may_search_events(person)


def test_the_way_is_shown_to_those_who_may_walk_it(client):
    client.force_login(make.user())
    assert "/events/" not in client.get("/").content.decode()
    client.force_login(make.operator())
    assert "/events/" in client.get("/").content.decode()
