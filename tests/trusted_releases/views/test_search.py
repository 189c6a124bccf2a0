"""The search page: results by kind, and straight to what is named exactly."""

import hashlib
from html import unescape
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

SHA512 = hashlib.sha512(b"bytes").hexdigest()


@pytest.fixture
def release():
    project = make.project("tool", name="Apache Tool", committee=make.committee("tools"))
    draft = make.candidate(project, version="1.0", files={"tool-1.0.zip": b"bytes"})
    return make.vote(draft).release


def text_of(client: Client, query: str) -> str:
    answer = client.get(f"/search/?{query}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_nothing_asked_shows_what_can_be_asked(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = text_of(client, "")
    assert "For example" in page
    assert "For example" in text_of(client, "q=%00%20")


@pytest.mark.parametrize("asked", [SHA512, f"{SHA512}  tool-1.0.zip", "tool 1.0", "tool-1.0.zip"])
def test_what_is_named_exactly_is_gone_to_with_a_way_back(client, release, asked):
    answer = client.get("/search/", {"q": asked})
    assert answer.status_code == 302
    assert answer.url == release.get_absolute_url()
    landed = client.get(answer.url, follow=True)
    assert "Other results" in landed.content.decode()
    back = f"q={quote(asked.replace('  ', ' '), safe='').replace('%20', '+')}&all=1"
    assert back in unescape(landed.content.decode())
    assert release.get_absolute_url() in text_of(client, back)


def test_the_way_back_carries_no_markup_of_the_asker(client):
    make.project("x", name="<b>x</b>")
    answer = client.get("/search/", {"q": "<b>x</b>"}, follow=True)
    assert "“&lt;b&gt;x&lt;/b&gt;”" in answer.content.decode()


def test_a_file_says_where_it_is_and_whether_it_was_released(client, release):
    page = text_of(client, f"q={SHA512}&all=1")
    assert "in Apache Tool 1.0, revision 1: <b>not released: in phase “Vote”</b>" in page
    assert SHA512 in page


def test_other_bytes_under_a_known_name_are_warned_of(client, release):
    page = text_of(client, f"q={'0' * 128}++tool-1.0.zip")
    assert "No file here has this digest." in page
    assert "their content is another" in page
    assert release.get_absolute_url() in page
    assert "did not come from here" in text_of(client, f"q={'0' * 128}++other.zip")


def test_nothing_found_says_what_to_try(client, release):
    assert "Try fewer words" in text_of(client, "q=no+such+thing+zzz")
    assert "Check that the digest is whole" in text_of(client, f"q={'0' * 64}")
    assert "log in" in text_of(client, "q=zzzz")


def test_a_draft_reads_as_if_it_were_not(client):
    draft = make.candidate(make.project("tool"), version="9.9", files={"secret-9.9.zip": b"s"})
    digest = hashlib.sha512(b"s").hexdigest()
    for asked in (digest, f"{digest}  secret-9.9.zip", "secret-9.9.zip", "tool 9.9"):
        page = client.get("/search/", {"q": asked})
        assert page.status_code == 200
        assert draft.get_absolute_url() not in page.content.decode()
    member = logged_in(make.member(draft))
    assert member.get("/search/", {"q": digest}).url == draft.get_absolute_url()


def test_people_are_for_those_who_are_signed_in(client):
    person = make.member(make.project("tool"), username="ann", full_name="Ann Other")
    assert "committee member of" in text_of(logged_in(person), "q=ann")
    assert "Ann Other" not in text_of(client, "q=ann")


def test_words_in_guides_are_found_too(client):
    assert "/docs/" in text_of(client, "q=binding").partition("Guides</h2>")[2]


def test_more_of_a_kind_is_on_pages(client):
    for number in range(61):
        make.committee(f"many-{number:02}")
    page = text_of(client, "q=many")
    assert "q=many&kind=committees" in page
    assert page.count("/committees/many-") == 10
    first = text_of(client, "q=many&kind=committees")
    assert first.count("/committees/many-") == 50
    assert 'rel="next"' in first
    second = text_of(client, "q=many&kind=committees&page=2")
    assert second.count("/committees/many-") == 11
    assert 'rel="next"' not in second
    assert 'rel="prev"' in second


@pytest.mark.parametrize(
    "query",
    [
        "q=a&kind=nothing",
        "q=a&kind=files&page=-1",
        "q=a&kind=files&page=99999999999999999999",
        "kind=people&q=",
        "q=%ff%fe&all=1",
        "q=" + "a" * 5000,
        "q=%25%25%25",
        "q=" + quote("’ OR 1=1 --"),
    ],
)
def test_hostile_questions_are_answered(client, release, query):
    assert client.get(f"/search/?{query}").status_code == 200


def test_it_costs_the_same_for_many_as_for_few(client, release):
    def costs() -> list[int]:
        found = []
        for visitor in (client, theirs):
            for query in ("q=tool&all=1", f"q={SHA512}&all=1"):
                with CaptureQueriesContext(connection) as asked:
                    text_of(visitor, query)
                found.append(len(asked))
        return found

    theirs = logged_in(make.member(release))
    make.member(release, username="tooler")
    few = costs()
    for number in range(5):
        make.vote(make.candidate(release.project, files={f"tool-2.{number}.zip": b"bytes"}))
        make.member(release, username=f"tooler{number}")
    assert costs() == few
