"""One body for every error, with the status that its kind has."""

import logging

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.test import Client
from rest_framework.exceptions import MethodNotAllowed, UnsupportedMediaType

from trusted_releases.api import errors
from trusted_releases.api.errors import handle
from trusted_releases.ledger.limits import TooMany
from trusted_releases.lib import request_ids
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle, Refused, Stale

SAID = {
    errors.Unauthenticated(): (401, errors.NO_TOKEN),
    errors.Unauthenticated("Token has expired"): (401, "Token has expired"),
    errors.BadParameter("x"): (400, "Parameter 'x' is invalid."),
    errors.Missing("Release a-1 not found"): (404, "Release a-1 not found"),
    errors.TooLarge(1000): (413, "The body is larger than 1,000 bytes, which is what this takes."),
    PermissionDenied("Not you."): (403, "Not you."),
    PermissionDenied(): (403, "You are not permitted to do this."),
    Http404(): (404, "Not Found"),
    BadInput("No such name."): (400, "No such name."),
    Stale("Somebody was first."): (409, "Somebody was first."),
    Refused("No."): (409, "No."),
    NotReady([Obstacle("a", "One."), Obstacle("b", "Two.")]): (409, "One. Two."),
    TooMany(5): (429, "Rate limit exceeded. Try again in 6 seconds."),
    SuspiciousOperation("?"): (400, "?"),
    RequestDataTooBig("Too big."): (413, "Too big."),
    MethodNotAllowed("PUT"): (405, 'Method "PUT" not allowed.'),
    UnsupportedMediaType("text/plain"): (415, 'Unsupported media type "text/plain" in request.'),
    ZeroDivisionError("secret"): (500, "Internal Server Error"),
}


@pytest.mark.parametrize("error", SAID, ids=lambda error: type(error).__name__)
def test_each_error_has_its_status_and_sentence(error) -> None:
    request_ids.begin()
    answer = handle(error, {})
    assert (answer.status_code, answer.data["error"]) == SAID[error]
    assert answer.data["request_id"] == request_ids.current()
    more = {"retry_after"} if isinstance(error, TooMany) else set()
    assert set(answer.data) == {"error", "request_id"} | more


def test_programs_read_why_in_a_header() -> None:
    both = NotReady([Obstacle("a", "One."), Obstacle("b", "Two."), Obstacle("a", "Three.")])
    assert handle(both, {}).headers["Refusal-Codes"] == "a, b"
    assert handle(Stale("x"), {}).headers["Refusal-Codes"] == "stale"


def test_who_waits_is_told_how_long() -> None:
    answer = handle(TooMany(5), {})
    assert (answer.data["retry_after"], answer.headers["Retry-After"]) == (6, "6")


def test_wrong_input_comes_with_its_details() -> None:
    detail = {"type": "missing", "loc": ["a"], "msg": "Field required", "input": None, "url": "x"}
    answer = handle(errors.InvalidInput([detail]), {})
    assert answer.data["error"] == "Input validation failed"
    assert answer.data["validation_details"] == [detail]


def raised() -> ZeroDivisionError:
    try:
        hidden = "secret"
        raise ZeroDivisionError(f"{hidden} sentence")
    except ZeroDivisionError as error:
        return error


def test_only_in_test_mode_an_error_of_ours_tells_about_itself(settings, caplog) -> None:
    settings.TEST_MODE = True
    data = handle(raised(), {}).data
    assert (data["error"], data["exception_type"]) == ("secret sentence", "ZeroDivisionError")
    assert "in raised" in data["traceback"]
    settings.TEST_MODE, settings.DEBUG = False, True
    assert set(handle(raised(), {}).data) == {"error", "request_id"}


def test_the_log_has_the_error_under_the_same_id(caplog) -> None:
    request_ids.begin()
    caplog.handler.addFilter(request_ids.OfRequest())
    with caplog.at_level(logging.ERROR):
        answer = handle(raised(), {})
    record = caplog.records[-1]
    assert record.request_id == answer.data["request_id"]
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/release/get/", "/api/jwt/create/"]
)
def test_an_address_that_is_none_is_refused_in_json(path: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(enforce_csrf_checks=True), method)(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
        assert set(answer.json()) == {"error", "request_id"}


def test_what_django_refuses_before_us_is_refused_in_json_too(settings) -> None:
    settings.ALLOWED_HOSTS = ["releases.example.org"]
    answer = Client().get("/api/projects/list", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
    assert Client().get("/", headers={"Host": "evil.example"}).headers["Content-Type"] != (
        "application/json"
    )
