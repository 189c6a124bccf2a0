"""JSON of a page's own script: an object of bounded size, or a sentence."""

import pytest
from django.test import RequestFactory

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.json_body import object_in


def of(body: bytes):
    return RequestFactory().generic("POST", "/", body, content_type="application/json")


def test_an_object_is_read():
    assert object_in(of(b'{"a": [1]}')) == {"a": [1]}


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 100_000])
def test_anything_else_is_refused(body):
    with pytest.raises(BadInput):
        object_in(of(body))


def test_no_more_is_read_than_a_form_may_have(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    with pytest.raises(BadInput, match="too many files"):
        object_in(of(b'{"a": "' + b"x" * 50 + b'"}'))
