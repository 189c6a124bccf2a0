"""The questions people ask about events."""

import pytest

from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db


def record(person, **facts):
    return Event.objects.record(Tag.PROJECT_CREATED, by=person, subject=person, **facts)


def test_events_are_found_by_what_they_are_about(alice, root):
    mine = record(alice, project="tool", committee="tools", release=1)
    record(root, project="other", committee="others", release=2)
    assert list(Event.objects.about(alice)) == [mine]
    assert list(Event.objects.of_project("tool")) == [mine]
    assert list(Event.objects.of_committee("tools")) == [mine]
    assert list(Event.objects.of_release(1)) == [mine]


def test_search_wants_every_word_somewhere(alice, root):
    mine = record(alice, project="tool", file="apache-tool-1.0.tar.gz")
    record(root, project="tool", file="other.zip")
    for text in ("tool-1.0", "ALICE tool", "created apache", "tar.gz alice"):
        assert list(Event.objects.search(text)) == [mine], text
    assert not Event.objects.search("alice other.zip").exists()
    assert Event.objects.search("").count() == 2


def test_words_are_looked_for_in_the_newest_events_of_those_asked_for(alice, root):
    old = record(alice, file="tool.tar.gz")
    others = [record(root, file="tool.zip") for _ in range(3)]
    assert list(Event.objects.search("tool", among=3)) == others[::-1]
    assert list(Event.objects.filter(actor="alice").search("tool", among=3)) == [old]
    assert list(Event.objects.search("tar.gz", among=4)) == [old]


def test_the_newest_are_as_many_as_there_are(alice):
    made = [record(alice) for _ in range(3)]
    assert list(Event.objects.newest(2)) == made[:0:-1]
    assert list(Event.objects.newest(3)) == list(Event.objects.newest(9)) == made[::-1]
