"""The list of all pages has all pages, and each answers as it says."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404

from tests import pages
from tests.visitors import logged_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def there() -> pages.World:
    return pages.world()


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """The names of all addresses of ours; the console, log-in and what programs ask for aside."""
    for pattern in patterns:
        if str(pattern.pattern).startswith(("api/", "^api")):
            continue
        if isinstance(pattern, URLPattern):
            yield space + (pattern.name or str(pattern.pattern))
        elif pattern.app_name != "admin" and str(pattern.pattern) != "accounts/":
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from names(pattern.url_patterns, space + inner)


def name_of(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""


def test_all_pages_are_listed_and_answer_as_they_say(there):
    listed = pages.pages(there)
    assert len({page.name for page in listed}) == len(listed)
    shown = {name_of(page.path) for page in listed}
    every = set(names(get_resolver().url_patterns))
    assert every - shown - set(pages.NO_PAGE) == set(), "add a Page, or say why it is none"
    assert set(pages.NO_PAGE) - every == set()
    clients = {name: logged_in(person) for name, person in there.people.items()}
    clients[pages.NOBODY] = Client()
    found = {page.name: clients[page.by].get(page.path).status_code for page in listed}
    assert found == {page.name: page.status for page in listed}


def test_each_release_stands_where_it_should(there):
    phases = [
        each.get_phase_display()
        for each in (there.empty, there.ready, there.voting, there.passed, there.released)
    ]
    assert phases == ["Compose", "Compose", "Vote", "Finish", "Released"]
    assert [each.code for each in there.blocked.vote_obstacles()] == ["blockers"]
    assert list(there.ready.vote_obstacles(acknowledged=there.ready.newest.concerns)) == []
    assert list(there.published.announce_obstacles()) == []
