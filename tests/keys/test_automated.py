"""Which keys are those of a committee's workflows."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from keys.automated import example_for, has_automated_key
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def committee(settings):
    settings.MAIL_DOMAIN = "apache.org"
    return make.committee("tool", name="Apache Tool")


@pytest.mark.parametrize(
    "user_id",
    [
        "Tool Automated Release Signing <private@tool.apache.org>",
        "tool automated release signing key <PRIVATE@tool.apache.org>",
        "Services RM <private@tool.apache.org>",
    ],
)
def test_a_key_of_workflows(committee, user_id: str) -> None:
    assert not has_automated_key(committee)
    make.robot(committee, user_ids=["Tool <dev@tool.apache.org>", user_id])
    assert has_automated_key(committee)


@pytest.mark.parametrize(
    "user_id",
    [
        "Tool <private@tool.apache.org>",
        "Automated Release Signing <private@other.apache.org>",
        "Automated Release Signing <xprivate@tool.apache.org>",
        "Automated Release Signing private@tool.apache.org <mallory@example.org>",
        "Services RM <dev@tool.apache.org>",
    ],
)
def test_a_key_of_somebody_else(committee, user_id: str) -> None:
    make.robot(committee, user_ids=[user_id])
    assert not has_automated_key(committee)


def test_the_two_marks_must_be_of_one_user_id(committee) -> None:
    made = ["Automated Release Signing <a@example.org>", "Tool <private@tool.apache.org>"]
    make.robot(committee, user_ids=made)
    assert not has_automated_key(committee)


@pytest.mark.parametrize(
    "ended",
    [{"revoked": True}, {"expires_at": now() - timedelta(days=1)}],
    ids=["revoked", "expired"],
)
def test_a_key_that_is_good_no_more(committee, ended) -> None:
    make.robot(committee, **ended)
    assert not has_automated_key(committee)


def test_a_key_in_the_keys_of_another_committee(committee) -> None:
    key = make.robot(committee)
    key.links.update(committee=make.committee("other"))
    assert not has_automated_key(committee)


def test_the_example_is_one(committee) -> None:
    make.robot(committee, user_ids=[example_for(committee)])
    assert has_automated_key(committee)
