"""Bodies in chunks are read where the web server knows their end, and nowhere else."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from trusted_releases.api.chunks import is_chunked, reader_of
from trusted_releases.lib.errors import BadInput

CHUNKED = {"HTTP_TRANSFER_ENCODING": "gzip, Chunked", "CONTENT_LENGTH": ""}


def request(body: io.BytesIO, **meta: Any) -> Any:
    return RequestFactory().post("/", **{"wsgi.input": body} | meta)


def test_a_body_with_a_length_is_read_as_ever() -> None:
    plain = RequestFactory().post("/", b"abc", content_type="text/plain")
    assert not is_chunked(plain)
    assert reader_of(plain)(2) == b"ab"


def test_chunks_are_read_to_their_end() -> None:
    found = request(io.BytesIO(b"abc"), **CHUNKED, **{"wsgi.input_terminated": True})
    assert is_chunked(found)
    assert reader_of(found)(10) == b"abc"


def test_chunks_whose_end_nobody_knows_are_refused() -> None:
    with pytest.raises(BadInput, match="Content-Length"):
        reader_of(request(io.BytesIO(b"abc"), **CHUNKED))


def test_what_web_servers_say_of_broken_chunks_is_a_broken_body() -> None:
    class Broken(io.BytesIO):
        def read(self, *size: Any) -> bytes:
            raise ValueError("zz is no size")

    found = request(Broken(), **CHUNKED, **{"wsgi.input_terminated": True})
    with pytest.raises(OSError, match="not what they should be"):
        reader_of(found)(10)
