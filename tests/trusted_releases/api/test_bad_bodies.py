"""Every endpoint, sent everything that is not what it takes: which thing is wrong is said, and
nothing has changed. The cases follow from what each endpoint declares."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework import serializers

from keys import jwts
from keys.models import AccessToken
from tests import make
from tests.api import Api, refused
from tests.trusted_releases.api.test_others import named, path_of, rows  # noqa: F401
from tests.trusted_releases.api.test_schema import endpoints
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import NOT_UNDERSTOOD
from trusted_releases.api.fields import Address, Name, RelPath

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ALL = sorted(endpoints(), key=lambda found: found[0])
TAKING = [(route, view) for route, view in ALL if view.Ask is not None]
# What is asked for behind the question mark, where something must be.
QUERIED = {
    route: view
    for route, view in ALL
    if view.Ask is None and any(field.required for field in view.Query().fields.values())
}
READING = [(route, view) for route, view in ALL if hasattr(view, "get") and route not in QUERIED]
STRANGER = "stranger"  # a key that no endpoint takes
OTHERS: tuple[Any, ...] = (7, "7", True, [7], {"a": 7}, 7.5)  # one of each type of JSON
WRONG = {"project": "No Project", "version": ".1", "revision": "-1", "fingerprint": "xyz"}
BAD: dict[type[Any], tuple[str, ...]] = {
    RelPath: ("../x", "/x", "a//b", ".git/x", "a\\b"),
    Address: ("no address", "a@b\nBcc: c@d"),
    serializers.ChoiceField: ("nonsense",),
}
# What stands for what is not there, for each part of an address.
UNKNOWN = {
    **{"project": "unknown", "committee": "unknown", "version": "9.9", "revision": "99"},
    **{"person": "unknown", "fingerprint": "0" * 40, "number": "999999999"},
}
NOBODYS = {"api/keys/user/<str:person>", "api/ssh-keys/list/<str:person>"}  # empty for a stranger


@pytest.fixture
def programs(named: Any) -> dict[str, Api]:  # noqa: F811
    """Who gets past the door, by the kind of door."""
    mine = make.project("tool")
    make.release(mine, version="1.2.0", files={"a.txt": "a"})
    someone = Api(make.member(mine, is_superuser=True))
    made = {"label": "service", "days": 30, "reason": "Tests"}
    system = AccessToken.objects.make_system(by=make.operator(), **made)[0]
    return {
        **dict.fromkeys(Access, someone),
        Access.SYSTEM: Api(jwt=jwts.make(system)),
        Access.PAT: Api(),
        Access.OIDC: Api(),
    }


def of_other_types(field: Any) -> list[Any]:
    """A value of each type that this field does not take."""
    kinds: dict[type[Any], tuple[type[Any], ...]] = {
        serializers.BooleanField: (bool,),
        serializers.IntegerField: (int,),
        serializers.ListField: (list,),
        serializers.DictField: (dict,),
        serializers.Serializer: (dict,),
        serializers.Field: (str,),
    }
    taken = next(types for kind, types in kinds.items() if isinstance(field, kind))
    return [each for each in OTHERS if type(each) not in taken]


def bad_values(field: Any) -> Iterator[Any]:
    """Values of the right type that are too long, out of bounds, or against a grammar."""
    if not field.allow_null:
        yield None
    if isinstance(field, serializers.CharField):
        yield from ["a" * (field.max_length + 1)] if field.max_length else []
        yield from [] if field.allow_blank else [""]
    if isinstance(field, Name):
        yield from (WRONG.get(field.kind, "! !"), "a\x00b", "x" * 200)
    for kind, values in BAD.items():
        yield from values if isinstance(field, kind) else ()
    if isinstance(field, serializers.IntegerField) and field.min_value is not None:
        yield from (field.min_value - 1, 10**20)
    if isinstance(field, serializers.ListField) and field.max_length:
        yield ["a"] * (field.max_length + 1)


def bad_bodies(view: type[Endpoint]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each with the key that is wrong in it."""
    assert view.Ask is not None
    sample = view.Ask.sample
    yield STRANGER, sample | {STRANGER: 1}
    for name, field in view.Ask().fields.items():
        if field.required:
            yield name, {key: value for key, value in sample.items() if key != name}
        for value in (*of_other_types(field), *bad_values(field)):
            yield name, sample | {name: value}


@pytest.mark.parametrize("route", [route for route, _ in TAKING])
def test_what_is_wrong_in_a_body_is_named_and_nothing_changes(programs: Any, route: str) -> None:
    view = dict(TAKING)[route]
    program, path = programs[view.access], "/" + route.removeprefix("api/")
    before = rows()
    for name, body in bad_bodies(view):
        answer = program.post(path, body)
        told = f"{name}: {str(body.get(name))[:80]!r}: {answer.content[:300]!r}"
        assert answer.status_code == 400, told
        assert refused(answer, 400) == NOT_UNDERSTOOD, told
        details = answer.json()["validation_details"]
        assert name in {each["loc"][0] for each in details if each["loc"]}, told
        assert all(set(each) == {"type", "loc", "msg", "input", "url"} for each in details)
    assert rows() == before


@pytest.mark.parametrize("route", [route for route, _ in TAKING])
def test_what_is_no_object_of_json_is_refused_and_nothing_changes(
    programs: Any, route: str
) -> None:
    view = dict(TAKING)[route]
    program, path = programs[view.access], "/" + route.removeprefix("api/")
    assert view.Ask is not None
    good = json.dumps(view.Ask.sample)
    twice = good[:-1] + "," + good[1:]
    before = rows()
    for body in (" ", "{", "[]", '"x"', "null", "[" * 5000, '{"a": NaN}', twice, b"\xff{}"):
        assert refused(program.post(path, body), 400) == NOT_UNDERSTOOD, body[:80]
    assert refused(program.post(path, good, content_type="text/plain"), 415)
    assert program.get(path).status_code == 405
    assert rows() == before


@pytest.mark.parametrize("route", [route for route, _ in READING])
def test_what_is_wrong_in_an_address_is_refused(programs: Any, named: Any, route: str) -> None:  # noqa: F811
    view = dict(READING)[route]
    program = programs[view.access]
    names = [part[5:-1] for part in route.split("/") if part.startswith("<str:")]
    before = rows()
    for name in names:
        at = path_of(route, named | {name: "%20!"})
        assert refused(program.get(at), 400) == f"Parameter '{name}' is invalid."
        at = path_of(route, named | {name: UNKNOWN[name]})
        if route in NOBODYS:
            assert program.get(at).status_code == 200
        else:
            assert refused(program.get(at), 404), at
    path = path_of(route, named)
    queries = [{STRANGER: "1"}]
    for name in {"offset", "limit"} & set(view.Query().fields):
        queries += [{name: value} for value in ("-1", "x", "1.5", "9" * 30, "")]
    for query in queries:
        answer = program.get(path, **query)
        assert refused(answer, 400) == NOT_UNDERSTOOD, query
        assert answer.json()["validation_details"][0]["loc"] == list(query)
    assert program.post(path, {}).status_code == 405
    assert rows() == before


GOOD = {
    **{"project": "tool", "version": "1.2.0", "relpath": "a.txt"},
    **{"upload": "0f" * 16, "file": "0", "offset": "0", "sha256": "0f" * 32},
}
BAD_IN_QUERIES = {
    **{"project": "No", "version": "..", "relpath": "../a", "expected_revision": "x"},
    **{"directory": "../a", "was": "../a", "revision": "x", "against": "x", "change": "nonsense"},
    **{"offset": "-1", "limit": "0"},
    **{"upload": "x", "file": "-1", "offset": "x", "sha256": "zz"},
}
KINDS = {"api/release/store-directory": "application/x-tar"}


@pytest.mark.parametrize("route", QUERIED)
def test_what_is_wrong_behind_the_question_mark_is_named(programs: Any, route: str) -> None:
    view = QUERIED[route]
    fields = view.Query().fields
    good = {name: GOOD[name] for name, field in fields.items() if field.required}
    cases = [(name, good | {name: BAD_IN_QUERIES.get(name, "1")}) for name in (*fields, STRANGER)]
    cases += [(left, {name: good[name] for name in good if name != left}) for left in good]
    path, program = "/" + route.removeprefix("api/"), programs[Access.BEARER]
    before = rows()
    for name, query in cases:
        if hasattr(view, "get"):
            answer = program.get(path, **query)
        else:
            kind = KINDS.get(route, "application/octet-stream")
            answer = program.post(path, b"x", content_type=kind, query_params=query)
        assert refused(answer, 400) == NOT_UNDERSTOOD, name
        assert answer.json()["validation_details"][0]["loc"] == [name]
    assert rows() == before


def test_every_endpoint_has_a_table() -> None:
    tabled = {route for route, _ in (*TAKING, *READING)} | set(QUERIED)
    assert tabled == {route for route, _ in ALL}
