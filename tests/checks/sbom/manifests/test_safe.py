"""Limits of reading what strangers have written."""

import time

import pytest

from checks.sbom import manifests
from checks.sbom.manifests.model import Unreadable
from checks.sbom.manifests.safe import at_most, json_of, rows, table, text_of, word, xml_of

pytestmark = pytest.mark.once


def test_a_mark_at_the_beginning_is_no_text():
    assert text_of(b"\xef\xbb\xbfa") == "a"


def test_only_values_of_the_right_kind_are_found():
    value = {"a": {"b": 1}, "c": [1], "d": " x "}
    assert (table(value, "a"), table(value, "c"), table(7, "a")) == ({"b": 1}, {}, {})
    assert (rows(value, "c"), rows(value, "a"), rows(None, "c")) == ([1], [], [])
    assert (word(value, "d"), word(value, "a"), word(" y "), word(7)) == ("x", "", "y", "")


def test_numbers_of_a_million_digits_are_no_json():
    with pytest.raises(Unreadable):
        json_of(b'{"a": ' + b"9" * 1_000_000 + b"}")


def test_elements_lose_their_namespace():
    assert xml_of(b'<a xmlns="urn:x"><b/></a>')[0].tag == "b"


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><a/>',
    ],
)
def test_entities_are_not_read(content):
    with pytest.raises(Unreadable, match="entities"):
        xml_of(content)


@pytest.mark.parametrize(
    "content", [b'<?xml version="1.0" encoding="utf-7"?><a/>', b"<a>\x00</a>", b"<a:b/>"]
)
def test_odd_xml_is_none(content):
    with pytest.raises(Unreadable):
        xml_of(content)


def test_what_takes_too_long_is_given_up():
    def work() -> None:
        with at_most(0.1):
            while True:
                pass

    begun = time.process_time()
    with pytest.raises(Unreadable, match="takes more than"):
        work()
    assert time.process_time() - begun < 2


def test_all_together_have_a_limit_too(monkeypatch):
    monkeypatch.setattr(manifests, "TOGETHER", 0)
    (found,) = manifests.read({"go.mod": b"module a.example/b\n"})
    assert "took 0 seconds to read" in found.problem
