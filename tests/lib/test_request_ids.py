"""The id of a request: in the answer's header, and in every line of the log."""

import logging

from django.test import Client

from trusted_releases.lib import request_ids


def test_each_request_has_its_own() -> None:
    first, second = (Client().get("/healthz").headers["X-Request-Id"] for _ in range(2))
    assert first != second
    assert len(first) == 32


def test_what_a_client_sends_as_one_is_not_taken() -> None:
    answer = Client().get("/healthz", headers={"X-Request-Id": "evil"})
    assert answer.headers["X-Request-Id"] != "evil"


def test_log_lines_carry_it() -> None:
    known = request_ids.begin()
    record = logging.LogRecord("x", logging.INFO, "x", 1, "text", None, None)
    assert request_ids.OfRequest().filter(record)
    assert record.request_id == known == request_ids.current()
