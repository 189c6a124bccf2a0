"""One budget for each act, whichever way it comes: a page, the API, another process."""

import subprocess
import sys
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from projects.models import User
from releases.models import Ballot, Release
from tests import make
from tests.api import Api, refused
from tests.ballots import ballot, url
from tests.processes import ROOT, environment
from tests.uploads import TYPE, body_of
from tests.visitors import logged_in
from trusted_releases.api.endpoint import Endpoint
from trusted_releases.ledger.limits import LIMITS, Limit, actor_of, spend
from trusted_releases.ledger.models import Spending
from trusted_releases.middleware import ACTIONS

pytestmark = pytest.mark.django_db

AT = {"project": "tool", "version": "1.0"}
# By action: the page where a person does it. Endpoints of the same action are found by themselves.
PAGES = {
    "archives.compare": "/releases/tool/1.0/revisions/1/inside/tool.zip",
    "key.add": "/accounts/keys/add/",
    "key.delete": f"/accounts/keys/{'0' * 40}/take-back/",
    "keys.upload": "/committees/tool/keys/import/",
    "release.announce": "/releases/tool/1.0/announce/",
    "release.create": "/projects/tool/start/",
    "release.import": "/releases/tool/1.0/import/",
    "release.upload": "/releases/tool/1.0/upload/",
    "ssh-key.add": "/accounts/ssh-keys/add/",
    "ssh-key.delete": "/accounts/ssh-keys/1/remove/",
    "vote.cast": "/releases/tool/1.0/vote/cast/",
    "vote.resolve": "/releases/tool/1.0/vote/resolve/",
    "vote.start": "/releases/tool/1.0/call-vote/",
}
ENDPOINTS = {name: "/" + name.replace(".", "/") for name in PAGES}
# What programs have no endpoint for.
IN_PARTS = {"upload.part"}  # its test stands with the endpoint: one end of many steps
ALONE = {"review.ask", "token.create"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(1_900_000_000, tick=False) as found:
        yield found


@pytest.fixture
def member() -> User:
    return make.member(make.project("tool"), username="alice")


def limited(monkeypatch: pytest.MonkeyPatch, action: str, times: int) -> None:
    monkeypatch.setitem(LIMITS, action, Limit(times, LIMITS[action].what))


def views(patterns: list[Any] | None = None) -> list[Any]:
    """All classes behind addresses."""
    found: list[Any] = []
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            found += views(each.url_patterns)
        elif isinstance(each, URLPattern):
            found.append(getattr(each.callback, "view_class", None))
    return found


def test_every_act_that_is_limited_over_the_api_is_so_on_its_page() -> None:
    known = [kind for kind in views() if kind]
    ends = [kind for kind in known if issubclass(kind, Endpoint) and kind.action]
    acts = {kind.action for kind in ends if kind.Ask or kind.takes_raw}
    pages = {
        kind.action
        for kind in known
        if not issubclass(kind, Endpoint) and isinstance(getattr(kind, "action", None), str)
    } - {""}
    assert pages == {*PAGES, *ALONE, *IN_PARTS}
    assert {*pages, *ACTIONS.values()} <= set(LIMITS)
    # Exchanging a token has no page; asking whose key made a signature is public on its own.
    none = {"jwt.create", "signature.provenance"}
    assert acts - none <= pages


@pytest.mark.parametrize("action", PAGES)
def test_what_programs_have_used_up_is_used_up_for_the_page(member, monkeypatch, action) -> None:
    limited(monkeypatch, action, 2)
    program, browser = Api(member), logged_in(member)
    for _ in range(2):
        assert program.post(ENDPOINTS[action]).status_code in (400, 411, 415)
    assert refused(program.post(ENDPOINTS[action]), 429)
    answer = browser.post(PAGES[action])
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1801"
    assert LIMITS[action].what in answer.content.decode()
    assert logged_in(make.user()).post(PAGES[action]).status_code != 429


def test_what_a_person_does_on_pages_counts_for_their_programs(member, monkeypatch) -> None:
    limited(monkeypatch, "release.create", 2)
    browser = logged_in(member)
    for version in ("1.0", "2.0"):
        assert browser.post(PAGES["release.create"], {"version": version}).status_code == 303
    assert refused(Api(member).post("/release/create", AT | {"version": "3.0"}), 429)
    assert Release.objects.count() == 2


def test_ballots_count_together_and_what_is_too_much_is_not_cast(monkeypatch) -> None:
    limited(monkeypatch, "vote.cast", 2)
    vote = make.vote()
    person = make.member(vote.release.project)
    browser, page = logged_in(person), url(vote.release, "cast")
    at = {"project": vote.release.project.slug, "version": vote.release.version}
    assert browser.post(page, ballot(vote)).status_code == 303
    sent = at | {"choice": "0", "comment": ""}
    assert Api(person).post("/vote/cast", sent).status_code == 200
    assert browser.post(page, ballot(vote, "-1", comment="No.")).status_code == 429
    assert [each.choice for each in Ballot.objects.all()][-1] == "0"


def test_an_upload_is_one_whether_it_is_of_many_files_or_one(monkeypatch) -> None:
    limited(monkeypatch, "release.upload", 2)
    release = make.release(version="1.0")
    person = make.member(release)
    at = {"project": release.project.slug, "version": "1.0", "expected_revision": None}
    body = body_of([("a.txt", b"a"), ("b.txt", b"b")])
    page = url(release, "upload")
    assert logged_in(person).generic("POST", page, body, content_type=TYPE).status_code == 303
    sent = at | {"relpath": "c.txt", "content": "YQ=="}
    assert Api(person).post("/release/upload", sent).status_code == 201
    refused_page = logged_in(person).generic(
        "POST", page, body, content_type=TYPE, HTTP_X_REQUESTED_WITH="XMLHttpRequest"
    )
    assert refused_page.status_code == 429
    assert refused_page.json() == {
        "refused": ["There is a limit for uploading files. Try again in 31 minutes."]
    }
    assert refused_page.headers["Retry-After"] == "1801"


@pytest.mark.parametrize("name", ["checks:review-upload", "checks:review-fetch"])
def test_candidates_from_elsewhere_are_limited_in_both_ways_together(
    member, monkeypatch, name
) -> None:
    limited(monkeypatch, "review.ask", 1)
    spend(actor_of(member, ""), "review.ask")
    assert logged_in(member).post(reverse(name)).status_code == 429
    assert logged_in(make.user()).post(reverse(name)).status_code != 429


# --- What a person sees ---


def test_the_page_says_what_it_was_and_when_it_works_again(member, monkeypatch, clock) -> None:
    limited(monkeypatch, "token.create", 1)
    browser, page = logged_in(member), reverse("keys:make-token")
    spend(actor_of(member, ""), "token.create")
    answer = browser.post(page)
    text = answer.content.decode()
    assert answer.status_code == 429
    assert "There is a limit for making access tokens: 1 in an hour" in text
    assert "Try again in 61 minutes" in text
    assert "2030-03-17 18:46 UTC" in text
    clock.shift(int(answer.headers["Retry-After"]))
    assert browser.post(page).status_code != 429


def test_a_part_of_a_page_is_replaced_by_the_page_that_says_so(member, monkeypatch) -> None:
    limited(monkeypatch, "release.create", 1)
    browser = logged_in(member)
    spend(actor_of(member, ""), "release.create")
    answer = browser.post(PAGES["release.create"], headers={"HX-Request": "true"})
    assert answer.status_code == 429
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reselect"]) == ("main", "main")
    assert "<main" in answer.content.decode()


def test_a_form_that_is_not_filled_in_right_costs_nothing(member, monkeypatch) -> None:
    limited(monkeypatch, "release.create", 1)
    browser = logged_in(member)
    for _ in range(3):
        assert browser.post(PAGES["release.create"], {"version": ""}).status_code == 422
    assert browser.post(PAGES["release.create"], {"version": "1.0"}).status_code == 303
    assert browser.post(PAGES["release.create"], {"version": ""}).status_code == 429


def test_looking_and_forged_requests_cost_nothing(member, monkeypatch) -> None:
    limited(monkeypatch, "release.create", 1)
    browser = logged_in(member)
    for _ in range(3):
        assert browser.get(PAGES["release.create"]).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    assert strict.post(PAGES["release.create"], {"version": "1.0"}).status_code == 403
    assert not Spending.objects.exists()


def test_without_limits_pages_are_free(member, settings, monkeypatch) -> None:
    settings.RATE_LIMITS = False
    limited(monkeypatch, "release.create", 1)
    for n in range(3):
        answer = logged_in(member).post(PAGES["release.create"], {"version": f"1.{n}"})
        assert answer.status_code == 303


# --- What it costs, and who agrees ---


def test_a_limit_costs_a_page_one_question(member, settings) -> None:
    browser, page = logged_in(member), PAGES["release.create"]
    browser.post(page, {"version": "1.0"})  # the first makes the row

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            browser.post(page, {"version": "1.0"})
        return len(found)

    asked()
    with_limits = asked()
    settings.RATE_LIMITS = False
    assert with_limits - asked() == 1


SPENDER = """
import django, sys
django.setup()
from trusted_releases.ledger.limits import TooMany, spend
allowed = 0
for _ in range(40):
    try:
        spend("person:alice", "vote.cast")
        allowed += 1
    except TooMany:
        pass
print(allowed)
"""


@pytest.mark.django_db(transaction=True)
def test_several_processes_agree() -> None:
    command = [sys.executable, "-c", SPENDER]
    more = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    racers = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment(**more), stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    allowed = [int(racer.communicate(timeout=100)[0]) for racer in racers]
    # One comes back each minute, and the racers may take longer than that.
    assert LIMITS["vote.cast"].times <= sum(allowed) <= LIMITS["vote.cast"].times + 2
