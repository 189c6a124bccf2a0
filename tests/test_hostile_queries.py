"""Whatever stands in the query of an address: each page answers, and not with an error of ours."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from tests import pages
from tests.visitors import logged_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(900),  # a thousand pages
]

# Every name that a view of ours reads from a query.
NAMES = (
    *(
        "alike",
        "all",
        "against",
        "ballot",
        "by",
        "committee",
        "every",
        "file",
        "file_name",
        "kind",
        "level",
    ),
    *("ignored", "mark", "mine", "new", "next", "number", "page", "path", "paths", "phase", "q"),
    *("release", "revision", "rule", "seen", "since", "status", "tag", "under"),
)
ALONE = ("page", "revision", "against", "number", "path", "paths")
DIGITS = "9" * 30
VALUES = [
    "%00a",
    quote("\"'></script><script>alert(1)</script>{{ x }}%\u202egpj.exe\r\nSet-Cookie: a=b"),
    DIGITS,
    "%ED%A0%80" + quote("\u0663"),
]


def parts(there: pages.World) -> Iterator[pages.Page]:
    """What is no page, and is asked for all the same: documents, fragments, feeds."""
    draft, vote, done = there.ready.url_args, there.voting.url_args, there.released.url_args
    for name in ("document", "sarif", "progress", "live"):
        yield pages.Page(name, reverse(f"checks:{name}", args=draft), "alice")
    path = there.released.entries.get(path__endswith=".tar.gz").path
    yield pages.Page("file", reverse("releases:file", args=[*done, path]))
    yield pages.Page("report", reverse("checks:report", args=[*done, path]))
    yield pages.Page("ballots", reverse("releases:ballots", args=vote))
    yield pages.Page("publication", reverse("releases:publication", args=done))
    yield pages.Page("script", reverse("releases:download-script", args=done))
    yield pages.Page("feed", reverse("releases:feed"))
    yield pages.Page("votes-feed", reverse("releases:votes-feed"))


def asked() -> Iterator[str]:
    """The queries. What a page is chosen by is asked by itself: a page that is not there hides what
    the rest would have done."""
    rest = [name for name in NAMES if name not in ALONE]
    for turn in range(len(VALUES)):
        values = cycle([*VALUES[turn:], *VALUES[:turn]])
        yield "&".join(f"{name}={value}" for name, value in zip(rest, values, strict=False))
    yield "page=%00&revision=&against=&number=%00&path=%00&paths=%00"
    yield f"revision={DIGITS}&against={DIGITS}&number={DIGITS}&page={DIGITS}"


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_every_page_answers_whatever_it_is_asked() -> None:
    there = pages.world()
    clients = {name: logged_in(person) for name, person in there.people.items()}
    clients[pages.NOBODY] = Client()
    wrong = []
    for client in clients.values():
        client.raise_request_exception = False
    for page in [*pages.pages(there), *parts(there)]:
        where = page.path.partition("?")[0]
        for query in asked():
            answer = clients[page.by].get(f"{where}?{query}")
            if answer.status_code >= 500 or b"<script>alert(1)" in body_of(answer):
                wrong.append((page.name, query[:60]))
    assert wrong == []
