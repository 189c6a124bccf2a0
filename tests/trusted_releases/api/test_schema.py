"""The schema: complete, true, and without warnings."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.schema import document, schema
from trusted_releases.ledger.limits import LIMITS


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return schema()


def endpoints(patterns: list[Any] | None = None) -> Iterator[tuple[str, type[Endpoint]]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, Endpoint):
                yield str(pattern.pattern), view


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_making_it_warns_of_nothing() -> None:
    GENERATOR_STATS.reset()
    schema()
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_it_is_a_schema(made) -> None:
    validate_schema(made)
    assert made["openapi"].startswith("3.1")


def test_every_endpoint_is_in_it_and_nothing_else(made) -> None:
    routes = {"/" + route.replace("<str:", "{").replace(">", "}") for route, _ in endpoints()}
    assert set(made["paths"]) == routes
    assert all(path.startswith("/api/") for path in routes)


def test_no_endpoint_has_a_slash_at_its_end() -> None:
    assert [route for route, _ in endpoints() if route.endswith("/")] == []


def test_bearer_is_how_one_comes_in_and_public_says_so(made) -> None:
    scheme = made["components"]["securitySchemes"]["BearerAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    doors = {"/" + route.partition("/<")[0]: view.access for route, view in endpoints()}
    for path, _, operation in operations(made):
        said = operation.get("security", [])
        access = doors[path.partition("/{")[0]]
        assert ({"BearerAuth": []} in said) != access.is_in_body
        assert ({} in said) == (access is Access.PUBLIC)


def test_every_operation_says_what_it_does_and_how_it_refuses(made) -> None:
    names = [operation["operationId"] for _, _, operation in operations(made)]
    assert len(names) == len(set(names))
    for path, _, operation in operations(made):
        assert operation["description"], path
        assert {"400", "401", "429", "500"} <= set(operation["responses"]), path
        assert "{" not in path or "404" in operation["responses"], path


def test_objects_have_the_keys_that_are_named_and_no_others(made) -> None:
    for name, component in made["components"]["schemas"].items():
        if "properties" in component:
            assert component["additionalProperties"] is False, name
    answer = made["components"]["schemas"]["GetReleaseAnswer"]
    assert answer["properties"]["endpoint"] == {"type": "string", "const": "/release/get"}
    assert sorted(answer["required"]) == ["endpoint", "release"]


def test_every_example_is_what_the_schema_allows(made) -> None:
    checked = 0
    for _, _, operation in operations(made):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            content = body.get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                whole = {**content["schema"], "components": made["components"]}
                jsonschema_rs.Draft202012Validator(whole).validate(example["value"])
                checked += 1
    assert checked >= len(list(operations(made)))


def test_a_limit_that_an_endpoint_names_is_in_the_table() -> None:
    named = {view.action for _, view in endpoints() if view.action}
    assert named
    assert named <= set(LIMITS)


def test_a_path_says_what_its_parts_may_look_like(made) -> None:
    parameters = made["paths"]["/api/release/get/{project}/{version}"]["get"]["parameters"]
    assert {each["name"]: each["schema"]["pattern"] for each in parameters}["project"] == (
        "^[a-z0-9-]{1,60}$"
    )
    assert all(each["description"] for each in parameters)


def test_it_is_served_as_json_and_may_be_kept_for_a_while() -> None:
    answer = Client().get("/api/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.content == document(False)
    assert json.loads(document(True)) == json.loads(document(False))
