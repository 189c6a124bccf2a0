"""No page asks the database more often because there is more in it."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import now

from tests import seeded
from tests.visitors import SHOWN
from trusted_releases.seeding import run
from trusted_releases.seeding.scales import SCALES, Large

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]
FEW = SCALES["tiny"]
MANY = replace(
    FEW,
    committees=60,
    people=200,
    projects=90,
    releases=400,
    composing=40,
    voting=30,
    large=Large(60, 60, 40, 150, 600, 40),
)
# A page of the console asks once more where a list is cut, or a filter has a second choice.
SLACK = 2


def questions() -> dict[str, int]:
    """How often each page asks the database, by name and visitor."""
    clients, counts = seeded.visitors(), {}
    for page in seeded.pages():
        asked: list[str] = []

        def counting(execute: Any, sql: str, *rest: Any, asked: list[str] = asked) -> Any:
            asked.append(sql)
            return execute(sql, *rest)

        clients[page.visitor].get(page.address)  # what is cached for all is cached now
        asked.clear()
        with connection.execute_wrapper(counting):
            answer = clients[page.visitor].get(page.address)
        assert answer.status_code in SHOWN, page
        counts[f"{page.name}.{page.visitor}"] = len(asked)
    return counts


def test_the_number_of_questions_does_not_grow_with_the_data() -> None:
    run.run(FEW, 1, now(), lambda _: None)
    few = questions()
    run.run(MANY, 1, now(), lambda _: None)
    many = questions()
    both = few.keys() & many.keys()  # a filter may have more choices when there is more
    assert len(both) > 300
    assert {name: (few[name], many[name]) for name in both if many[name] > few[name] + SLACK} == {}
    assert max(many.values()) < 60
