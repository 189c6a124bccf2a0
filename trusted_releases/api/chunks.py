"""Bodies that come in chunks: whoever sends a pipe cannot say how long it is."""

from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from django.http import HttpRequest

from trusted_releases.lib.errors import BadInput


def is_chunked(body: HttpRequest) -> bool:
    """Whether it comes in pieces, and nobody has said how long it is."""
    return "chunked" in body.META.get("HTTP_TRANSFER_ENCODING", "").lower()


def reader_of(body: HttpRequest) -> Callable[[int], bytes]:
    """The body as it comes. Whoever sends a pipe cannot say how long it is, and sends chunks; they
    are read where the web server knows the end of them."""
    if is_chunked(body):
        if body.META.get("wsgi.input_terminated"):
            return partial(_chunked, body.META["wsgi.input"])
        raise BadInput("Say in Content-Length how many bytes you send.")
    return body.read


def _chunked(source: BinaryIO, size: int) -> bytes:
    try:
        return source.read(size)
    except Exception as error:  # each web server has its own for chunks that are none
        raise OSError("The chunks of the body are not what they should be.") from error
