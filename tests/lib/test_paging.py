"""Long lists are counted no farther than anybody pages."""

from typing import Any

import pytest

from projects.models import User
from tests import make
from trusted_releases.lib import paging
from trusted_releases.lib.paging import CappedPaginator

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNTED", 5)


@pytest.mark.usefixtures("few")
def test_a_long_list_is_counted_to_the_cap_and_says_that_there_may_be_more() -> None:
    for _ in range(7):
        make.user()
    pages = CappedPaginator(User.objects.order_by("pk"), 2)
    assert (pages.count, pages.num_pages, pages.is_cut) == (5, 3, True)


@pytest.mark.usefixtures("few")
def test_a_short_list_is_counted_whole() -> None:
    for _ in range(4):
        make.user()
    pages = CappedPaginator(User.objects.order_by("pk"), 2)
    assert (pages.count, pages.num_pages, pages.is_cut) == (4, 2, False)
    assert CappedPaginator([1, 2, 3], 2).count == 3


def test_counting_does_not_sort(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as asked:
        assert CappedPaginator(User.objects.order_by("full_name"), 2).count == 0
    assert "ORDER BY" not in asked[0]["sql"]
