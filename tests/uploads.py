"""Uploads as they come over the wire, with whatever is wrong with them."""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret
from django.test import RequestFactory

BOUNDARY = "7MA4YWxkTrZu0gW"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
FINAL = f"--{BOUNDARY}--\r\n".encode()

Part = tuple[str, bytes]


def head_of(name: str, filename: str | bytes | None = None) -> bytes:
    """What stands before a part's content. A filename is written as it is, well or ill."""
    shown = b""
    if filename is not None:
        raw = filename if isinstance(filename, bytes) else filename.encode()
        shown = b'; filename="' + raw.replace(b"\\", b"\\\\") + b'"'
    kind = b"\r\nContent-Type: application/octet-stream" if filename is not None else b""
    lead = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
    return lead + shown + kind + b"\r\n\r\n"


def body_of(
    files: Iterable[tuple[str | bytes, bytes]], fields: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A whole body: the fields, the files in their order, the closing boundary."""
    parts = [head_of(name) + value.encode() + b"\r\n" for name, value in fields]
    parts += [head_of("files", name) + content + b"\r\n" for name, content in files]
    return b"".join([*parts, FINAL])


def token() -> tuple[str, str]:
    """A cookie and a form's token that belong together."""
    secret = _get_new_csrf_string()
    return secret, _mask_cipher_secret(secret)


def request(
    person: Any,
    body: bytes | None = None,
    *,
    files: Iterable[tuple[str | bytes, bytes]] = (),
    fields: Sequence[tuple[str, str]] = (),
    with_token: bool = True,
    **meta: Any,
) -> HttpRequest:
    """A POST of this person as the upload view sees it. `meta` replaces what headers say."""
    cookie, proof = token()
    if with_token:
        fields = [("csrfmiddlewaretoken", proof), *fields]
    sent = body_of(files, fields) if body is None else body
    made = RequestFactory().generic("POST", "/upload", sent, content_type=TYPE)
    made.META.update(meta)
    made.COOKIES["csrftoken"] = cookie
    made.user = person  # type: ignore[assignment]
    return made


def random_name() -> str:
    return f"apache-{secrets.token_hex(4)}.tar.gz"
