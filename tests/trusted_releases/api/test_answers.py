"""The form of answers: sorted, compact for programs, laid out where people read."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from trusted_releases.api import answers
from trusted_releases.api.answers import Always, Item, Json, OrNull, Time, example_of


class Sample(Item):
    sample = {"name": "x"}
    name = OrNull()
    at = Time(allow_null=True)
    kind = Always("a", {"type": "string"})


def test_keys_are_sorted_and_nothing_is_spaced() -> None:
    assert Json().render({"b": 1, "a": ["ä", None]}) == b'{"a":["\\u00e4",null],"b":1}'


@pytest.mark.parametrize("mode", ["DEBUG", "TEST_MODE"])
def test_where_people_read_it_is_indented_and_ends_in_a_line(settings, mode: str) -> None:
    setattr(settings, mode, True)
    assert Json().render({"error": "x", "request_id": "y"}) == (
        b'{\n  "error": "x",\n  "request_id": "y"\n}\n'
    )


def test_an_item_says_what_it_was_told_to() -> None:
    at = datetime(2026, 1, 1, 0, 0, 0, 123456, UTC)
    row = SimpleNamespace(name="", at=at)
    assert Sample(row).data == {"name": None, "at": "2026-01-01T00:00:00.123456Z", "kind": "a"}
    assert Sample(SimpleNamespace(name="n", at=None)).data["at"] is None


def test_an_example_follows_from_the_fields() -> None:
    assert example_of(Sample()) == {"name": "x", "at": None, "kind": "a"}
    assert answers.nothing().value is None
    assert answers.no_list().value == []
    assert answers.never().value is False


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["text/html", "image/png", "*/*", "nonsense", ""])
def test_whatever_a_client_would_rather_have_it_gets_json(wanted: str) -> None:
    answer = Client().get("/api/projects/list", headers={"Accept": wanted})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_is_sent_as_something_else_is_not_read(kind: str) -> None:
    answer = Client().post("/api/jwt/create", b"{}", content_type=kind)
    assert answer.status_code == 415
    fine = Client().post("/api/jwt/create", b"{}", content_type="Application/JSON; charset=utf-8")
    assert fine.status_code == 400
