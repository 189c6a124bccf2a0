"""Strict input: no unknown key, no other type, nothing too large, each with its detail."""

import io
import json
from contextlib import suppress
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from trusted_releases.api import asking
from trusted_releases.api.asking import JsonObject
from trusted_releases.api.errors import InvalidInput, TooLarge
from trusted_releases.lib.errors import BadInput


class Ask(asking.Ask):
    name = serializers.CharField(max_length=5)
    count = serializers.IntegerField(required=False, min_value=1, max_value=10)
    wanted = serializers.BooleanField(required=False)
    words = serializers.ListField(child=serializers.CharField(), required=False)
    note = serializers.CharField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=["a", "b"], required=False)
    at = serializers.DateTimeField(required=False)
    secret = serializers.CharField(required=False, style=asking.SECRET, max_length=5)


def wrong(**sent) -> list[tuple[str, list]]:
    with pytest.raises(InvalidInput) as caught:
        Ask(data=sent).checked()
    for detail in caught.value.details:
        assert set(detail) == {"type", "loc", "msg", "input", "url"}
        assert detail["url"].startswith("http")
    return [(detail["type"], detail["loc"]) for detail in caught.value.details]


def test_what_is_right_is_taken_as_it_is() -> None:
    sent = {"name": "x", "count": 3, "wanted": False, "words": ["a"], "note": None, "kind": "a"}
    assert Ask(data=sent).checked() == sent


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, [("missing", ["name"])]),
        ({"name": "x", "more": 1}, [("extra_forbidden", ["more"])]),
        ({"name": 3}, [("string_type", ["name"])]),
        ({"name": True}, [("string_type", ["name"])]),
        ({"name": None}, [("none_not_allowed", ["name"])]),
        ({"name": ""}, [("string_too_short", ["name"])]),
        ({"name": "x" * 6}, [("string_too_long", ["name"])]),
        ({"name": "x\0"}, [("value_error", ["name"])]),
        ({"name": "x", "count": "3"}, [("int_type", ["count"])]),
        ({"name": "x", "count": True}, [("int_type", ["count"])]),
        ({"name": "x", "count": 3.0}, [("int_type", ["count"])]),
        ({"name": "x", "count": 0}, [("greater_than_equal", ["count"])]),
        ({"name": "x", "count": 11}, [("less_than_equal", ["count"])]),
        ({"name": "x", "wanted": "true"}, [("bool_type", ["wanted"])]),
        ({"name": "x", "wanted": 1}, [("bool_type", ["wanted"])]),
        ({"name": "x", "words": "a"}, [("list_type", ["words"])]),
        ({"name": "x", "words": ["a", 3]}, [("string_type", ["words", 1])]),
        ({"name": "x", "kind": "c"}, [("enum", ["kind"])]),
        ({"name": "x", "kind": 1}, [("enum", ["kind"])]),
        ({"name": "x", "at": 17}, [("datetime_type", ["at"])]),
        ({"name": "x", "at": "today"}, [("value_error", ["at"])]),
    ],
)
def test_what_is_wrong_is_told_by_kind_and_place(sent: dict, told: list) -> None:
    assert wrong(**sent) == told


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert {kind for kind, _ in wrong(name=1, count="x", more=1)} == {
        "string_type",
        "int_type",
        "extra_forbidden",
    }


def test_a_secret_is_not_repeated_and_a_long_text_is_cut() -> None:
    with pytest.raises(InvalidInput) as caught:
        Ask(data={"name": "y" * 1000, "secret": "hidden-text"}).checked()
    shown = json.dumps(caught.value.details)
    assert "hidden-text" not in shown
    assert len(shown) < 1000


def parsed(content: bytes, most: int = 100, **meta: Any):
    request = RequestFactory().post("/", content, content_type="application/json", **meta)
    view = type("View", (), {"most_bytes": most})
    return JsonObject().parse(request, parser_context={"view": view})


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-32"])
def test_an_object_is_in_utf_8(coding: str) -> None:
    assert parsed(b"\xef\xbb\xbf" + b'{"a": 1}') == {"a": 1}
    with pytest.raises(InvalidInput):
        parsed('{"a": 1}'.encode(coding))


def test_what_comes_in_chunks_is_read_where_their_end_is_known() -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    known = chunked | {"wsgi.input": io.BytesIO(b'{"a": 1}'), "wsgi.input_terminated": True}
    assert parsed(b"", **known) == {"a": 1}
    with pytest.raises(TooLarge):
        parsed(b"", **known | {"wsgi.input": io.BytesIO(b" " * 101)})
    with pytest.raises(BadInput, match="Content-Length"):
        parsed(b"", **chunked)


@pytest.mark.parametrize("kind", [OSError, ValueError])
def test_chunks_that_are_cut_or_none_are_told(kind: type[Exception]) -> None:
    class Cut(io.BytesIO):
        def read(self, *args: int) -> bytes:
            raise kind("no more data")

    sent = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    with pytest.raises(BadInput, match="cut short"):
        parsed(b"", **sent | {"wsgi.input": Cut()})


def test_a_detail_repeats_nothing_long_and_no_half_characters() -> None:
    with pytest.raises(InvalidInput) as caught:
        Ask(data={"name": 9**2000, "k" * 9999: 1, "\ud800": 2}).checked()
    shown = json.dumps(caught.value.details)
    assert len(shown) < 2000
    assert "ud800" not in shown


def test_an_object_is_read() -> None:
    assert parsed(b' {"a": [1, "\\u00e4"]} ') == {"a": [1, "ä"]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\xff"}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 50_000,
    ],
)
def test_what_is_no_object_is_wrong_input(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        parsed(content, most=100_000)


def test_more_than_is_taken_is_not_read() -> None:
    with pytest.raises(TooLarge):
        parsed(b"x" * 101)
    with pytest.raises(TooLarge):
        parsed(b"{}", CONTENT_LENGTH="500000000")


@given(st.binary(max_size=80))
def test_whatever_is_sent_it_is_an_object_or_refused(content: bytes) -> None:
    with suppress(InvalidInput):
        assert isinstance(parsed(content), dict)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from([*Ask().fields, "x", "\ud800"]), json_values))
def test_whatever_an_object_holds_it_is_right_or_told_why(sent: dict) -> None:
    details, checked = [], {}
    try:
        checked = Ask(data=sent).checked()
    except InvalidInput as error:
        details = error.details
    assert bool(details) or set(checked) == set(sent)
    json.dumps(details, allow_nan=False)
