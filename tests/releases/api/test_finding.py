"""What an address names: among what one may see, and of a vote what is voted on."""

import pytest

from releases.api.finding import find_revision, with_all
from releases.models import Release
from tests import make
from trusted_releases.api.errors import Missing

pytestmark = pytest.mark.django_db


def test_without_a_number_it_is_what_is_voted_on_else_the_newest() -> None:
    draft = make.candidate()
    assert find_revision(draft, "").number == 1
    draft.add_files({"b.txt": make.blob("b")}, by=make.member(draft))
    assert find_revision(draft, "").number == 2
    make.checked(draft.newest)
    vote = make.vote(draft)
    assert find_revision(Release.objects.get(), "") == vote.revision


def test_what_is_not_there_is_missing() -> None:
    with pytest.raises(Missing, match="A revision"):
        find_revision(make.release(), "")


def test_all_that_an_item_shows_is_there(django_assert_num_queries) -> None:
    make.vote()
    with django_assert_num_queries(2):
        row = with_all(Release.objects.all())[0]
    with django_assert_num_queries(0):
        assert row.last_votes[0].number == row.last_vote
        assert row.project.policy
        assert row.revised_at
