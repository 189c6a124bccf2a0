"""Every link leads somewhere: a walk over the whole site, for each kind of visitor."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests import pages
from tests.journeys.markup import Markup
from tests.journeys.site import Site
from tests.journeys.test_pages import nothing
from tests.visitors import logged_in

pytestmark = [pytest.mark.once, pytest.mark.slow, pytest.mark.timeout(900)]

VISITORS = [pages.NOBODY, "alice", "admin"]
CONSOLE = "/admin/"
POPUP = "_popup=1"  # a window of its own for scripts; without them the link beside it is used


@dataclass
class Walk:
    """What one visitor finds by following links from the first page."""

    client: Client
    host: str
    marks: dict[str, Markup] = field(default_factory=dict)  # of what is a page, by address
    ends: dict[str, str] = field(default_factory=dict)  # where each of these led in the end
    broken: list[str] = field(default_factory=list)
    fragments: list[tuple[str, str, str]] = field(default_factory=list)  # from, address, id

    def go(self) -> None:
        ways, seen = deque([("", "/")]), {self._kind("/")}
        while ways:
            source, address = ways.popleft()
            for link in self._visit(source, address):
                if self._kind(link) not in seen:
                    seen.add(self._kind(link))
                    ways.append((address, link))

    def _kind(self, address: str) -> tuple[object, ...]:
        """What counts as the same page: filters and pages of one list are."""
        parts = urlsplit(address)
        names = frozenset(name.partition("__")[0] for name, _ in parse_qsl(parts.query))
        if parts.path.startswith(CONSOLE):
            return re.sub(r"\d+", "N", parts.path), names
        return parts.path, names

    def _visit(self, source: str, address: str) -> Iterator[str]:
        if address.startswith(settings.STATIC_URL):
            if not finders.find(address.removeprefix(settings.STATIC_URL)):
                self.broken.append(f"{source} -> {address}: no such file")
            return
        answer = self.client.get(address, follow=True)
        if answer.status_code != 200:
            self.broken.append(f"{source} -> {address}: {answer.status_code}")
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code != 200 or not kind.startswith("text/html"):
            answer.close()
            return
        here = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        self.marks[address], self.ends[address] = Markup(answer.content.decode()), here
        markup = self.marks[address]
        for href in markup.links:
            if link := self._inside(here, address, href):
                yield link

    def _inside(self, here: str, asked: str, href: str) -> str:
        """The address of a link that stays on the site, and nothing for others."""
        whole, fragment = urldefrag(urljoin(here, href))
        parts = urlsplit(whole)
        elsewhere = parts.netloc not in ("", self.host) or parts.scheme not in ("", "http", "https")
        if elsewhere or self._is_enough(parts.path, parts.query):
            return ""
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        if fragment:
            self.fragments.append((asked, asked if href.startswith("#") else address, fragment))
        return "" if href.startswith("#") else address

    def _is_enough(self, path: str, query: str) -> bool:
        """Lists of the console can be filtered in endlessly many ways: one filter at a time."""
        return path.startswith(CONSOLE) and (POPUP in query or len(parse_qsl(query)) > 1)

    def missing(self) -> Iterator[str]:
        """Links into a page, to a place that is not there."""
        for source, address, fragment in self.fragments:
            if address in self.marks and fragment not in self.marks[address].ids:
                yield f"{source} -> {address}#{fragment}: no such place"


@pytest.fixture(scope="module")
def walks(site: Site) -> dict[str, Walk]:
    found = {}
    for name in VISITORS:
        client = logged_in(site.people[name]) if name else Client()
        site.world  # noqa: B018 - made by being asked for
        found[name] = Walk(client, urlsplit(site.url).netloc)
        found[name].go()
    return found


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_link_is_answered(walks, visitor):
    assert len(walks[visitor].marks) > 20
    nothing(sorted(set(walks[visitor].broken)))


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_link_into_a_page_finds_its_place(walks, visitor):
    nothing(sorted(set(walks[visitor].missing())))


@pytest.mark.parametrize("visitor", VISITORS)
def test_no_page_is_a_dead_end(walks, visitor):
    nothing(
        address
        for address, markup in walks[visitor].marks.items()
        if not {link for link in markup.links if not link.startswith("#")}
    )


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_page_has_a_title_of_its_own(walks, visitor):
    """Bookmarks and tabs tell pages apart. Pages and filters of one list are one page."""
    places: dict[str, set[str]] = {}
    for address, markup in walks[visitor].marks.items():
        path = urlsplit(markup.canonical or walks[visitor].ends[address]).path
        if not path.startswith(CONSOLE):
            places.setdefault(" ".join(markup.title.split()), set()).add(path)
    nothing(f"{title!r}: {sorted(of)}" for title, of in places.items() if len(of) > 1)


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_page_that_is_reached_has_one_heading(walks, visitor):
    nothing(
        f"{address}: {markup.h1}"
        for address, markup in walks[visitor].marks.items()
        if len(markup.h1) != 1
    )


@pytest.mark.parametrize("visitor", VISITORS)
def test_no_link_is_without_an_address(walks, visitor):
    nothing(
        f"{address}: {sorted(empty)}"
        for address, markup in walks[visitor].marks.items()
        if (empty := {"", "#", "#None"} & set(markup.links))
    )
