"""The form that ends a vote: what it asks for depends on where the votes are."""

import pytest

from projects.models import VoteMode
from releases.forms_resolve import Resolve
from releases.models import Vote
from tests import make

pytestmark = pytest.mark.django_db
LINKS = {"thread": "https://lists.example.org/thread/a", "result_thread": ""}


def form(data=None, *, mode: str = VoteMode.TRUSTED, ask_again: bool = False) -> Resolve:
    return Resolve(
        data,
        release=make.release(version="1.0"),
        vote=Vote(mode=mode),
        person=make.user(),
        ask_again=ask_again,
    )


def test_a_second_look_is_asked_for_only_when_the_policy_says_so():
    assert "confirmed" not in form().fields
    assert "confirmed" in form(ask_again=True).fields


@pytest.mark.parametrize(
    ("outcome", "typed", "valid"),
    [("passed", "1.0", True), ("passed", "", False), ("failed", "", True), ("", "", False)],
)
def test_only_a_pass_asks_for_the_typed_version(outcome, typed, valid):
    assert form({"seen": 1, "outcome": outcome, "typed": typed}).is_valid() == valid


def test_a_vote_by_mail_asks_whether_somebody_looked_at_its_mails():
    said = {"seen": 1, "outcome": "failed"}
    asked = form(said, mode=VoteMode.EMAIL)
    assert not asked.is_valid()
    assert set(asked.errors) == {"looked"}
    asked = form({**said, "looked": "on", "reading": 7}, mode=VoteMode.EMAIL)
    assert asked.is_valid()
    assert asked.cleaned_data["reading"] == 7
    assert "looked" not in asked.cleaned_data


def test_a_vote_that_people_count_asks_for_the_threads():
    asked = form({"seen": 1, "outcome": "failed", **LINKS}, mode=VoteMode.MANUAL)
    assert asked.is_valid()
    assert asked.cleaned_data["links"] == [LINKS["thread"]]
    assert "thread" not in form().fields
