"""The second round of a podling's vote, as it is called unless somebody says otherwise."""

import pytest

from projects.models import Recipients
from releases.models.timed import Ending
from releases.second import second_of
from tests import make

pytestmark = pytest.mark.django_db


def test_it_follows_the_open_first_round_of_a_podling_and_nothing_else() -> None:
    person = make.user()
    assert second_of(make.candidate(make.podling("a")), person) is None
    assert second_of(make.vote().release, person) is None
    assert second_of(make.second(make.candidate(make.podling("b"))).release, person) is None
    first = make.vote(make.candidate(make.podling("c")))
    assert second_of(first.release, person) is not None


def test_its_mail_is_the_projects_own_to_the_parent_with_what_came_before() -> None:
    vote = make.vote(make.candidate(make.podling()), hours=100)
    person = make.user(full_name="Ada Lovelace")
    second = second_of(vote.release, person, ending=Ending(tell_end=True))
    assert second.subject.endswith("(revision 1) (second round)")
    assert second.body.startswith("Hello Incubator,")
    assert "100 hours" in second.body
    assert "/votes/2/" in second.body.partition("This is the second round.")[0]
    told = second.body.partition("This is the second round.")[2]
    assert "/votes/1/\n" in told
    assert "/votes/1/result/\n\nWhat members of Incubator voted there" in told
    assert "Ada Lovelace" in second.body
    assert second.recipients == Recipients((vote.committee.parent.general_list,))
    assert second.ending.tell_end


def test_its_list_is_the_one_named_now_else_the_one_named_before() -> None:
    vote = make.vote(make.candidate(make.podling()))
    vote.second_to = "before@example.org"
    vote.save()
    assert second_of(vote.release, make.user()).recipients.to == ("before@example.org",)
    now = second_of(vote.release, make.user(), to="now@example.org")
    assert now.recipients.to == ("now@example.org",)
