"""Facts as sentences."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template import Context, Template

from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.templatetags import told

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_every_tag_has_a_sentence():
    assert set(told.SENTENCES) == set(Tag)


def test_a_fact_stands_in_the_sentence():
    event = Event(tag=Tag.REVISION_MADE, facts={"revision": 3, "description": "Uploaded a"})
    assert told.sentence(event) == "made revision 3: Uploaded a"
    event = Event(tag=Tag.MEMBER_ADDED, facts={"person": "bob", "role": "release_manager"})
    assert told.sentence(event) == "made bob release manager"


@pytest.mark.parametrize("tag", Tag)
def test_an_event_that_lacks_a_fact_is_told_all_the_same(tag):
    assert told.sentence(Event(tag=tag, facts={}))


def test_a_fact_is_never_a_format():
    event = Event(tag=Tag.REFUSED, facts={"verb": "{0.__class__}", "sentence": "{version}"})
    assert told.sentence(event) == "was refused “{0.__class__}”: {version}"


def test_a_digest_is_shown_by_its_first_digits():
    assert told.short("sha256:0123456789abcdef") == "0123456789ab"
    assert told.digest("f" * 128) == {"value": "f" * 128, "short": "f" * 12, "name": "SHA-512"}


def test_a_moment_is_written_in_utc_for_people_and_machines():
    assert told.when(AT) == (
        '<time datetime="2026-06-01T12:00:00+00:00" title="2026-06-01 12:00:00 UTC">'
        "2026-06-01 12:00 UTC</time>"
    )
    assert told.when(None) == "-"


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (timedelta(hours=72), "in 3 days"),
        (timedelta(hours=47), "in 47 hours"),
        (timedelta(minutes=119), "in 119 minutes"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(seconds=9), "in less than a minute"),
        (timedelta(seconds=-9), "just now"),
        (timedelta(days=-2), "2 days ago"),
    ],
)
def test_a_distance_is_told_in_the_largest_unit_that_says_enough(away, text):
    with time_machine.travel(AT, tick=False):
        assert told.distance(AT + away) == text


def test_no_moment_has_no_distance():
    assert told.distance(None) == ""


@pytest.mark.parametrize("given", ["""{% command 'cat "$f" <x' %}""", "{% command line %}"])
def test_a_command_is_copied_as_it_is_shown(given):
    """A literal of a template counts as safe: quotes in it would end the button's attribute."""
    page = Template("{% load told %}" + given).render(Context({"line": 'cat "$f" <x'}))
    shown, copied = re.findall(r'<code>(.*?)</code>.*data-copy="(.*?)"', page)[0]
    assert html.unescape(shown) == html.unescape(copied) == 'cat "$f" <x'
