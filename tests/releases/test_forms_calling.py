"""Calling a vote: to whom, and what happens when it ends, as the form offers and judges it."""

import pytest

from projects.models import Policy, Recipients, VoteMode
from projects.roles import Role
from releases.forms_calling import CallVote, with_own
from releases.models import Release
from releases.models.timed import Ending
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    return make.candidate(make.project("tool"), version="1.0")


def form(release, said=None, *, role: str = Role.MEMBER, **more) -> CallVote:
    fresh = Release.objects.get(pk=release.pk)
    data = None
    if said is not None:
        data = {"revision": 1, "hours": 0, "subject": "S", "body": "B"}
        data |= {"to": list(fresh.rules.vote_to)} | said
    person = make.member(release, role, **more)
    return CallVote(data, release=fresh, person=person, concerns=[])


def test_it_offers_what_the_policy_permits_and_begins_with_what_it_says(release) -> None:
    Policy.objects.update(vote_cc="friends@example.org", vote_bcc="archive@example.org")
    shown = form(release, email="me@example.org")
    offered = [value for value, _ in shown.fields["cc"].choices]
    committee = release.committee
    assert offered == [
        *(committee.dev_list, "friends@example.org", "archive@example.org"),
        *(committee.private_list, "me@example.org"),
    ]
    assert shown["to"].value() == (committee.dev_list,)
    assert (shown["cc"].value(), shown["bcc"].value()) == (
        ("friends@example.org",),
        ("archive@example.org",),
    )


def test_own_addresses_are_offered_once_and_only_where_there_is_one(release) -> None:
    person = make.user(email="Dev@example.org")
    assert with_own(["dev@example.org"], person) == [("dev@example.org",) * 2]
    assert with_own(["dev@example.org"], make.user(email="")) == [("dev@example.org",) * 2]


def test_what_was_chosen_is_taken(release) -> None:
    private = release.committee.private_list
    asked = form(release, {"cc": [private], "auto_resolve": "on", "tell_end": "on"})
    assert asked.is_valid()
    to = Recipients((release.committee.dev_list,), (private,))
    assert asked.cleaned_data["recipients"] == asked.recipients() == to
    assert asked.cleaned_data["ending"] == Ending(auto_resolve=True, tell_end=True)
    assert not {"to", "cc", "bcc", "tell_end", "auto_resolve"} & set(asked.cleaned_data)


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        ({"to": []}, "to", "Choose at least one"),
        ({"to": ["x@example.com"]}, "to", "x@example.com is not one of the available choices"),
        ({"bcc": ["dev@tool.{domain}"]}, "bcc", "gets the mail already"),
        ({"auto_publish": "on"}, "auto_publish", "tick both"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(release, settings, said, field, told) -> None:
    said = {
        name: [each.format(domain=settings.MAIL_DOMAIN) for each in value]
        if isinstance(value, list)
        else value
        for name, value in said.items()
    }
    asked = form(release, said)
    assert not asked.is_valid()
    assert list(asked.errors) == [field]
    assert told in asked.errors[field][0]


def endings(asked: CallVote) -> list[str]:
    return [each for each in ("tell_end", "auto_resolve", "auto_publish") if each in asked.fields]


def test_an_ending_is_offered_to_whom_and_where_it_can_be(release) -> None:
    assert endings(form(release)) == ["tell_end", "auto_resolve", "auto_publish"]
    assert endings(form(release, role=Role.RELEASE_MANAGER)) == ["tell_end", "auto_resolve"]
    Policy.objects.update(vote_mode=VoteMode.EMAIL)
    assert endings(form(release)) == []


def test_a_podling_is_asked_for_its_second_round_and_not_for_a_first_that_ends_by_itself() -> None:
    release = make.candidate(make.podling())
    asked = form(release, {})
    assert endings(asked) == ["tell_end"]
    assert asked.fields["second_to"].choices[0][0] == release.committee.parent.general_list
    assert "second_to" not in form(make.candidate()).fields
    private = release.committee.private_list
    assert private not in [value for value, _ in asked.fields["to"].choices]
    elsewhere = form(release, {"second_to": "x@example.com"})
    assert list(elsewhere.errors) == ["second_to"]


def test_where_people_send_the_mail_nobody_is_asked_to_whom(release) -> None:
    Policy.objects.update(vote_mode=VoteMode.MANUAL)
    asked = form(release, {})
    assert "to" not in asked.fields
    assert asked.is_valid()
    assert "recipients" not in asked.cleaned_data
