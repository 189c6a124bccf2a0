"""To whom mail may be sent: lists of the policy, and one's own address."""

import pytest

from projects.models import Recipients
from releases.permitted import may_be_told, recipient_obstacles
from tests import make
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db


def test_a_list_of_the_policy_and_one_s_own_address_and_nobody_else() -> None:
    ada = make.user("ada", email="ada@example.org")
    known = ("dev@tool.example.org",)
    assert may_be_told(ada, "DEV@tool.example.org", known)
    assert may_be_told(ada, "ada@example.org", known)
    assert not may_be_told(ada, "eve@example.org", known)
    assert not may_be_told(make.user("x", email=""), "", known)
    to = Recipients(("dev@tool.example.org",), ("eve@example.org",))
    (obstacle,) = recipient_obstacles(to, known, ada)
    assert "eve@example.org" in obstacle.text
    assert [each.code for each in recipient_obstacles(Recipients(()), known, ada)] == ["nobody"]


def test_a_vote_goes_to_no_list_that_is_not_permitted() -> None:
    release = make.candidate(make.project("tool"))
    by = make.member(release)
    ask = {"by": by, "revision": 1, "subject": "S", "body": "B"}
    with pytest.raises(NotReady, match=r"No mail of this kind goes to all@example\.org"):
        release.start_vote(**ask, recipients=Recipients(("all@example.org",)))
    vote = release.start_vote(**ask, recipients=Recipients((release.committee.private_list,)))
    assert vote.mail_to.to == (release.committee.private_list,)
