"""In whose name a program works."""

import pytest

from projects.models import Membership
from projects.roles import Role
from tests import make
from tests.api import Api, refused

pytestmark = pytest.mark.django_db


def test_roles_are_told_by_committee() -> None:
    alice = make.member(make.committee("tool"), Role.MEMBER)
    for slug, role in (("loom", Role.PARTICIPANT), ("axle", Role.RELEASE_MANAGER)):
        Membership.objects.create(committee=make.committee(slug), user=alice, role=role)
    assert Api(alice).get("/user/info").json() == {
        "endpoint": "/user/info",
        "participant_of": ["axle", "loom", "tool"],
        "member_of": ["tool"],
    }
    assert Api(make.user()).get("/user/info").json()["participant_of"] == []


def test_nobody_is_nobody() -> None:
    assert refused(Api().get("/user/info"), 401).startswith("Authentication required")
